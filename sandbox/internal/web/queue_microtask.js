(function (wt) {
  const resolved = Promise.resolve();
  const then = resolved.then;
  return function queueMicrotask(callback) {
    if (typeof callback !== 'function') throw wt.argType('callback', 'of type function', callback);
    then.call(resolved, () => { callback(); });
  };
})
