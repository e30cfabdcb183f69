// What functions of `fs` take and give: paths, flags, bytes, and what is known of a file.
(function (kit, native) {
  'use strict';

  const {
    Date, Error, TypeError, Uint8Array, defineProperty, floor, indexOf, isView, toNumber, viewBuffer, viewBytes, viewOffset,
  } = kit.primordials;
  const { coded, invalidType, invalidValue, outOfRange } = kit.use('modules/errors');
  const { decodeURIComponent } = globalThis;

  const isBytes = (value) => native.className(value) === 'Uint8Array';
  const isUrl = (value) => value !== null && typeof value === 'object' && typeof value.href === 'string' && typeof value.protocol === 'string';

  // A path as a text.
  const pathOf = (value, name = 'path') => {
    let path = value;
    if (isUrl(value)) {
      if (value.protocol !== 'file:') throw coded(TypeError, 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
      path = decodeURIComponent(value.pathname);
    } else if (isBytes(value)) {
      path = textOf(value, 'utf8');
    }
    if (typeof path !== 'string') throw invalidType(name, 'of type string or an instance of Buffer or URL', value);
    if (indexOf(path, '\0') !== -1) throw invalidValue(name, value, 'must be a string, Uint8Array, or URL without null bytes');
    return path;
  };

  const HOW = (read, write, create, truncate, append, exclusive) => ({ read, write, create, truncate, append, exclusive });
  const FLAGS = {
    __proto__: null,
    r: HOW(true, false, false, false, false, false),
    'r+': HOW(true, true, false, false, false, false),
    w: HOW(false, true, true, true, false, false),
    wx: HOW(false, true, true, true, false, true),
    'w+': HOW(true, true, true, true, false, false),
    'wx+': HOW(true, true, true, true, false, true),
    a: HOW(false, true, true, false, true, false),
    ax: HOW(false, true, true, false, true, true),
    'a+': HOW(true, true, true, false, true, false),
    'ax+': HOW(true, true, true, false, true, true),
  };
  const SAME = { __proto__: null, rs: 'r', sr: 'r', 'rs+': 'r+', 'sr+': 'r+', xw: 'wx', 'xw+': 'wx+', as: 'a', sa: 'a', xa: 'ax', 'xa+': 'ax+', 'as+': 'a+', 'sa+': 'a+' };

  // How a file is to be opened.
  const howOf = (flags, usual) => {
    const value = flags === undefined || flags === null ? usual : flags;
    if (typeof value === 'number') {
      const access = value & 3;
      return HOW(access !== 1, access !== 0, (value & 64) !== 0, (value & 512) !== 0, (value & 1024) !== 0, (value & 128) !== 0);
    }
    const how = typeof value === 'string' ? FLAGS[SAME[value] === undefined ? value : SAME[value]] : undefined;
    if (how === undefined) throw invalidValue('flags', value);
    return how;
  };

  // The options of a function, of which the encoding may be given alone.
  const optionsOf = (options) => {
    if (options === undefined || options === null || typeof options === 'function') return {};
    if (typeof options === 'string') return { encoding: options };
    if (typeof options !== 'object') throw invalidType('options', 'of type string or an instance of Object', options);
    return options;
  };

  // What is to be written.
  const bytesOf = (data, encoding) => {
    const { ofText, viewOf } = kit.use('modules/buffer');
    if (typeof data === 'string') return viewOf(ofText(data, encoding === 'buffer' ? undefined : encoding));
    if (isView(data)) return viewOf(native.className(data) === 'DataView' ? new Uint8Array(viewBuffer(data), viewOffset(data), viewBytes(data)) : data);
    throw invalidType('data', 'of type string or an instance of Buffer, TypedArray, or DataView', data);
  };

  const textOf = (bytes, encoding) => kit.use('modules/buffer').adopt(bytes).toString(encoding);

  // What was read: a Buffer, or a text if there is an encoding.
  const readOf = (bytes, encoding) => {
    if (encoding === undefined || encoding === null || encoding === 'buffer') return kit.use('modules/buffer').adopt(bytes);
    return textOf(bytes, encoding);
  };

  // The number of an open file.
  const numberOf = (value) => {
    if (typeof value !== 'number') throw invalidType('fd', 'of type number', value);
    if (!(0 <= value && value <= 0x7fffffff) || floor(value) !== value) throw outOfRange('fd', '>= 0 && <= 2147483647', value);
    return value;
  };

  // Milliseconds since 1970, of a Date, or of seconds.
  const timeOf = (value) => (value !== null && typeof value === 'object' ? toNumber(value) : toNumber(value) * 1000);

  // Puts the questions about its kind on a class, whose instances know it without showing it.
  const ask = (Class, kindOf) => {
    const hidden = (name, kind) => defineProperty(Class.prototype, name, {
      __proto__: null, value() { return kindOf(this) === kind; }, writable: true, configurable: true,
    });
    hidden('isFile', 'file');
    hidden('isDirectory', 'folder');
    hidden('isSymbolicLink', 'link');
    hidden('isFIFO', 'pipe');
    hidden('isSocket', 'socket');
    hidden('isBlockDevice', 'block');
    hidden('isCharacterDevice', 'character');
  };

  class Stats {
    #kind;

    constructor(facts) {
      this.#kind = facts.kind;
      this.dev = facts.dev;
      this.mode = facts.mode;
      this.nlink = facts.nlink;
      this.uid = 0;
      this.gid = 0;
      this.rdev = 0;
      this.blksize = 4096;
      this.ino = facts.ino;
      this.size = facts.size;
      this.blocks = facts.blocks;
      this.atimeMs = facts.atimeMs;
      this.mtimeMs = facts.mtimeMs;
      this.ctimeMs = facts.ctimeMs;
      // Linux tells few programs when a file was made; it was not made after it was changed.
      this.birthtimeMs = facts.mtimeMs < facts.ctimeMs ? facts.mtimeMs : facts.ctimeMs;
      this.atime = new Date(this.atimeMs);
      this.mtime = new Date(this.mtimeMs);
      this.ctime = new Date(this.ctimeMs);
      this.birthtime = new Date(this.birthtimeMs);
    }

    static kindOf(stats) {
      return stats.#kind;
    }
  }
  ask(Stats, Stats.kindOf);
  delete Stats.kindOf;

  class Dirent {
    #kind;

    constructor(name, parentPath, kind) {
      this.name = name;
      this.parentPath = parentPath;
      this.path = parentPath;
      this.#kind = kind;
    }

    static kindOf(entry) {
      return entry.#kind;
    }
  }
  const kindOfEntry = Dirent.kindOf;
  ask(Dirent, kindOfEntry);
  delete Dirent.kindOf;

  // A name below a folder.
  const below = (folder, name) => {
    if (folder === '' || folder === '.') return name;
    return folder[folder.length - 1] === '/' ? folder + name : folder + '/' + name;
  };

  // An error as the host's are.
  const failure = (code, errno, words, syscall, path, dest) => {
    const more = (path === undefined ? '' : " '" + path + "'") + (dest === undefined ? '' : " -> '" + dest + "'");
    const error = coded(Error, code, code + ': ' + words + ', ' + syscall + more);
    error.errno = errno;
    error.syscall = syscall;
    if (path !== undefined) error.path = path;
    if (dest !== undefined) error.dest = dest;
    return error;
  };

  return {
    __proto__: null, Dirent, Stats, below, bytesOf, failure, howOf, kindOfEntry, numberOf, optionsOf, pathOf, readOf,
    timeOf,
  };
})
