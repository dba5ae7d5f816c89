(function (wt) {
  const abort = Symbol.for('wt.abort');
  return class AbortController {
    #signal;
    get signal() { return this.#signal || (this.#signal = wt.global('AbortSignal')[abort]()); }
    abort(reason) { wt.global('AbortSignal')[abort](this.signal, reason); }
    get [Symbol.toStringTag]() { return 'AbortController'; }
  };
})
