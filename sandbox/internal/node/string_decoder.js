(function (wt) {
  // Bytes of a character that is not complete wait for the next write.
  function StringDecoder(encoding) {
    this.encoding = wt.encodingName(encoding);
    this.pending = new Uint8Array(0);
  }
  const join = (a, b) => {
    if (a.length === 0) return b;
    const out = new Uint8Array(a.length + b.length);
    out.set(a);
    out.set(b, a.length);
    return out;
  };
  StringDecoder.prototype.write = function (chunk) {
    if (typeof chunk === 'string') return chunk;
    if (!ArrayBuffer.isView(chunk)) {
      throw wt.argType('buf', 'an instance of Buffer, TypedArray, or DataView', chunk);
    }
    const bytes = join(this.pending, new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    const whole = wt.complete(bytes, this.encoding);
    this.pending = bytes.slice(whole);
    return wt.decode(bytes.subarray(0, whole), this.encoding);
  };
  StringDecoder.prototype.end = function (chunk) {
    const head = chunk === undefined ? '' : this.write(chunk);
    const rest = this.pending;
    this.pending = new Uint8Array(0);
    return head + wt.decode(rest, this.encoding);
  };
  StringDecoder.prototype.text = function (chunk, offset) {
    this.pending = new Uint8Array(0);
    return this.write(chunk.slice(offset));
  };
  Object.defineProperty(StringDecoder.prototype, 'lastNeed', { get() { return this.pending.length; } });
  return { StringDecoder };
})
