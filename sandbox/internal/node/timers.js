(function (wt) {
  // The loop's own functions, found when they are called: it installs them.
  const forward = (name) => function (...args) { return globalThis[name](...args); };
  const setTimeout = forward('setTimeout');
  const setImmediate = forward('setImmediate');
  const wait = (start, stop, value, options) => new Promise((resolve, reject) => {
    const signal = options && options.signal;
    const abort = () => {
      stop(timer);
      const err = wt.fail('Error', 'ABORT_ERR', 'The operation was aborted');
      err.name = 'AbortError';
      reject(err);
    };
    let timer;
    if (signal && signal.aborted) return abort();
    timer = start(() => {
      if (signal) signal.removeEventListener('abort', abort);
      resolve(value);
    });
    if (signal) signal.addEventListener('abort', abort);
    return undefined;
  });
  const promises = {
    setTimeout: (ms, value, options) =>
      wait((fn) => globalThis.setTimeout(fn, ms), (t) => globalThis.clearTimeout(t), value, options),
    setImmediate: (value, options) =>
      wait((fn) => globalThis.setImmediate(fn), (t) => globalThis.clearImmediate(t), value, options),
  };
  promises.scheduler = { wait: (ms, options) => promises.setTimeout(ms, undefined, options),
    yield: () => promises.setImmediate() };
  const custom = Symbol.for('nodejs.util.promisify.custom');
  setTimeout[custom] = promises.setTimeout;
  setImmediate[custom] = promises.setImmediate;
  return {
    setTimeout,
    clearTimeout: forward('clearTimeout'),
    setInterval: forward('setInterval'),
    clearInterval: forward('clearInterval'),
    setImmediate,
    clearImmediate: forward('clearImmediate'),
    promises,
  };
})
