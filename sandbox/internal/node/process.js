(function (wt) {
  const stream = (level, fd) => ({
    fd,
    isTTY: false,
    writable: true,
    columns: 80,
    write(chunk, encoding, done) {
      wt.log(level, String(chunk).replace(/\n$/, ''));
      const callback = typeof encoding === 'function' ? encoding : done;
      if (typeof callback === 'function') callback();
      return true;
    },
    on() { return this; },
    once() { return this; },
    end() {},
  });
  const ignore = function () { return process; };
  const hrtime = (since) => {
    const [s, ns] = wt.hrtime();
    if (!since) return [s, ns];
    const d = [s - since[0], ns - since[1]];
    return d[1] < 0 ? [d[0] - 1, d[1] + 1e9] : d;
  };
  hrtime.bigint = () => {
    const [s, ns] = wt.hrtime();
    return BigInt(s) * 1000000000n + BigInt(ns);
  };
  const refuse = (name) => function () {
    throw wt.fail('Error', 'ERR_WT_HOST_PROCESS', `process.${name}: a task cannot exit the host`);
  };
  const process = {
    title: 'wt',
    version: wt.version(),
    versions: { node: wt.version().slice(1) },
    release: { name: 'node' },
    platform: 'linux',
    arch: wt.arch(),
    pid: 1,
    ppid: 0,
    argv: [],
    argv0: 'wt',
    execArgv: [],
    execPath: '',
    exitCode: undefined,
    env: {},
    features: {},
    config: {},
    stdout: stream(1, 1),
    stderr: stream(3, 2),
    nextTick(fn, ...args) {
      if (typeof fn !== 'function') throw wt.argType('callback', 'of type function', fn);
      wt.global('queueMicrotask')(() => { fn(...args); });
    },
    hrtime,
    uptime: () => wt.uptime(),
    cwd: () => '/',
    umask: () => 18,
    memoryUsage: Object.assign(() => wt.memory(), { rss: () => wt.memory().rss }),
    cpuUsage: () => ({ user: Math.trunc(wt.uptime() * 1e6), system: 0 }),
    emitWarning(warning, type = 'Warning') {
      wt.global('console').warn(`(wt) ${warning instanceof Error ? warning : `${type.type || type}: ${warning}`}`);
    },
    exit: refuse('exit'),
    abort: refuse('abort'),
    reallyExit: refuse('reallyExit'),
    kill: refuse('kill'),
    chdir() { throw wt.fail('Error', 'ERR_WT_HOST_PROCESS', 'process.chdir: a task has no working directory'); },
    emit: () => false,
    listeners: () => [],
    listenerCount: () => 0,
    eventNames: () => [],
  };
  for (const name of ['on', 'once', 'off', 'addListener', 'removeListener', 'removeAllListeners',
    'prependListener', 'prependOnceListener', 'setMaxListeners']) {
    process[name] = ignore;
  }
  Object.defineProperty(process, Symbol.toStringTag, { value: 'process', configurable: true });
  return process;
})
