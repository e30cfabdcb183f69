// What `fs` can do, each written once: a generator that yields what it asks of the host.
(function (kit) {
  'use strict';

  const { Error, isArray, isView, push, toNumber } = kit.primordials;
  const { ask, perform } = kit.use('modules/fs_calls');
  const {
    Dirent, Stats, below, bytesOf, failure, howOf, numberOf, optionsOf, pathOf, readOf, timeOf,
  } = kit.use('modules/fs_values');
  const { coded, invalidType, outOfRange } = kit.use('modules/errors');

  // Bytes that are read and written of an open file at a time.
  const PIECE = 1 << 20;

  const isNumber = (value) => typeof value === 'number';

  const checkSignal = (signal) => {
    if (signal !== undefined && signal !== null && signal.aborted) throw kit.use('modules/events').aborted(signal);
  };

  // -- Whole files --------------------------------------------------------------------------------------------------------

  function* readOpenFile(fd) {
    const { Buffer } = kit.use('modules/buffer');
    const parts = [];
    for (;;) {
      const part = yield ask('readOpen', fd, PIECE, undefined);
      if (part.length === 0) return Buffer.concat(parts);
      push(parts, part);
    }
  }

  function* readFile(file, options) {
    const { encoding, flag, signal } = optionsOf(options);
    checkSignal(signal);
    if (isNumber(file)) return readOf(yield perform(readOpenFile, numberOf(file)), encoding);
    const path = pathOf(file);
    if (flag === undefined || flag === 'r') return readOf(yield ask('read', path), encoding);
    const fd = yield ask('open', path, howOf(flag, 'r'));
    try {
      return readOf(yield perform(readOpenFile, fd), encoding);
    } finally {
      yield ask('close', fd);
    }
  }

  function* writeAll(fd, bytes, position) {
    let written = 0;
    while (written < bytes.length) {
      const end = written + PIECE < bytes.length ? written + PIECE : bytes.length;
      const at = isNumber(position) ? position + written : undefined;
      written += yield ask('writeOpen', fd, bytes.subarray(written, end), at);
    }
    return written;
  }

  function* put(file, data, options, usual) {
    const { encoding, flag, signal } = optionsOf(options);
    checkSignal(signal);
    const bytes = bytesOf(data, encoding);
    if (isNumber(file)) {
      yield perform(writeAll, numberOf(file), bytes, undefined);
    } else {
      yield ask('write', pathOf(file), bytes, howOf(flag, usual));
    }
  }

  function* writeFile(file, data, options) { yield perform(put, file, data, options, 'w'); }
  function* appendFile(file, data, options) { yield perform(put, file, data, options, 'a'); }

  function* truncate(path, length = 0) {
    if (isNumber(path)) yield ask('truncateOpen', numberOf(path), toNumber(length));
    else yield ask('truncate', pathOf(path), toNumber(length));
  }

  function* copyFile(from, to, mode = 0) {
    yield ask('copy', pathOf(from, 'src'), pathOf(to, 'dest'), (mode & 1) !== 0);
  }

  // -- What is there ------------------------------------------------------------------------------------------------------

  function* statWith(path, options, follows) {
    const { throwIfNoEntry } = optionsOf(options);
    try {
      return new Stats(yield ask('stat', pathOf(path), follows));
    } catch (error) {
      if (throwIfNoEntry === false && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  function* stat(path, options) { return yield perform(statWith, path, options, true); }
  function* lstat(path, options) { return yield perform(statWith, path, options, false); }
  function* access(path, mode = 0) { yield ask('access', pathOf(path), (mode & 2) !== 0); }

  function* exists(path) {
    try {
      yield ask('stat', pathOf(path), true);
      return true;
    } catch {
      return false;
    }
  }

  // There are no links: a path is itself, without the parts that lead nowhere.
  function* realpath(path, options) {
    const written = pathOf(path);
    yield ask('stat', written, true);
    const { resolve } = kit.use('modules/path').posix;
    const real = resolve('/plugin-data', written);
    return optionsOf(options).encoding === 'buffer' ? bytesOf(real) : real;
  }

  // -- Folders ------------------------------------------------------------------------------------------------------------

  function* mkdir(path, options) {
    const recursive = options !== null && typeof options === 'object' && options.recursive === true;
    return yield ask(recursive ? 'makeFolders' : 'makeFolder', pathOf(path));
  }

  function* mkdtemp(prefix, options) {
    const path = yield ask('makeOwnFolder', pathOf(prefix, 'prefix'));
    return optionsOf(options).encoding === 'buffer' ? bytesOf(path) : path;
  }

  function* readdir(folder, options) {
    const { encoding, recursive, withFileTypes } = optionsOf(options);
    const root = pathOf(folder);
    const found = [];
    const folders = [''];
    for (let at = 0; at < folders.length; at += 1) {
      const inside = folders[at];
      const path = inside === '' ? root : below(root, inside);
      const entries = yield ask('list', path);
      for (let i = 0; i < entries.length; i += 1) {
        const name = entries[i][0];
        const kind = entries[i][1];
        const shown = withFileTypes ? name : below(inside, name);
        const given = encoding === 'buffer' ? bytesOf(shown) : shown;
        push(found, withFileTypes ? new Dirent(given, path, kind) : given);
        if (recursive && kind === 'folder') push(folders, below(inside, name));
      }
    }
    return found;
  }

  function* unlink(path) { yield ask('unlink', pathOf(path)); }

  function* rm(path, options) {
    const { force = false, recursive = false } = optionsOf(options);
    const written = pathOf(path);
    try {
      yield ask('remove', written, recursive === true, force === true);
    } catch (error) {
      if (error.code !== 'EISDIR') throw error;
      throw coded(Error, 'ERR_FS_EISDIR', 'Path is a directory: rm returned EISDIR (is a directory) ' + written);
    }
  }

  function* rmdir(path, options) {
    if (optionsOf(options).recursive === true) yield ask('remove', pathOf(path), true, false);
    else yield ask('removeFolder', pathOf(path));
  }

  function* rename(from, to) { yield ask('rename', pathOf(from, 'oldPath'), pathOf(to, 'newPath')); }

  // Copies a file, or a folder with what is in it.
  function* cp(from, to, options) {
    const { errorOnExist = false, filter, force = true, recursive = false } = optionsOf(options);
    const source = pathOf(from, 'src');
    const target = pathOf(to, 'dest');
    const { kind, isThere } = yield perform(kindsOf, source, target);
    if (typeof filter === 'function' && !(yield perform(answered, filter, source, target))) return;
    if (kind !== 'folder') {
      if (isThere && !force) {
        if (errorOnExist) throw coded(Error, 'ERR_FS_CP_EEXIST', "Target already exists: cp returned EEXIST (" + target + ' already exists) ' + target);
        return;
      }
      yield ask('copy', source, target, false);
      return;
    }
    if (!recursive) throw coded(Error, 'ERR_FS_EISDIR', 'Recursive option not enabled, cannot copy a directory: ' + source);
    yield ask('makeFolders', target);
    const entries = yield ask('list', source);
    for (let i = 0; i < entries.length; i += 1) {
      yield perform(cp, below(source, entries[i][0]), below(target, entries[i][0]), options);
    }
  }

  function* kindsOf(source, target) {
    const { kind } = yield ask('stat', source, false);
    return { kind, isThere: yield perform(exists, target) };
  }

  // What a function of the plugin says; of one that promises, only a work that promises can wait for it.
  function* answered(work, from, to) {
    return work(from, to);
  }

  // -- Times and rights ---------------------------------------------------------------------------------------------------

  function* utimes(path, accessed, modified) { yield ask('setTimes', pathOf(path), timeOf(accessed), timeOf(modified)); }

  // All that a plugin has is its user's alone, and stays so.
  function* chmod(path) { yield ask('access', pathOf(path), true); }
  function* fchmod(fd) { yield ask('statOpen', numberOf(fd)); }

  const impossible = (syscall) => function* (path, dest) {
    throw failure('EPERM', -1, 'operation not permitted', syscall, typeof path === 'string' ? path : undefined, typeof dest === 'string' ? dest : undefined);
  };

  function* readlink(path) {
    const written = pathOf(path);
    yield ask('stat', written, false);
    throw failure('EINVAL', -22, 'invalid argument', 'readlink', written);
  }

  // -- Open files ---------------------------------------------------------------------------------------------------------

  function* open(path, flags) { return yield ask('open', pathOf(path), howOf(flags, 'r')); }
  function* close(fd) { yield ask('close', numberOf(fd)); }
  function* fstat(fd) { return new Stats(yield ask('statOpen', numberOf(fd))); }
  function* fsync(fd) { yield ask('syncOpen', numberOf(fd)); }
  function* ftruncate(fd, length = 0) { yield ask('truncateOpen', numberOf(fd), toNumber(length)); }

  const place = (position) => (typeof position === 'bigint' ? toNumber(position) : isNumber(position) && 0 <= position ? position : undefined);

  // What `read` is asked for: `(fd, buffer, offset, length, position)` or `(fd, buffer, options)` or `(fd, options)`.
  const wantedOf = (buffer, offset, length, position) => {
    const { viewOf } = kit.use('modules/buffer');
    let target = buffer;
    let options = { offset, length, position };
    if (target === undefined || target === null || !isView(target)) {
      options = target === undefined || target === null ? {} : target;
      target = options.buffer === undefined ? kit.use('modules/buffer').Buffer.alloc(16384) : options.buffer;
    } else if (offset !== null && typeof offset === 'object') {
      options = offset;
    }
    if (!isView(target)) throw invalidType('buffer', 'an instance of Buffer, TypedArray, or DataView', target);
    const view = viewOf(target);
    const from = options.offset === undefined || options.offset === null ? 0 : toNumber(options.offset);
    const count = options.length === undefined || options.length === null ? view.length - from : toNumber(options.length);
    if (!(0 <= from && from <= view.length)) throw outOfRange('offset', '>= 0 && <= ' + view.length, from);
    if (!(0 <= count && count <= view.length - from)) throw outOfRange('length', '>= 0 && <= ' + (view.length - from), count);
    return { __proto__: null, target, view, from, count, position: place(options.position) };
  };

  function* readInto(fd, buffer, offset, length, position) {
    const wanted = wantedOf(buffer, offset, length, position);
    const bytes = yield ask('readOpen', numberOf(fd), wanted.count, wanted.position);
    wanted.view.set(bytes, wanted.from);
    return { bytesRead: bytes.length, buffer: wanted.target };
  }

  // What `write` is given: `(fd, buffer, offset, length, position)`, `(fd, buffer, options)` or `(fd, text, position, encoding)`.
  function* writeFrom(fd, data, offset, length, position) {
    if (typeof data === 'string') {
      const bytes = bytesOf(data, length);
      return { bytesWritten: yield perform(writeAll, numberOf(fd), bytes, place(offset)), buffer: data };
    }
    if (!isView(data)) throw invalidType('buffer', 'of type string or an instance of Buffer, TypedArray, or DataView', data);
    const wanted = wantedOf(data, offset, length, position);
    const bytes = wanted.view.subarray(wanted.from, wanted.from + wanted.count);
    return { bytesWritten: yield perform(writeAll, numberOf(fd), bytes, wanted.position), buffer: data };
  }

  const checkList = (list) => {
    if (!isArray(list)) throw invalidType('buffers', 'an instance of Array', list);
    return list;
  };

  function* writev(fd, buffers, position) {
    const { Buffer } = kit.use('modules/buffer');
    const written = yield perform(writeFrom, fd, Buffer.concat(checkList(buffers)), 0, undefined, position);
    return { bytesWritten: written.bytesWritten, buffers };
  }

  function* readv(fd, buffers, position) {
    checkList(buffers);
    let total = 0;
    for (let i = 0; i < buffers.length; i += 1) {
      const at = isNumber(position) ? position + total : undefined;
      const { bytesRead } = yield perform(readInto, fd, buffers[i], 0, undefined, at);
      total += bytesRead;
      if (bytesRead < buffers[i].byteLength) break;
    }
    return { bytesRead: total, buffers };
  }

  // What every work is called as in `fs`, `fs/promises` and, with `Sync`, where it waits.
  const works = {
    __proto__: null,
    access, appendFile, chmod, copyFile, cp, lstat, mkdir, mkdtemp, readFile, readdir, readlink, realpath, rename, rm, rmdir, stat,
    truncate, unlink, utimes, writeFile, lutimes: utimes, chown: chmod, lchown: chmod, lchmod: chmod,
    link: impossible('link'), symlink: impossible('symlink'),
  };

  // Those of open files, which `fs/promises` has as methods of its handles.
  const ofOpen = {
    __proto__: null, close, fchmod, fchown: fchmod, fdatasync: fsync, fstat, fsync, ftruncate, futimes: fchmod, open,
  };

  return { __proto__: null, exists, ofOpen, readInto, readOpenFile, readv, works, writeAll, writeFrom, writev };
})
