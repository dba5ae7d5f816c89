(function (wt) {
  const state = Symbol.for('wt.event');
  class EventTarget {
    #listeners = new Map();
    addEventListener(type, listener, options) {
      if (listener === null || listener === undefined) return;
      const { capture, once, signal, passive } = typeof options === 'boolean' ? { capture: options } : options || {};
      if (signal && signal.aborted) return;
      const list = this.#listeners.get(`${type}`) || [];
      if (list.some((l) => l.listener === listener && l.capture === !!capture)) return;
      this.#listeners.set(`${type}`, [...list, { listener, capture: !!capture, once: !!once, passive: !!passive }]);
      if (signal) signal.addEventListener('abort', () => this.removeEventListener(type, listener, options), { once: true });
    }
    removeEventListener(type, listener, options) {
      const capture = typeof options === 'boolean' ? options : !!(options && options.capture);
      const list = this.#listeners.get(`${type}`);
      if (!list) return;
      for (const l of list) if (l.listener === listener && l.capture === capture) l.removed = true;
      this.#listeners.set(`${type}`, list.filter((l) => !l.removed));
    }
    dispatchEvent(event) {
      const s = event && event[state];
      if (!s) throw wt.argType('event', 'an instance of Event', event);
      if (s.phase !== 0) throw new (wt.global('DOMException'))('The event is already being dispatched', 'InvalidStateError');
      s.target = s.current = this;
      s.phase = 2;
      for (const l of this.#listeners.get(s.type) || []) {
        if (l.removed) continue;
        if (l.once) this.removeEventListener(s.type, l.listener, l.capture);
        s.passive = l.passive;
        this.#call(l.listener, event);
        if (s.stopped) break;
      }
      s.current = null;
      s.phase = 0;
      s.passive = s.stopped = false;
      return !s.prevented;
    }
    // What a listener throws must not stop the others; it is reported as an
    // unhandled rejection is.
    #call(listener, event) {
      try {
        if (typeof listener === 'function') listener.call(this, event);
        else if (typeof listener.handleEvent === 'function') listener.handleEvent(event);
      } catch (err) {
        Promise.reject(err);
      }
    }
    get [Symbol.toStringTag]() { return 'EventTarget'; }
  }
  return EventTarget;
})
