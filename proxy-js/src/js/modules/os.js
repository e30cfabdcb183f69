// `os`: what a plugin may know of the machine, which is the system's name and little else.
(function (kit, native) {
  'use strict';

  const { os: constants } = kit.use('modules/constants');
  const { denied } = kit.use('modules/errors');
  const { process } = kit.use('modules/process');

  const TYPES = { __proto__: null, linux: 'Linux', darwin: 'Darwin', win32: 'Windows_NT' };

  const exports = {
    EOL: '\n',
    devNull: '/dev/null',
    constants,
    arch: () => process.arch,
    availableParallelism: () => 1,
    cpus: () => [{ model: 'cpu', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } }],
    endianness: () => 'LE',
    freemem: () => 0,
    getPriority: () => 0,
    homedir: () => '/plugin-data',
    hostname: () => 'localhost',
    loadavg: () => [0, 0, 0],
    machine: () => (process.arch === 'arm64' ? 'aarch64' : 'x86_64'),
    networkInterfaces: () => ({}),
    platform: () => process.platform,
    release: () => '0.0.0',
    setPriority: () => { throw denied('os.setPriority'); },
    tmpdir: () => '/plugin-data/tmp',
    totalmem: () => 0,
    type: () => TYPES[process.platform] || 'Linux',
    uptime: () => native.now() / 1000,
    userInfo: () => ({ uid: 1000, gid: 1000, username: 'plugin', homedir: '/plugin-data', shell: null }),
    version: () => '',
  };

  return { __proto__: null, exports };
})
