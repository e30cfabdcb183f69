// The console: every line becomes a message to the host, with the place in the plugin that wrote it.
(function (kit, native) {
  'use strict';

  const {
    asText, create, hasOwn, isArray, join, ownKeys, padEnd, push, repeat, slice, split, toFixed,
  } = kit.primordials;

  const { format, inspect } = kit.use('inspect');

  // The levels of the protocol.
  const DEBUG = 0;
  const INFO = 1;
  const WARN = 2;
  const ERROR = 3;

  const DEEPEST_GROUP = 32;
  const LABELS = 1000; // of counters and of stopwatches

  let indent = '';

  const write = (level, text) => {
    native.log(level, indent === '' ? text : indent + join(split(text, '\n'), '\n' + indent));
  };
  const writer = (level) => (...args) => write(level, format(args));

  const counters = create(null);
  const stopwatches = create(null);
  const labels = { __proto__: null, counters: 0, stopwatches: 0 };

  const label = (value) => (value === undefined ? 'default' : asText(value));

  const elapsed = (name, args) => {
    const started = stopwatches[name];
    if (started === undefined) {
      write(WARN, "there is no timer '" + name + "'");
      return false;
    }
    const milliseconds = native.now() - started;
    const text = milliseconds < 1000 ? toFixed(milliseconds, 3) + 'ms' : toFixed(milliseconds / 1000, 3) + 's';
    write(INFO, name + ': ' + text + (args.length === 0 ? '' : ' ' + format(args)));
    return true;
  };

  // Rows and columns as text; what is not an object is one cell.
  const tableText = (rows) => {
    const cell = (value) => inspect(value, 1, 200);
    const columns = ['(index)'];
    const known = create(null);
    const lines = [];
    const keys = ownKeys(rows);
    for (let i = 0; i < keys.length && i < 1000; i += 1) {
      if (typeof keys[i] !== 'string' || (isArray(rows) && keys[i] === 'length')) continue;
      const row = rows[keys[i]];
      const cells = create(null);
      cells['(index)'] = keys[i];
      if (row === null || typeof row !== 'object') {
        cells.Values = cell(row);
      } else {
        const names = ownKeys(row);
        for (let j = 0; j < names.length && j < 50; j += 1) {
          if (typeof names[j] === 'string' && !(isArray(row) && names[j] === 'length')) cells[names[j]] = cell(row[names[j]]);
        }
      }
      for (const name in cells) {
        if (name !== '(index)' && known[name] === undefined) {
          known[name] = true;
          push(columns, name);
        }
      }
      push(lines, cells);
    }
    const widths = [];
    for (let c = 0; c < columns.length; c += 1) {
      let width = columns[c].length;
      for (let l = 0; l < lines.length; l += 1) {
        const text = lines[l][columns[c]];
        if (text !== undefined && width < text.length) width = text.length;
      }
      push(widths, width);
    }
    const line = (value) => {
      const parts = [];
      for (let c = 0; c < columns.length; c += 1) {
        const text = value(columns[c]);
        push(parts, padEnd(text === undefined ? '' : text, widths[c]));
      }
      return join(parts, ' | ');
    };
    const widest = create(null);
    for (let c = 0; c < columns.length; c += 1) widest[columns[c]] = repeat('-', widths[c]);
    const out = [line((name) => name), line((name) => widest[name])];
    for (let l = 0; l < lines.length; l += 1) push(out, line((name) => lines[l][name]));
    return join(out, '\n');
  };

  const console = {
    debug: writer(DEBUG),
    log: writer(INFO),
    info: writer(INFO),
    warn: writer(WARN),
    error: writer(ERROR),

    trace(...args) {
      const text = format(args);
      write(INFO, 'Trace' + (text === '' ? '' : ': ' + text) + '\n' + native.stack());
    },

    assert(condition, ...args) {
      if (condition) return;
      write(ERROR, 'Assertion failed' + (args.length === 0 ? '' : ': ' + format(args)));
    },

    count(name) {
      const key = label(name);
      if (counters[key] === undefined) {
        if (labels.counters === LABELS) return;
        labels.counters += 1;
        counters[key] = 0;
      }
      counters[key] += 1;
      write(INFO, key + ': ' + counters[key]);
    },

    countReset(name) {
      const key = label(name);
      if (counters[key] === undefined) write(WARN, "there is no counter '" + key + "'");
      else counters[key] = 0;
    },

    time(name) {
      const key = label(name);
      if (stopwatches[key] !== undefined) {
        write(WARN, "the timer '" + key + "' runs already");
        return;
      }
      if (labels.stopwatches === LABELS) return;
      labels.stopwatches += 1;
      stopwatches[key] = native.now();
    },

    timeLog(name, ...args) {
      elapsed(label(name), args);
    },

    timeEnd(name) {
      const key = label(name);
      if (!elapsed(key, [])) return;
      delete stopwatches[key];
      labels.stopwatches -= 1;
    },

    table(rows) {
      write(INFO, rows === null || typeof rows !== 'object' ? format([rows]) : tableText(rows));
    },

    group(...args) {
      if (0 < args.length) write(INFO, format(args));
      if (indent.length < 2 * DEEPEST_GROUP) indent += '  ';
    },

    groupEnd() {
      indent = slice(indent, 2);
    },

    dir(value, options) {
      // The depth counts below what is shown, and `null` is all of it.
      const depth = options !== null && typeof options === 'object' && hasOwn(options, 'depth') ? options.depth : 2;
      write(INFO, inspect(value, typeof depth === 'number' ? depth + 1 : 64));
    },
  };
  console.groupCollapsed = console.group;

  return { __proto__: null, console };
})
