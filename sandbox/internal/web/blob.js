(function (wt) {
  class Blob {
    #bytes;
    #type;
    constructor(parts = [], options = {}) {
      if (parts === null || typeof parts !== 'object') throw wt.argType('sources', 'a sequence', parts);
      this.#bytes = wt.join(Array.from(parts, (p) => (p instanceof Blob ? p.#bytes : ArrayBuffer.isView(p) || p instanceof ArrayBuffer ? p : `${p}`)));
      const type = `${options && options.type !== undefined ? options.type : ''}`;
      this.#type = /[^ -~]/.test(type) ? '' : type.toLowerCase();
    }
    get size() { return this.#bytes.length; }
    get type() { return this.#type; }
    slice(start, end, type) { return new Blob([this.#bytes.slice(start, end)], { type }); }
    async arrayBuffer() { return this.#bytes.slice().buffer; }
    async bytes() { return this.#bytes.slice(); }
    async text() { return wt.text(this.#bytes); }
    get [Symbol.toStringTag]() { return 'Blob'; }
  }
  return Blob;
})
