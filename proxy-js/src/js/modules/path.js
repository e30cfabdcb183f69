// `path`: paths as texts, of POSIX and of Windows. Nothing is looked up, and the working
// directory is the plugin's data folder.
(function (kit) {
  'use strict';

  const { charCodeAt, join: joined, push, pop, slice, split, toLowerCase } = kit.primordials;
  const { invalidType } = kit.use('modules/errors');

  const WORKING = '/plugin-data';

  const text = (value, name) => {
    if (typeof value !== 'string') throw invalidType(name, 'of type string', value);
    return value;
  };

  const isLetter = (code) => (0x41 <= code && code <= 0x5a) || (0x61 <= code && code <= 0x7a);

  // The parts of a path without empty ones, `.` and what `..` takes back. A relative path may begin with `..`.
  const shortened = (system, path, isAbsolute) => {
    const parts = [];
    const all = split(system.unify(path), system.sep);
    for (let i = 0; i < all.length; i += 1) {
      const part = all[i];
      if (part === '' || part === '.') continue;
      if (part !== '..') push(parts, part);
      else if (parts.length !== 0 && parts[parts.length - 1] !== '..') pop(parts);
      else if (!isAbsolute) push(parts, part);
    }
    return joined(parts, system.sep);
  };

  const posix = {
    sep: '/',
    delimiter: ':',
    isSeparator: (unit) => unit === '/',
    unify: (path) => path,
    same: (path) => path,
    // What stands before the first name: a device, whether the path begins at its root, and where the names begin.
    rootOf: (path) => ({ device: '', isAbsolute: path[0] === '/', end: path[0] === '/' ? 1 : 0 }),
  };

  const isSlash = (unit) => unit === '/' || unit === '\\';

  // `\\server\share`: where it ends, or 0 if it is none.
  const endOfShare = (path) => {
    if (!isSlash(path[0]) || !isSlash(path[1])) return 0;
    let at = 2;
    const names = () => {
      const from = at;
      while (at < path.length && !isSlash(path[at])) at += 1;
      return from < at;
    };
    const slashes = () => {
      const from = at;
      while (at < path.length && isSlash(path[at])) at += 1;
      return from < at;
    };
    return names() && slashes() && names() ? at : 0;
  };

  const win32 = {
    sep: '\\',
    delimiter: ';',
    isSeparator: isSlash,
    unify: (path) => joined(split(path, '/'), '\\'),
    same: toLowerCase,
    rootOf: (path) => {
      const share = endOfShare(path);
      if (share !== 0) {
        const names = [];
        const all = split(win32.unify(slice(path, 2, share)), '\\');
        for (let i = 0; i < all.length; i += 1) if (all[i] !== '') push(names, all[i]);
        const end = isSlash(path[share]) ? share + 1 : share;
        return { device: '\\\\' + names[0] + '\\' + names[1], isAbsolute: true, end };
      }
      if (isSlash(path[0])) return { device: '', isAbsolute: true, end: 1 };
      if (path[1] === ':' && isLetter(charCodeAt(path, 0))) {
        const isAbsolute = isSlash(path[2]);
        return { device: slice(path, 0, 2), isAbsolute, end: isAbsolute ? 3 : 2 };
      }
      return { device: '', isAbsolute: false, end: 0 };
    },
  };

  const withRoot = (system, root, tail) => root.device + (root.isAbsolute ? system.sep : '') + tail;

  const normalized = (system, path) => {
    if (path === '') return '.';
    const root = system.rootOf(path);
    let tail = shortened(system, slice(path, root.end), root.isAbsolute);
    if (tail === '' && !root.isAbsolute) tail = '.';
    else if (tail !== '' && system.isSeparator(path[path.length - 1])) tail += system.sep;
    // What only ends with a separator is the folder itself.
    if (tail === '.' && root.end < path.length && system.isSeparator(path[path.length - 1])) tail += system.sep;
    if (system === win32 && !root.isAbsolute && root.device === '' && looksLikeDevice(path, tail)) return '.\\' + tail;
    return withRoot(system, root, tail);
  };

  // Whether a relative path could be taken for one on a device after it was shortened: `a/../C:/b`.
  const looksLikeDevice = (path, tail) => {
    if (tail[1] === ':' && isLetter(charCodeAt(tail, 0))) return true;
    for (let at = 0; at < path.length; at += 1) {
      if (path[at] === ':' && (at === path.length - 1 || isSlash(path[at + 1]))) return true;
    }
    return false;
  };

  const resolved = (system, paths) => {
    let device = '';
    let tail = '';
    let isAbsolute = false;
    for (let i = paths.length - 1; -1 <= i && !(isAbsolute && device !== ''); i -= 1) {
      const path = i === -1 ? WORKING : text(paths[i], 'paths[' + i + ']');
      if (path === '') continue;
      const root = system.rootOf(path);
      if (root.device !== '') {
        if (device === '') device = root.device;
        else if (toLowerCase(device) !== toLowerCase(root.device)) continue;
      }
      if (isAbsolute) continue;
      tail = slice(path, root.end) + system.sep + tail;
      isAbsolute = root.isAbsolute;
      if (isAbsolute && (system === posix || i === -1)) break;
    }
    const short = shortened(system, tail, isAbsolute);
    return withRoot(system, { device, isAbsolute }, short) || '.';
  };

  // Where the last name begins and ends: separators at the end are none of it.
  const lastName = (system, path, from) => {
    let end = path.length;
    while (from < end && system.isSeparator(path[end - 1])) end -= 1;
    let start = end;
    while (from < start && !system.isSeparator(path[start - 1])) start -= 1;
    return { start, end };
  };

  // Where the ending of a name begins: a point that is neither the first character nor all that there is.
  const endingOf = (name) => {
    if (name === '..') return name.length;
    for (let at = name.length - 1; 0 < at; at -= 1) if (name[at] === '.') return at;
    return name.length;
  };

  // A drive alone is no folder that a name could stand in.
  const driveEnd = (system, path) => (
    system === win32 && path[1] === ':' && isLetter(charCodeAt(path, 0)) ? 2 : 0
  );

  const relativeOf = (system, from, to) => {
    if (from === to) return '';
    const a = resolved(system, [from]);
    const b = resolved(system, [to]);
    if (system.same(a) === system.same(b)) return '';
    const namesOf = (path) => {
      const names = [];
      const all = split(path, system.sep);
      for (let i = 0; i < all.length; i += 1) if (all[i] !== '') push(names, all[i]);
      return names;
    };
    const there = namesOf(b);
    const here = namesOf(a);
    let same = 0;
    while (same < here.length && same < there.length && system.same(here[same]) === system.same(there[same])) same += 1;
    // Two devices have nothing in common.
    if (system === win32 && same === 0) return b;
    const steps = [];
    for (let i = same; i < here.length; i += 1) push(steps, '..');
    for (let i = same; i < there.length; i += 1) push(steps, there[i]);
    return joined(steps, system.sep);
  };

  const make = (system) => {
    const { sep, isSeparator, rootOf } = system;
    const path = {
      resolve(...paths) { return resolved(system, paths); },
      normalize(path) { return normalized(system, text(path, 'path')); },
      isAbsolute(path) { return rootOf(text(path, 'path')).isAbsolute; },
      join(...paths) {
        const parts = [];
        for (let i = 0; i < paths.length; i += 1) if (text(paths[i], 'path') !== '') push(parts, paths[i]);
        if (parts.length === 0) return '.';
        // Only a first part with two separators names a server.
        if (system === win32 && isSlash(parts[0][0]) && !(isSlash(parts[0][1]) && 2 < parts[0].length && !isSlash(parts[0][2]))) {
          let from = 0;
          const whole = joined(parts, sep);
          while (isSlash(whole[from])) from += 1;
          return normalized(system, sep + slice(whole, from));
        }
        return normalized(system, joined(parts, sep));
      },
      relative(from, to) { return relativeOf(system, text(from, 'from'), text(to, 'to')); },
      toNamespacedPath(path) {
        if (system === posix || typeof path !== 'string' || path === '') return path;
        const whole = resolved(system, [path]);
        if (whole.length <= 2) return path;
        if (isSlash(whole[0])) {
          if (isSlash(whole[1]) && whole[2] !== '?' && whole[2] !== '.') return '\\\\?\\UNC\\' + slice(whole, 2);
          return path;
        }
        return isLetter(charCodeAt(whole, 0)) && whole[1] === ':' && whole[2] === '\\' ? '\\\\?\\' + whole : path;
      },
      dirname(path) {
        if (text(path, 'path') === '') return '.';
        const { device, end } = rootOf(path);
        let at = lastName(system, path, end).start;
        if (at === end) return end === 0 ? '.' : device === '' ? path[0] : slice(path, 0, end);
        at -= 1;
        // POSIX leaves it open what two separators at the beginning mean.
        if (system === posix && end === 1 && at === 1) return '//';
        return slice(path, 0, at < end ? end : at);
      },
      basename(path, suffix) {
        if (suffix !== undefined) text(suffix, 'suffix');
        const { start, end } = lastName(system, text(path, 'path'), driveEnd(system, path));
        const name = slice(path, start, end);
        const rest = suffix === undefined ? 0 : name.length - suffix.length;
        if (suffix !== undefined && suffix !== '' && path === suffix) return '';
        return suffix !== undefined && 0 < rest && slice(name, rest) === suffix ? slice(name, 0, rest) : name;
      },
      extname(path) {
        const { start, end } = lastName(system, text(path, 'path'), driveEnd(system, path));
        const name = slice(path, start, end);
        return slice(name, endingOf(name));
      },
      format(parts) {
        if (parts === null || typeof parts !== 'object') throw invalidType('pathObject', 'of type object', parts);
        const { root, name, ext } = parts;
        const dir = parts.dir || root;
        const ending = ext ? (ext[0] === '.' ? ext : '.' + ext) : '';
        const base = parts.base || (name || '') + ending;
        if (!dir) return base;
        return dir === root ? dir + base : dir + sep + base;
      },
      parse(path) {
        const parts = { root: '', dir: '', base: '', ext: '', name: '' };
        if (text(path, 'path') === '') return parts;
        const from = rootOf(path).end;
        const { start, end } = lastName(system, path, from);
        parts.root = slice(path, 0, from);
        parts.base = slice(path, start, end);
        const ending = endingOf(parts.base);
        parts.name = slice(parts.base, 0, ending);
        parts.ext = slice(parts.base, ending);
        parts.dir = start <= from ? parts.root : slice(path, 0, start - 1);
        return parts;
      },
      sep,
      delimiter: system.delimiter,
      win32: null,
      posix: null,
    };
    return path;
  };

  const made = { posix: make(posix), win32: make(win32) };
  made.posix.posix = made.posix;
  made.posix.win32 = made.win32;
  made.win32.posix = made.posix;
  made.win32.win32 = made.win32;

  return { __proto__: null, exports: made.posix, posix: made.posix, win32: made.win32 };
})
