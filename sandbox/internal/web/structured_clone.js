(function (wt) {
  const errors = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
  const refuse = (v) => {
    const text = typeof v === 'symbol' ? v.toString() : typeof v === 'function' ? String(v) : '#<Object>';
    throw new (wt.global('DOMException'))(`${text} could not be cloned.`, 'DataCloneError');
  };
  function build(v, kind, seen) {
    switch (kind) {
      case 'Date': return new Date(v.getTime());
      case 'RegExp': return new RegExp(v.source, v.flags);
      case 'Number': case 'String': case 'Boolean': case 'BigInt': return Object(v.valueOf());
      case 'ArrayBuffer': return v.slice(0);
      case 'Map': return new Map();
      case 'Set': return new Set();
      case 'Error': return cloneError(v, seen);
      case 'Array': return new Array(v.length);
      case 'Object': return {};
      default: return undefined;
    }
  }
  function cloneError(v, seen) {
    const name = String(v.name);
    const real = new (errors[name] || Error)(String(v.message));
    for (const key of ['message', 'stack']) {
      const d = Object.getOwnPropertyDescriptor(v, key);
      if (d && 'value' in d) Object.defineProperty(real, key, { value: String(d.value), writable: true, configurable: true });
    }
    if (Object.prototype.hasOwnProperty.call(v, 'cause')) {
      Object.defineProperty(real, 'cause', { value: clone(v.cause, seen), writable: true, configurable: true });
    }
    return real;
  }
  function view(v, seen) {
    const buffer = clone(v.buffer, seen);
    const length = v.BYTES_PER_ELEMENT ? v.length : v.byteLength;
    const name = v.BYTES_PER_ELEMENT ? v[Symbol.toStringTag] : 'DataView';
    return new globalThis[name](buffer, v.byteOffset, length);
  }
  function clone(v, seen) {
    if (typeof v === 'symbol' || typeof v === 'function') refuse(v);
    if (v === null || typeof v !== 'object') return v;
    if (seen.has(v)) return seen.get(v);
    const kind = wt.kind(v);
    const out = ArrayBuffer.isView(v) ? view(v, seen) : build(v, kind, seen);
    if (out === undefined) refuse(v);
    seen.set(v, out);
    if (kind === 'Map') for (const [k, x] of [...v]) out.set(clone(k, seen), clone(x, seen));
    else if (kind === 'Set') for (const x of [...v]) out.add(clone(x, seen));
    else if (kind === 'Array' || kind === 'Object') for (const k of Object.keys(v)) out[k] = clone(v[k], seen);
    return out;
  }
  return function structuredClone(value) {
    if (arguments.length === 0) throw wt.fail('TypeError', 'ERR_MISSING_ARGS', 'The "value" argument must be specified');
    return clone(value, new Map());
  };
})
