// Any value as a text for a person: compact, bounded, and without running code of the plugin where that is possible.
(function (kit, native) {
  'use strict';

  const {
    apply, bufferLength, dateTime, getDescriptor, getPrototypeOf, hasOwn, isArray, isoText, join, mapEach, mapSize,
    ownKeys, pop, push, regexpText, replaceAll, setEach, setSize, slice, sourceOf, startsWith, stringify, symbolText,
    test, toText, typedArrayLength, indexOf, repeat,
  } = kit.primordials;

  const ITEMS = 100; // elements of one array, map or set
  const STRING = 2000; // characters of one string inside another value
  const LINE = 72; // what fits stays in one line
  const NAME = /^[A-Za-z_$][\w$]*$/;
  const TYPED = /^(?:(?:Big)?(?:Int|Uint|Float)\d+|Uint8Clamped)Array$/;

  // Reads a property without letting its getter's error out.
  const read = (object, name) => {
    try {
      return object[name];
    } catch {
      return undefined;
    }
  };

  // The constructor's name, as far as it can be had without running a getter.
  const typeName = (object) => {
    for (let at = object, step = 0; at !== null && step < 100; at = getPrototypeOf(at), step += 1) {
      const descriptor = getDescriptor(at, 'constructor');
      if (descriptor === undefined) continue;
      const name = typeof descriptor.value === 'function' && getDescriptor(descriptor.value, 'name');
      return name && typeof name.value === 'string' ? name.value : '';
    }
    return '';
  };

  const quoted = (text) => {
    const short = STRING < text.length ? `${slice(text, 0, STRING)}… ${text.length - STRING} more characters` : text;
    if (indexOf(short, "'") < 0) {
      return `'${replaceAll(slice(stringify(short), 1, -1), '\\"', '"')}'`;
    }
    return stringify(short);
  };

  const primitive = (value) => {
    if (typeof value === 'string') return quoted(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'symbol') return symbolText(value);
    if (value === 0 && 1 / value < 0) return '-0';
    return toText(value);
  };

  const functionText = (value) => {
    const name = getDescriptor(value, 'name');
    const own = name && typeof name.value === 'string' && name.value;
    if (startsWith(sourceOf(value), 'class')) return `[class ${own || '(anonymous)'}]`;
    return own ? `[Function: ${own}]` : '[Function (anonymous)]';
  };

  const keyText = (key) => {
    if (typeof key === 'symbol') return `[${symbolText(key)}]`;
    return test(NAME, key) ? key : quoted(key);
  };

  const errorText = (error) => {
    const name = read(error, 'name');
    const message = read(error, 'message');
    const head = `${typeof name === 'string' && name !== '' ? name : 'Error'}`;
    const text = typeof message === 'string' && message !== '' ? `${head}: ${message}` : head;
    const stack = native.stackOf(error);
    return `${text}${native.explain(error)}${stack === '' ? '' : `\n${stack}`}`;
  };

  // One walk: what it has seen above itself, how deep it may go, and how many characters are left.
  const walk = (state, value, depth) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return primitive(value);
    for (let i = 0; i < state.above.length; i += 1) {
      if (state.above[i] === value) return '[Circular]';
    }
    if (state.left <= 0) return '…';
    push(state.above, value);
    const text = objectText(state, value, depth);
    pop(state.above);
    state.left -= text.length;
    return text;
  };

  // Elements between brackets, in one line if they fit and otherwise each in its own.
  const group = (state, head, open, parts, close) => {
    const prefix = head === '' ? '' : `${head} `;
    if (parts.length === 0) return `${prefix}${open}${close}`;
    let length = 0;
    let lines = false;
    for (let i = 0; i < parts.length; i += 1) {
      length += parts[i].length + 2;
      lines = lines || 0 <= indexOf(parts[i], '\n');
    }
    if (length <= LINE && !lines) return `${prefix}${open} ${join(parts, ', ')} ${close}`;
    const indent = repeat('  ', state.above.length);
    return `${prefix}${open}\n${indent}${join(parts, `,\n${indent}`)}\n${repeat('  ', state.above.length - 1)}${close}`;
  };

  const more = (parts, total) => {
    if (ITEMS < total) push(parts, `… ${total - ITEMS} more`);
  };

  // Adds the own enumerable properties; a getter is named and not run.
  const properties = (state, value, depth, parts, skip) => {
    const keys = ownKeys(value);
    let shown = 0;
    for (let i = 0; i < keys.length; i += 1) {
      const key = keys[i];
      if (typeof key === 'string' && skip(key)) continue;
      const descriptor = getDescriptor(value, key);
      if (descriptor === undefined || !descriptor.enumerable) continue;
      shown += 1;
      if (ITEMS < shown || state.left <= 0) continue;
      const shownValue = hasOwn(descriptor, 'value')
        ? walk(state, descriptor.value, depth - 1)
        : `[${descriptor.get ? 'Getter' : 'Setter'}]`;
      push(parts, `${keyText(key)}: ${shownValue}`);
    }
    more(parts, shown);
    return parts;
  };

  const isIndex = (key) => test(/^\d+$/, key);
  const never = () => false;

  const list = (state, value, length, depth) => {
    const parts = [];
    for (let i = 0; i < length && i < ITEMS && 0 < state.left; i += 1) {
      push(parts, hasOwn(value, i) ? walk(state, value[i], depth - 1) : '<empty>');
    }
    more(parts, length);
    return parts;
  };

  const objectText = (state, value, depth) => {
    if (typeof value === 'function') {
      const parts = depth <= 0 ? [] : properties(state, value, depth, [], never);
      return parts.length === 0 ? functionText(value) : group(state, functionText(value), '{', parts, '}');
    }
    const brand = native.className(value);
    if (brand === 'Proxy') return '[Proxy]';
    const name = typeName(value);
    if (brand === 'Date') {
      const time = dateTime(value);
      return time === time ? isoText(value) : 'Invalid Date';
    }
    if (brand === 'RegExp') return regexpText(value);
    if (brand === 'Error' || brand === 'DOMException') {
      const parts = depth <= 0 ? [] : properties(state, value, depth, [], (key) => key === 'stack');
      if (hasOwn(value, 'cause')) push(parts, `[cause]: ${walk(state, read(value, 'cause'), depth - 1)}`);
      return parts.length === 0 ? errorText(value) : group(state, errorText(value), '{', parts, '}');
    }
    if (depth <= 0) return isArray(value) ? '[Array]' : `[${name || 'Object'}]`;
    if (isArray(value)) {
      const head = name === 'Array' ? '' : `${name}(${value.length})`;
      return group(state, head, '[', properties(state, value, depth, list(state, value, value.length, depth), isIndex), ']');
    }
    if (test(TYPED, brand)) {
      const length = typedArrayLength(value);
      return group(state, `${name}(${length})`, '[', list(state, value, length, depth), ']');
    }
    if (brand === 'ArrayBuffer') return `ArrayBuffer { byteLength: ${bufferLength(value)} }`;
    if (brand === 'Map') {
      const parts = [];
      mapEach(value, (item, key) => {
        if (parts.length < ITEMS && 0 < state.left) {
          push(parts, `${walk(state, key, depth - 1)} => ${walk(state, item, depth - 1)}`);
        }
      });
      more(parts, mapSize(value));
      return group(state, `${name}(${mapSize(value)})`, '{', parts, '}');
    }
    if (brand === 'Set') {
      const parts = [];
      setEach(value, (item) => {
        if (parts.length < ITEMS && 0 < state.left) push(parts, walk(state, item, depth - 1));
      });
      more(parts, setSize(value));
      return group(state, `${name}(${setSize(value)})`, '{', parts, '}');
    }
    let head = name;
    if (getPrototypeOf(value) === null) head = '[Object: null prototype]';
    else if (name === 'Object') head = '';
    return group(state, head, '{', properties(state, value, depth, [], never), '}');
  };

  // `depth` levels of objects in objects, and about `budget` characters.
  kit.inspect = (value, depth = 3, budget = 8192) => {
    try {
      return walk({ __proto__: null, above: [], left: budget }, value, depth);
    } catch (error) {
      // A proxy's trap or a getter on a prototype threw: the value cannot be shown, and that is all there is to say.
      return '[value that throws when it is read]';
    }
  };

  // As the console writes its arguments: strings bare, format directives filled in.
  kit.format = (args) => {
    let text = '';
    let next = 0;
    if (typeof args[0] === 'string' && 1 < args.length && 0 <= indexOf(args[0], '%')) {
      next = 1;
      const pattern = args[0];
      let from = 0;
      for (;;) {
        const at = indexOf(pattern, '%', from);
        if (at < 0 || at === pattern.length - 1) {
          text += slice(pattern, from);
          break;
        }
        const directive = pattern[at + 1];
        text += slice(pattern, from, at);
        from = at + 2;
        if (directive === '%') text += '%';
        else if (directives[directive] !== undefined && next < args.length) {
          text += apply(directives[directive], undefined, [args[next]]);
          next += 1;
        } else text += `%${directive}`;
      }
    }
    for (let i = next; i < args.length; i += 1) {
      if (0 < i) text += ' ';
      text += typeof args[i] === 'string' ? args[i] : kit.inspect(args[i]);
    }
    return text;
  };

  const { parseInteger, parseDecimal } = kit.primordials;
  const numeric = (parse) => (value) => (typeof value === 'symbol' || typeof value === 'object' ? 'NaN' : toText(parse(value)));
  const directives = {
    __proto__: null,
    s: (value) => (typeof value === 'string' ? value : kit.inspect(value, 1)),
    d: numeric(kit.primordials.toNumber),
    i: numeric(parseInteger),
    f: numeric(parseDecimal),
    j: (value) => {
      try {
        return toText(stringify(value));
      } catch {
        return '[Circular]';
      }
    },
    o: (value) => kit.inspect(value, 4),
    O: (value) => kit.inspect(value),
    c: () => '',
  };
})
