const EventEmitter = require('events'); const e = new EventEmitter(); const log = [];
console.log(EventEmitter.EventEmitter === EventEmitter, EventEmitter.defaultMaxListeners, e.emit('none'), e.eventNames().length);
e.on('newListener', (n, f) => log.push('new ' + String(n))); const f1 = (...a) => log.push('f1 ' + a.join());
e.on('x', f1); e.once('x', () => log.push('once')); e.prependListener('x', () => log.push('first')); e.prependOnceListener('x', () => log.push('firstOnce'));
console.log(e.listenerCount('x'), e.rawListeners('x').length, e.listeners('x')[2] === f1, e.emit('x', 1, 2), e.listenerCount('x')); e.emit('x', 3); console.log(log.join('|'));
e.on('removeListener', (n) => log.push('gone ' + n)); e.off('x', f1); e.removeAllListeners('x'); console.log(log.slice(-2).join(), e.eventNames().map(String).join());
for (const v of [new TypeError('bad'), 'text', { a: 1 }, undefined]) try { e.emit('error', v); } catch (x) { console.log(x.name, x.code, x.message); }
try { e.on('q'); } catch (x) { console.log(x.name, x.code, x.message); } try { e.setMaxListeners(-1); } catch (x) { console.log(x.code); }
console.log(e.setMaxListeners(3) === e, e.getMaxListeners(), e.on('s', () => {}) === e); const sym = Symbol('s'); e.on(sym, () => {}); console.log(e.eventNames().includes(sym));
class My extends EventEmitter { constructor() { super(); this.z = 1; } } const m = new My(); m.on('a', function () { console.log(this === m, this.z); }); m.emit('a');
function Old() { EventEmitter.call(this); } require('util').inherits(Old, EventEmitter); const o = new Old(); o.once('k', (v) => console.log('old', v)); o.emit('k', 5); console.log(o.emit('k', 6));
const p = EventEmitter.once(m, 'later'); m.emit('later', 7, 8); console.log((await p).join()); const q = EventEmitter.once(m, 'later2'); m.emit('error', new Error('rej')); await q.catch((x) => console.log(x.message));
const order = []; const r = new EventEmitter(); r.on('t', () => { order.push(1); r.on('t', () => order.push('added')); }); r.on('t', () => order.push(2)); r.emit('t'); console.log(order.join());
const d = new EventEmitter(); const g = () => console.log('g'); d.on('a', g); d.on('a', g); d.off('a', g); console.log(d.listenerCount('a')); console.log(Object.assign({}, EventEmitter.prototype).on === EventEmitter.prototype.on);
