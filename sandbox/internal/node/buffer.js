(function (wt) {
  const U8 = Uint8Array;
  const MAX = 64 * 1024 * 1024; // what one script may ask for at once

  const outOfRange = (name, want, got) => wt.fail('RangeError', 'ERR_OUT_OF_RANGE',
    `The value of "${name}" is out of range. It must be ${want}. Received ${grouped(got)}`);
  const grouped = (n) => {
    const big = typeof n === 'bigint';
    if (!big && !(Number.isInteger(n) && Math.abs(n) > 2 ** 32)) {
      return big ? `${n}n` : String(n);
    }
    return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, '_') + (big ? 'n' : '');
  };
  const unknownEncoding = (e) => wt.fail('TypeError', 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${e}`);
  wt.outOfRange = outOfRange;
  const FastBuffer = wt.methods(U8, { outOfRange, unknownEncoding });
  const proto = FastBuffer.prototype;

  function Buffer(value, encoding, length) {
    if (typeof value === 'number') {
      if (typeof encoding === 'string') throw wt.argType('string', 'of type string', value);
      return Buffer.alloc(value);
    }
    return Buffer.from(value, encoding, length);
  }
  Object.setPrototypeOf(Buffer, U8);
  Buffer.prototype = proto;
  Object.defineProperty(proto, 'constructor', { value: Buffer, writable: true, configurable: true });
  Object.defineProperty(Buffer, Symbol.species, { configurable: true, get() { return FastBuffer; } });

  const size = (n) => {
    if (typeof n !== 'number') throw wt.argType('size', 'of type number', n);
    if (!(n >= 0 && n <= MAX)) throw outOfRange('size', `>= 0 && <= ${MAX}`, n);
    return n;
  };
  const wrap = (ab) => new FastBuffer(ab);
  const copyOf = (list) => {
    const n = list.length > 0 ? size(+list.length) : 0;
    const b = new FastBuffer(n);
    for (let i = 0; i < n; i++) b[i] = list[i];
    return b;
  };

  function fromObject(v, encoding) {
    if (v instanceof U8) return new FastBuffer(v);
    const inner = typeof v.valueOf === 'function' ? v.valueOf() : v;
    if (inner != null && inner !== v && (typeof inner === 'string' || typeof inner === 'object')) {
      return Buffer.from(inner, encoding);
    }
    if (v.length !== undefined || wt.isAnyArrayBuffer(v.buffer)) {
      return typeof v.length === 'number' ? copyOf(v) : new FastBuffer(0);
    }
    if (v.type === 'Buffer' && Array.isArray(v.data)) return copyOf(v.data);
    if (typeof v[Symbol.toPrimitive] === 'function') {
      const s = v[Symbol.toPrimitive]('string');
      if (typeof s === 'string') return Buffer.from(s, encoding);
    }
    return undefined;
  }

  wt.hide(Buffer, {
    from(v, encoding, length) {
      if (typeof v === 'string') return wrap(wt.encode(v, encoding));
      if (typeof v === 'object' && v !== null) {
        if (wt.isAnyArrayBuffer(v)) return fromArrayBuffer(v, encoding, length);
        const b = fromObject(v, encoding);
        if (b !== undefined) return b;
      }
      throw wt.argType('first argument',
        'of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object', v);
    },
    of(...items) { return copyOf(items); },
    alloc(n, fill, encoding) {
      const b = new FastBuffer(size(n));
      return fill !== undefined && fill !== 0 && n > 0 ? b.fill(fill, encoding) : b;
    },
    allocUnsafe(n) { return new FastBuffer(size(n)); },
    allocUnsafeSlow(n) { return new FastBuffer(size(n)); },
    isBuffer(v) { return v instanceof Buffer; },
    isEncoding(e) { return typeof e === 'string' && wt.isEncoding(e); },
    byteLength(v, encoding) {
      if (typeof v === 'string') return wt.byteLength(v, encoding);
      if (ArrayBuffer.isView(v) || wt.isAnyArrayBuffer(v)) return v.byteLength;
      throw wt.argType('string', 'of type string or an instance of Buffer or ArrayBuffer', v);
    },
    compare(a, b) {
      if (!(a instanceof U8)) throw wt.argType('buf1', 'an instance of Buffer or Uint8Array', a);
      if (!(b instanceof U8)) throw wt.argType('buf2', 'an instance of Buffer or Uint8Array', b);
      return wt.compare(a, b);
    },
    concat(list, total) {
      if (!Array.isArray(list)) throw wt.argType('list', 'an instance of Array', list);
      list.forEach((b, i) => {
        if (!(b instanceof U8)) throw wt.argType(`list[${i}]`, 'an instance of Buffer or Uint8Array', b);
      });
      if (total === undefined) total = list.reduce((n, b) => n + b.length, 0);
      const out = new FastBuffer(size(total));
      let at = 0;
      for (const b of list) {
        if (at >= total) break;
        out.set(at + b.length > total ? b.subarray(0, total - at) : b, at);
        at += b.length;
      }
      return out;
    },
    copyBytesFrom(view, offset = 0, length) {
      const per = view.BYTES_PER_ELEMENT;
      const end = length === undefined ? view.length : Math.min(view.length, offset + length);
      const b = new U8(view.buffer, view.byteOffset + offset * per, Math.max(0, end - offset) * per);
      return new FastBuffer(b);
    },
  });
  Buffer.poolSize = 8192;

  function fromArrayBuffer(ab, offset, length) {
    offset = offset === undefined ? 0 : +offset || 0;
    const most = ab.byteLength - offset;
    if (most < 0) throw wt.fail('RangeError', 'ERR_BUFFER_OUT_OF_BOUNDS', '"offset" is outside of buffer bounds');
    if (length === undefined) return new FastBuffer(ab, offset);
    length = Math.max(+length || 0, 0);
    if (length > most) throw wt.fail('RangeError', 'ERR_BUFFER_OUT_OF_BOUNDS', '"length" is outside of buffer bounds');
    return new FastBuffer(ab, offset, length);
  }

  wt.hide(proto, { toString: wt.toString, toLocaleString: wt.toString });
  wt.later(proto);

  const constants = { MAX_LENGTH: MAX, MAX_STRING_LENGTH: 536870888 };
  return {
    Buffer,
    SlowBuffer: Buffer.allocUnsafeSlow,
    kMaxLength: MAX,
    kStringMaxLength: constants.MAX_STRING_LENGTH,
    INSPECT_MAX_BYTES: 50,
    constants,
    get atob() { return wt.global('atob'); },
    get btoa() { return wt.global('btoa'); },
    isUtf8: (b) => wt.isUtf8(b),
    isAscii: (b) => wt.isAscii(b),
    transcode: (b, from, to) => Buffer.from(Buffer.from(b).toString(from), to),
  };
})
