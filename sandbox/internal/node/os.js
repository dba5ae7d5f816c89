(function (wt) {
  // Constants: a task must not learn about the machine it runs on.
  const value = (v) => () => v;
  return {
    EOL: '\n',
    devNull: '/dev/null',
    platform: value('linux'),
    type: value('Linux'),
    release: value(''),
    version: value(''),
    arch: () => wt.global('process').arch,
    machine: () => wt.global('process').arch,
    endianness: value('LE'),
    hostname: value('localhost'),
    homedir: value('/'),
    tmpdir: value('/tmp'),
    cpus: () => [],
    availableParallelism: value(1),
    loadavg: () => [0, 0, 0],
    uptime: value(0),
    totalmem: value(64 * 1024 * 1024),
    freemem: value(64 * 1024 * 1024),
    networkInterfaces: () => ({}),
    userInfo: () => ({ uid: 0, gid: 0, username: 'task', homedir: '/', shell: null }),
    constants: { signals: {}, errno: {}, priority: {} },
  };
})
