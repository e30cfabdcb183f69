// `fs` and `fs/promises`: the plugin's data folder, its package to read, and what permissions open of the machine.
(function (kit) {
  'use strict';

  const { defineProperty, ownKeys, symbolFor } = kit.primordials;
  const calls = kit.use('modules/fs_calls');
  const { Dirent, Stats, failure } = kit.use('modules/fs_values');
  const { files: constants } = kit.use('modules/constants');
  const { exists, ofOpen, readInto, readv, works, writeFrom, writev } = kit.use('modules/fs_works');
  const promisifyCustom = symbolFor('nodejs.util.promisify.custom');

  const exports = {};
  const promises = { constants };

  const add = (group, isPromised) => {
    const names = ownKeys(group);
    for (let i = 0; i < names.length; i += 1) {
      const name = names[i];
      exports[name] = calls.calledBack(name, group[name]);
      exports[name + 'Sync'] = calls.sync(name + 'Sync', group[name]);
      if (isPromised) promises[name] = calls.promised(name, group[name]);
    }
  };
  add(works, true);
  add(ofOpen, false);

  // Those that tell their callback two things, and where they wait give the first.
  const addPair = (name, work, first, second) => {
    exports[name] = (...args) => {
      const done = kit.use('modules/errors').callback(args[args.length - 1], 'cb');
      args.length -= 1;
      const told = (error, value) => (error ? done(error) : done(null, value[first], value[second]));
      calls.settle(calls.runPromising(work, args), told);
    };
    exports[name + 'Sync'] = (...args) => calls.runWaiting(work, args)[first];
    const promised = (...args) => calls.runPromising(work, args);
    defineProperty(exports[name], promisifyCustom, { __proto__: null, value: promised, configurable: true });
  };
  addPair('read', readInto, 'bytesRead', 'buffer');
  addPair('readv', readv, 'bytesRead', 'buffers');
  addPair('write', writeFrom, 'bytesWritten', 'buffer');
  addPair('writev', writev, 'bytesWritten', 'buffers');

  // The one whose callback is told no error.
  exports.exists = (path, done) => { calls.settle(calls.runPromising(exists, [path]), (_, isThere) => done(isThere)); };
  exports.existsSync = calls.sync('existsSync', exists);
  defineProperty(exports.exists, promisifyCustom, { __proto__: null, value: calls.promised('exists', exists), configurable: true });

  exports.realpath.native = exports.realpath;
  exports.realpathSync.native = exports.realpathSync;
  exports.constants = constants;
  exports.F_OK = constants.F_OK;
  exports.R_OK = constants.R_OK;
  exports.W_OK = constants.W_OK;
  exports.X_OK = constants.X_OK;
  exports.Stats = Stats;
  exports.Dirent = Dirent;

  // Nobody tells the host of changes in files.
  const unwatched = (name) => (path) => {
    throw failure('ENOSYS', -38, 'function not implemented', name, typeof path === 'string' ? path : undefined);
  };
  exports.watch = unwatched('watch');
  exports.watchFile = unwatched('watchFile');
  exports.unwatchFile = () => {};
  promises.watch = unwatched('watch');

  // What needs streams or handles is made when it is first used.
  const lazily = (target, name, make) => defineProperty(target, name, {
    __proto__: null,
    enumerable: true,
    configurable: true,
    get: () => {
      const value = make();
      defineProperty(target, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
      return value;
    },
    set: (value) => defineProperty(target, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true }),
  });
  const stream = (name) => lazily(exports, name, () => kit.use('modules/fs_streams')[name]);
  stream('ReadStream');
  stream('WriteStream');
  stream('createReadStream');
  stream('createWriteStream');
  lazily(exports, 'promises', () => promises);
  promises.open = (...args) => calls.runPromising(kit.use('modules/fs_handles').open, args);

  return { __proto__: null, exports, promises };
})
