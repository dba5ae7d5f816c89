(function (wt) {
  const abort = Symbol.for('wt.abort'); // how AbortController reaches a signal
  const Exception = () => wt.global('DOMException');
  let allowed = false;
  class AbortSignal extends wt.global('EventTarget') {
    #aborted = false;
    #reason;
    #handler = null;
    #dependents = [];
    constructor() {
      if (!allowed) throw wt.fail('TypeError', 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor');
      super();
    }
    static #make() {
      allowed = true;
      try {
        return new AbortSignal();
      } finally {
        allowed = false;
      }
    }
    static [abort](signal, reason) {
      if (signal === undefined) return AbortSignal.#make();
      signal.#abort(reason);
      return signal;
    }
    #abort(reason) {
      if (this.#aborted) return;
      this.#aborted = true;
      this.#reason = reason === undefined ? new (Exception())('This operation was aborted', 'AbortError') : reason;
      this.dispatchEvent(new (wt.global('Event'))('abort'));
      for (const s of this.#dependents) s.#abort(this.#reason);
      this.#dependents = [];
    }
    get aborted() { return this.#aborted; }
    get reason() { return this.#reason; }
    get onabort() { return this.#handler; }
    set onabort(fn) {
      if (this.#handler) this.removeEventListener('abort', this.#handler);
      this.#handler = typeof fn === 'function' ? fn : null;
      if (this.#handler) this.addEventListener('abort', this.#handler);
    }
    throwIfAborted() { if (this.#aborted) throw this.#reason; }
    static abort(reason) {
      const s = AbortSignal.#make();
      s.#abort(reason);
      return s;
    }
    static timeout(ms) {
      const s = AbortSignal.#make();
      const reason = () => new (Exception())('The operation was aborted due to timeout', 'TimeoutError');
      const timer = globalThis.setTimeout(() => s.#abort(reason()), ms);
      // A timeout alone must not keep an invocation waiting.
      if (timer && typeof timer.unref === 'function') timer.unref();
      return s;
    }
    static any(signals) {
      const out = AbortSignal.#make();
      for (const s of Array.from(signals)) {
        if (s.#aborted) {
          out.#abort(s.#reason);
          return out;
        }
      }
      for (const s of Array.from(signals)) s.#dependents.push(out);
      return out;
    }
    get [Symbol.toStringTag]() { return 'AbortSignal'; }
  }
  return AbortSignal;
})
