(function (wt) {
  function EventEmitter(options) { init.call(this, options); }
  function init() {
    if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
      this._events = Object.create(null);
      this._eventsCount = 0;
    }
    this._maxListeners = this._maxListeners || undefined;
  }
  const check = (fn) => {
    if (typeof fn !== 'function') throw wt.argType('listener', 'of type function', fn);
  };
  const listOf = (self, type) => {
    const entry = self._events && self._events[type];
    return entry === undefined ? [] : typeof entry === 'function' ? [entry] : entry;
  };
  function add(self, type, fn, first) {
    check(fn);
    if (self._events === undefined) init.call(self);
    else if (self._events.newListener !== undefined) self.emit('newListener', type, fn.listener || fn);
    const entry = self._events[type];
    if (entry === undefined) {
      self._events[type] = fn;
      self._eventsCount++;
      return self;
    }
    // A fresh array each time, so that an emit under way keeps its own list.
    const list = typeof entry === 'function' ? [entry] : entry;
    self._events[type] = first ? [fn, ...list] : [...list, fn];
    warn(self, type);
    return self;
  }
  function warn(self, type) {
    const list = self._events[type];
    const max = self.getMaxListeners();
    if (max > 0 && list.length > max && !list.warned) {
      list.warned = true;
      wt.global('console').warn(`MaxListenersExceededWarning: Possible EventEmitter memory leak detected. ` +
        `${list.length} ${String(type)} listeners added. Use emitter.setMaxListeners() to increase limit`);
    }
  }
  function wrapOnce(self, type, fn) {
    check(fn);
    let fired = false;
    const wrapper = function (...args) {
      if (fired) return undefined;
      fired = true;
      self.removeListener(type, wrapper);
      return fn.apply(self, args);
    };
    wrapper.listener = fn;
    return wrapper;
  }
  function unhandled(er) {
    if (er instanceof Error) throw er;
    const text = typeof er === 'string' ? `'${er}'` : wt.module('util').inspect(er);
    const err = wt.fail('Error', 'ERR_UNHANDLED_ERROR', `Unhandled error. (${text})`);
    err.context = er;
    throw err;
  }
  function drop(self, type, list) {
    if (list.length === 0) {
      delete self._events[type];
      self._eventsCount--;
    } else {
      self._events[type] = list.length === 1 ? list[0] : list;
    }
  }

  const methods = {
    emit(type, ...args) {
      const entry = this._events && this._events[type];
      if (entry === undefined) {
        if (type === 'error') unhandled(args[0]);
        return false;
      }
      if (typeof entry === 'function') entry.apply(this, args);
      else for (const fn of entry) fn.apply(this, args);
      return true;
    },
    addListener(type, fn) { return add(this, type, fn, false); },
    on(type, fn) { return add(this, type, fn, false); },
    prependListener(type, fn) { return add(this, type, fn, true); },
    once(type, fn) { return add(this, type, wrapOnce(this, type, fn), false); },
    prependOnceListener(type, fn) { return add(this, type, wrapOnce(this, type, fn), true); },
    removeListener(type, fn) {
      check(fn);
      const list = listOf(this, type);
      for (let i = list.length - 1; i >= 0; i--) {
        if (list[i] !== fn && list[i].listener !== fn) continue;
        drop(this, type, list.filter((_, j) => j !== i));
        if (this._events.removeListener !== undefined) this.emit('removeListener', type, fn);
        break;
      }
      return this;
    },
    removeAllListeners(type) {
      if (this._events === undefined) return this;
      const types = type === undefined ? Reflect.ownKeys(this._events) : [type];
      for (const t of types) {
        if (this._events.removeListener === undefined) {
          if (this._events[t] !== undefined) drop(this, t, []);
        } else if (t !== 'removeListener' || types.length === 1) {
          for (const fn of [...listOf(this, t)].reverse()) this.removeListener(t, fn);
        }
      }
      if (type === undefined) {
        this._events = Object.create(null);
        this._eventsCount = 0;
      }
      return this;
    },
    listeners(type) { return listOf(this, type).map((fn) => fn.listener || fn); },
    rawListeners(type) { return [...listOf(this, type)]; },
    listenerCount(type, fn) {
      const list = listOf(this, type);
      return fn ? list.filter((f) => f === fn || f.listener === fn).length : list.length;
    },
    eventNames() { return this._events ? Reflect.ownKeys(this._events) : []; },
    setMaxListeners(n) {
      if (typeof n !== 'number' || !(n >= 0)) {
        throw wt.fail('RangeError', 'ERR_OUT_OF_RANGE',
          `The value of "n" is out of range. It must be a non-negative number. Received ${n}`);
      }
      this._maxListeners = n;
      return this;
    },
    getMaxListeners() {
      return this._maxListeners === undefined ? EventEmitter.defaultMaxListeners : this._maxListeners;
    },
  };
  methods.off = methods.removeListener;
  // Enumerable and on the prototype, as in Node: code copies them by for-in.
  Object.assign(EventEmitter.prototype, { _events: undefined, _eventsCount: 0, _maxListeners: undefined }, methods);

  Object.assign(EventEmitter, {
    EventEmitter,
    defaultMaxListeners: 10,
    init,
    errorMonitor: Symbol('events.errorMonitor'),
    captureRejectionSymbol: Symbol.for('nodejs.rejection'),
    usingDomains: false,
    listenerCount: (emitter, type) => emitter.listenerCount(type),
    getEventListeners: (emitter, type) => emitter.listeners(type),
    getMaxListeners: (emitter) => emitter.getMaxListeners(),
    setMaxListeners(n = 10, ...emitters) {
      if (emitters.length === 0) EventEmitter.defaultMaxListeners = n;
      for (const e of emitters) e.setMaxListeners(n);
    },
    once(emitter, type, options) {
      return new Promise((resolve, reject) => once(emitter, type, options && options.signal, resolve, reject));
    },
  });

  function once(emitter, type, signal, resolve, reject) {
    const aborted = () => {
      stop();
      const err = wt.fail('Error', 'ABORT_ERR', 'The operation was aborted');
      err.name = 'AbortError';
      err.cause = signal.reason;
      reject(err);
    };
    if (signal && signal.aborted) return aborted();
    const target = typeof emitter.on !== 'function';
    const listen = target ? 'addEventListener' : 'on';
    const unlisten = target ? 'removeEventListener' : 'off';
    const stop = () => {
      emitter[unlisten](type, done);
      if (!target) emitter.off('error', failed);
      if (signal) signal.removeEventListener('abort', aborted);
    };
    const done = (...args) => { stop(); resolve(args); };
    const failed = (err) => { stop(); reject(err); };
    emitter[listen](type, done);
    if (!target && type !== 'error') emitter.on('error', failed);
    if (signal) signal.addEventListener('abort', aborted);
    return undefined;
  }
  return EventEmitter;
})
