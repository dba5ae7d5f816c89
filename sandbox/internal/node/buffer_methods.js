(function (wt, U8, { outOfRange, unknownEncoding }) {
  const clamp = (v, fallback, length) => {
    if (v === undefined) return fallback;
    v = Math.trunc(+v) || 0;
    if (v < 0) v += length;
    return v < 0 ? 0 : v > length ? length : v;
  };
  const view = (v, name) => {
    if (!(v instanceof U8)) throw wt.argType(name, 'an instance of Buffer or Uint8Array', v);
    return v;
  };

  function part(b, start, end) {
    const n = b.length;
    const from = clamp(start, 0, n);
    const to = clamp(end, n, n);
    return new FastBuffer(b.buffer, b.byteOffset + from, to > from ? to - from : 0);
  }

  function search(b, value, offset, encoding, last) {
    if (typeof offset === 'string') { encoding = offset; offset = undefined; }
    offset = +offset;
    if (offset !== offset) offset = last ? b.length : 0;
    if (typeof value === 'number') value = Uint8Array.of(value);
    else if (typeof value === 'string') {
      value = new U8(wt.encode(value, encoding));
    } else if (!(value instanceof U8)) {
      throw wt.argType('value', 'one of type number or string or an instance of Buffer or Uint8Array', value);
    }
    return wt.find(b, value, Math.trunc(Math.max(-b.length - 1, Math.min(offset, b.length))), last);
  }

  class FastBuffer extends U8 {
    subarray(start, end) { return part(this, start, end); }
    slice(start, end) { return part(this, start, end); }
    equals(other) { return this === other || wt.compare(this, view(other, 'otherBuffer')) === 0; }
    compare(target, ts = 0, te, ss = 0, se) {
      view(target, 'target');
      if (te === undefined) te = target.length;
      if (se === undefined) se = this.length;
      if (ts < 0 || ts > target.length && te > ts) throw outOfRange('targetStart', `>= 0 && <= ${target.length}`, ts);
      if (te < 0 || te > target.length) throw outOfRange('targetEnd', `>= 0 && <= ${target.length}`, te);
      if (ss < 0) throw outOfRange('sourceStart', `>= 0 && <= ${this.length}`, ss);
      if (se < 0 || se > this.length) throw outOfRange('sourceEnd', `>= 0 && <= ${this.length}`, se);
      return wt.compare(part(this, ss, Math.max(ss, se)), part(target, ts, Math.max(ts, te)));
    }
    copy(target, at = 0, start = 0, end) {
      view(target, 'target');
      at = Math.trunc(at) || 0;
      start = Math.trunc(start) || 0;
      end = end === undefined ? this.length : Math.trunc(end) || 0;
      if (at < 0) throw outOfRange('targetStart', '>= 0', at);
      if (start < 0 || start > this.length) throw outOfRange('sourceStart', `>= 0 && <= ${this.length}`, start);
      if (end < 0) throw outOfRange('sourceEnd', '>= 0', end);
      if (at >= target.length || start >= end) return 0;
      const n = Math.min(end, this.length) - start;
      const m = Math.min(n, target.length - at);
      U8.prototype.set.call(target, part(this, start, start + m), at);
      return m;
    }
    write(string, offset, length, encoding) {
      if (typeof string !== 'string') throw wt.argType('argument', 'of type string', string);
      if (typeof offset === 'string') { encoding = offset; offset = length = undefined; }
      if (typeof length === 'string') { encoding = length; length = undefined; }
      offset = offset === undefined ? 0 : offset;
      if (!(offset >= 0 && offset <= this.length)) throw outOfRange('offset', `>= 0 && <= ${this.length}`, offset);
      const room = this.length - offset;
      if (length === undefined || length > room) length = room;
      if (length < 0) throw outOfRange('length', `>= 0 && <= ${this.length}`, length);
      return wt.write(this, string, offset, length, encoding);
    }
    fill(value, start, end, encoding) {
      if (typeof start === 'string') { encoding = start; start = end = undefined; }
      if (typeof end === 'string') { encoding = end; end = undefined; }
      start = start === undefined ? 0 : start;
      end = end === undefined ? this.length : end;
      if (!(start >= 0 && start <= this.length)) throw outOfRange('offset', `>= 0 && <= ${this.length}`, start);
      if (!(end >= 0 && end <= this.length)) throw outOfRange('end', `>= 0 && <= ${this.length}`, end);
      if (start >= end) return this;
      if (typeof value === 'string') {
        if (encoding !== undefined && !wt.isEncoding(encoding)) throw unknownEncoding(encoding);
        const text = value;
        value = value === '' ? 0 : new U8(wt.encode(value, encoding));
        if (value.length === 0) {
          throw wt.fail('TypeError', 'ERR_INVALID_ARG_VALUE', `The argument 'value' is invalid. Received '${text}'`);
        }
      } else if (typeof value === 'boolean') value = +value;
      if (value instanceof U8) {
        if (value.length === 0) {
          throw wt.fail('TypeError', 'ERR_INVALID_ARG_VALUE', `The argument 'value' is invalid. Received ''`);
        }
        wt.fill(this, value, start, end);
        return this;
      }
      return U8.prototype.fill.call(this, value & 255, start, end);
    }
    indexOf(value, offset, encoding) { return search(this, value, offset, encoding, false); }
    lastIndexOf(value, offset, encoding) { return search(this, value, offset, encoding, true); }
    includes(value, offset, encoding) { return search(this, value, offset, encoding, false) !== -1; }
    toJSON() { return { type: 'Buffer', data: Array.from(this) }; }
    [Symbol.for('nodejs.util.inspect.custom')]() {
      const hex = this.toString('hex', 0, 50).replace(/(..)(?=.)/g, '$1 ');
      const more = this.length - 50;
      return `<${this.constructor.name} ${hex}${more > 0 ? ` ... ${more} more byte${more > 1 ? 's' : ''}` : ''}>`;
    }
    get parent() { return this.buffer; }
    get offset() { return this.byteOffset; }
  }
  return FastBuffer;
})
