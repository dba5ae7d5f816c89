(function (wt) {
  const customPromisify = Symbol.for('nodejs.util.promisify.custom');
  const needFunction = (name, v) => {
    if (typeof v !== 'function') throw wt.argType(name, 'of type function', v);
  };

  function promisify(original) {
    needFunction('original', original);
    const custom = original[customPromisify];
    if (custom) {
      needFunction('util.promisify.custom', custom);
      return Object.defineProperty(custom, customPromisify, { value: custom, configurable: true });
    }
    function fn(...args) {
      return new Promise((resolve, reject) => {
        original.call(this, ...args, (err, value) => { if (err) reject(err); else resolve(value); });
      });
    }
    Object.setPrototypeOf(fn, Object.getPrototypeOf(original));
    Object.defineProperty(fn, customPromisify, { value: fn, configurable: true });
    return Object.defineProperties(fn, Object.getOwnPropertyDescriptors(original));
  }
  promisify.custom = customPromisify;

  function callbackify(original) {
    needFunction('original', original);
    function fn(...args) {
      const done = args.pop();
      needFunction('last argument', done);
      const later = (...result) => wt.global('process').nextTick(() => done.apply(this, result));
      original.apply(this, args).then((v) => later(null, v), (err) => {
        if (!err) {
          const wrapped = wt.fail('Error', 'ERR_FALSY_VALUE_REJECTION', 'Promise was rejected with falsy value');
          wrapped.reason = err;
          err = wrapped;
        }
        later(err);
      });
    }
    return fn;
  }

  function inherits(ctor, parent) {
    needFunction('ctor', ctor);
    needFunction('superCtor', parent);
    Object.defineProperty(ctor, 'super_', { value: parent, writable: true, configurable: true });
    Object.setPrototypeOf(ctor.prototype, parent.prototype);
  }

  const warned = new Set();
  function deprecate(fn, message, code) {
    let told = false;
    const warn = () => {
      if (told || code && warned.has(code)) return;
      told = true;
      if (code) warned.add(code);
      wt.global('process').emitWarning(message, 'DeprecationWarning');
    };
    function deprecated(...args) {
      warn();
      return new.target ? Reflect.construct(fn, args, new.target) : Reflect.apply(fn, this, args);
    }
    Object.setPrototypeOf(deprecated, fn);
    if (fn.prototype) deprecated.prototype = fn.prototype;
    return deprecated;
  }

  const debuglog = () => Object.assign(() => {}, { enabled: false });
  const types = () => wt.module('util/types');
  const is = (name) => (v) => typeof v === name;
  const util = {
    promisify, callbackify, inherits, deprecate, debuglog, debug: debuglog,
    isDeepStrictEqual: (a, b) => wt.equal(a, b, true),
    stripVTControlCharacters: (s) => String(s).replace(/\u001b\[[0-9;]*[A-Za-z]/g, ''),
    styleText: (style, text) => String(text),
    toUSVString: (s) => String(s).replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd'),
    get TextEncoder() { return wt.global('TextEncoder'); },
    get TextDecoder() { return wt.global('TextDecoder'); },
    aborted: (signal) => new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    }),
    _extend: (target, source) => Object.assign(target, source),
    isArray: Array.isArray,
    isBoolean: is('boolean'), isNumber: is('number'), isString: is('string'), isSymbol: is('symbol'),
    isUndefined: is('undefined'), isFunction: is('function'),
    isNull: (v) => v === null,
    isNullOrUndefined: (v) => v === null || v === undefined,
    isObject: (v) => v !== null && typeof v === 'object',
    isPrimitive: (v) => v === null || typeof v !== 'object' && typeof v !== 'function',
    isRegExp: (v) => types().isRegExp(v),
    isDate: (v) => types().isDate(v),
    isError: (v) => types().isNativeError(v) || v instanceof Error,
    isBuffer: (v) => wt.global('Buffer').isBuffer(v),
  };
  // Most scripts that load util want promisify or inherits: the rest is made when
  // it is first looked at, and can be replaced as any property can.
  const later = (make, names) => {
    for (const name of names) {
      const set = (value) => Object.defineProperty(util, name, { value, writable: true, enumerable: true, configurable: true });
      const get = () => {
        const made = make();
        set(made[name]);
        return made[name];
      };
      Object.defineProperty(util, name, { get, set, enumerable: true, configurable: true });
    }
  };
  let printing;
  later(() => printing || (printing = wt.inspect()), ['inspect', 'format', 'formatWithOptions']);
  later(() => ({ types: types() }), ['types']);
  return util;
})
