const t = new EventTarget(); const seen = [];
const l = (e) => seen.push(e.type + e.eventPhase + (e.target === t) + (e.currentTarget === t));
t.addEventListener('a', l); t.addEventListener('a', l); t.addEventListener('a', { handleEvent(e) { seen.push('obj'); e.preventDefault(); } }, { once: true });
const ev = new Event('a', { cancelable: true });
console.log(t.dispatchEvent(ev), ev.defaultPrevented, ev.target === t, ev.currentTarget, ev.eventPhase, t.dispatchEvent(new Event('a')), seen.join());
t.removeEventListener('a', l); console.log(t.dispatchEvent(new Event('a')), seen.length);
t.addEventListener('b', (e) => e.stopImmediatePropagation()); t.addEventListener('b', () => seen.push('never')); t.dispatchEvent(new Event('b')); console.log(seen.includes('never'));
const ac = new AbortController(); let n = 0; ac.signal.addEventListener('abort', () => n++); ac.signal.onabort = () => n += 10;
console.log(ac.signal.aborted, ac.signal.reason); ac.abort(); ac.abort(); console.log(ac.signal.aborted, n, ac.signal.reason.name, ac.signal.reason.message, ac.signal.reason.code);
try { ac.signal.throwIfAborted(); } catch (e) { console.log(e === ac.signal.reason, e instanceof DOMException, e instanceof Error); }
console.log(AbortSignal.abort('why').reason); const b = new AbortController(); const any = AbortSignal.any([b.signal, new AbortController().signal]); b.abort('r'); console.log(any.aborted, any.reason);
const to = AbortSignal.timeout(5); const keep = setTimeout(() => {}, 50); await new Promise((r) => to.addEventListener('abort', r)); console.log(to.reason.name, to.reason.code);
try { new AbortSignal(); } catch (e) { console.log(e.name); }
const d = new DOMException('m', 'DataCloneError'); console.log(d.name, d.message, d.code, DOMException.ABORT_ERR, d.NOT_FOUND_ERR, String(d), Object.prototype.toString.call(d));
console.log(new DOMException().name, new CustomEvent('x', { detail: 4 }).detail, new Event('q').isTrusted);
const order = []; queueMicrotask(() => order.push(2)); order.push(1); await null; console.log(order.join()); try { queueMicrotask(1); } catch (e) { console.log(e.code); }
const sub = new (class extends EventTarget { constructor() { super(); this.q = 1; } })(); let hit = 0; sub.addEventListener('z', function () { hit += this.q; }); sub.dispatchEvent(new Event('z')); console.log(hit);
