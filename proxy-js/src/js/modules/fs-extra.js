// `fs-extra`: what programs use besides `fs`. Every function promises, calls back if its last argument is a function, and has
// one with `Sync` that waits.
(function (kit) {
  'use strict';

  const {
    Error, apply, defineProperty, getDescriptor, join, ownKeys, parse, slice, split, startsWith, stringify, toText,
  } = kit.primordials;
  const { ask, calledBack, perform, promised, sync } = kit.use('modules/fs_calls');
  const { below, bytesOf, optionsOf, pathOf } = kit.use('modules/fs_values');
  const { exists, works, ofOpen } = kit.use('modules/fs_works');
  const fs = kit.use('modules/fs');
  const { dirname, resolve } = kit.use('modules/path').posix;

  // -- Folders and files ----------------------------------------------------------------------------------------------------

  function* ensureDir(path) { return yield ask('makeFolders', pathOf(path)); }

  function* ensureFile(path) {
    const written = pathOf(path);
    if (yield perform(exists, written)) return;
    yield perform(ensureDir, dirname(written));
    yield ask('write', written, bytesOf(''), { write: true, create: true, append: true });
  }

  function* emptyDir(path) {
    const folder = pathOf(path);
    yield ask('makeFolders', folder);
    const entries = yield ask('list', folder);
    for (let i = 0; i < entries.length; i += 1) yield ask('remove', below(folder, entries[i][0]), true, true);
  }

  function* remove(path) { yield ask('remove', pathOf(path), true, true); }

  function* outputFile(path, data, options) {
    const written = pathOf(path, 'file');
    const folder = dirname(written);
    if (!(yield perform(exists, folder))) yield perform(ensureDir, folder);
    yield perform(works.writeFile, written, data, options);
  }

  // -- Copying and moving -----------------------------------------------------------------------------------------------------

  const isInside = (from, to) => {
    const source = resolve('/plugin-data', from) + '/';
    const target = resolve('/plugin-data', to) + '/';
    return startsWith(target, source) && source !== target;
  };

  function* copy(from, to, options) {
    const { errorOnExist = false, filter, overwrite = true } = typeof options === 'function' ? { filter: options } : optionsOf(options);
    const source = pathOf(from, 'src');
    const target = pathOf(to, 'dest');
    if (resolve('/plugin-data', source) === resolve('/plugin-data', target)) throw new Error('Source and destination must not be the same.');
    if (isInside(source, target)) {
      const { kind } = yield ask('stat', source, false);
      if (kind === 'folder') throw new Error("Cannot copy '" + source + "' to a subdirectory of itself, '" + target + "'.");
    }
    if (errorOnExist && !overwrite && (yield perform(exists, target))) throw new Error("'" + target + "' already exists");
    const folder = dirname(target);
    if (!(yield perform(exists, folder))) yield perform(ensureDir, folder);
    yield perform(works.cp, source, target, { filter, force: overwrite, recursive: true });
  }

  function* move(from, to, options) {
    const { overwrite = false } = optionsOf(options);
    const source = pathOf(from, 'src');
    const target = pathOf(to, 'dest');
    if (isInside(source, target)) throw new Error("Cannot move '" + source + "' to a subdirectory of itself, '" + target + "'.");
    const folder = dirname(target);
    if (!(yield perform(exists, folder))) yield perform(ensureDir, folder);
    if (overwrite) yield ask('remove', target, true, true);
    else if (yield perform(exists, target)) throw new Error('dest already exists.');
    try {
      yield ask('rename', source, target);
    } catch (error) {
      if (error.code !== 'EXDEV') throw error;
      yield perform(copy, source, target, { overwrite: true });
      yield perform(remove, source);
    }
  }

  // -- JSON -------------------------------------------------------------------------------------------------------------------

  function* readJson(path, options) {
    const { reviver, throws = true } = optionsOf(options);
    const text = yield perform(works.readFile, path, 'utf8');
    try {
      return parse(text[0] === '\ufeff' ? slice(text, 1) : text, reviver);
    } catch (error) {
      if (!throws) return null;
      error.message = toText(path) + ': ' + error.message;
      throw error;
    }
  }

  const jsonOf = (value, options) => {
    const { EOL = '\n', finalEOL = true, replacer = null, spaces } = optionsOf(options);
    const text = stringify(value, replacer, spaces);
    return (EOL === '\n' ? text : join(split(text, '\n'), EOL)) + (finalEOL ? EOL : '');
  };

  function* writeJson(path, value, options) { yield perform(works.writeFile, path, jsonOf(value, options), options); }
  function* outputJson(path, value, options) { yield perform(outputFile, path, jsonOf(value, options), options); }

  // -- All of them --------------------------------------------------------------------------------------------------------------

  // Promises, unless its last argument is a function that it is to call. `filters` has a function among its options.
  const either = (name, work, filters = false) => {
    const calling = calledBack(name, work);
    const promising = promised(name, work);
    return (...args) => {
      const last = args[args.length - 1];
      return typeof last === 'function' && !(filters && args.length === 3) ? apply(calling, undefined, args) : apply(promising, undefined, args);
    };
  };

  const exports = {};
  const members = ownKeys(fs.exports);
  for (let i = 0; i < members.length; i += 1) defineProperty(exports, members[i], getDescriptor(fs.exports, members[i]));

  const add = (group) => {
    const names = ownKeys(group);
    for (let i = 0; i < names.length; i += 1) {
      exports[names[i]] = either(names[i], group[names[i]], names[i] === 'copy');
      exports[names[i] + 'Sync'] = sync(names[i] + 'Sync', group[names[i]]);
    }
  };
  add(works);
  add(ofOpen);
  add({
    copy, emptyDir, ensureDir, ensureFile, move, outputFile, outputJson, readJson, remove, writeJson,
    createFile: ensureFile, emptydir: emptyDir, mkdirp: ensureDir, mkdirs: ensureDir, outputJSON: outputJson, pathExists: exists,
    readJSON: readJson, writeJSON: writeJson,
  });
  exports.exists = either('exists', exists);
  exports.existsSync = fs.exports.existsSync;
  exports.pathExistsSync = fs.exports.existsSync;

  return { __proto__: null, exports };
})
