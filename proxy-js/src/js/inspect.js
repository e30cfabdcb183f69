// Any value as a text for a person: compact, bounded, and without running code of the plugin where that is possible.
(function (kit, native) {
  'use strict';

  const {
    apply, bufferLength, charCodeAt, dateTime, floor, getDescriptor, getPrototypeOf, getSymbols, hasOwn, indexOf, isArray,
    isoText, join, mapEach, mapSize, numberText, ownKeys, padStart, pop, push, repeat, setEach, setSize, slice,
    sourceOf, startsWith, stringify, symbolText, tagSymbol, test, toNumber, toText, toUpperCase, typedArrayLength,
  } = kit.primordials;

  const ITEMS = 100; // elements of one array, map or set
  const STRING = 2000; // characters of one string inside another value
  const LINE = 72; // what fits stays in one line
  const NAME = /^[A-Za-z_]\w*$/;
  const MANY = 6; // elements of a list that stand in columns if they are short
  const SHORT = 6;
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
      if (descriptor === undefined || typeof descriptor.value !== 'function') continue;
      const name = getDescriptor(descriptor.value, 'name');
      if (name && typeof name.value === 'string' && name.value !== '') return name.value;
    }
    return '';
  };

  // What an object calls itself besides its constructor.
  const tagText = (object, name) => {
    for (let at = object, step = 0; at !== null && step < 100; at = getPrototypeOf(at), step += 1) {
      const descriptor = getDescriptor(at, tagSymbol);
      if (descriptor === undefined) continue;
      const tag = descriptor.value;
      const isShown = at === object && descriptor.enumerable;
      return !isShown && typeof tag === 'string' && tag !== '' && tag !== name ? ' [' + tag + ']' : '';
    }
    return '';
  };

  // What stands for characters that cannot be seen.
  const ESCAPES = { __proto__: null, '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\\': '\\\\' };
  const escaped = (unit) => {
    if (ESCAPES[unit] !== undefined) return ESCAPES[unit];
    const code = charCodeAt(unit, 0);
    const digits = toUpperCase(numberText(code, 16));
    return code < 0x100 ? '\\x' + padStart(digits, 2, '0') : '\\u' + digits;
  };
  const PLAIN = /^[^\x00-\x1f\x7f-\x9f\\\ud800-\udfff]*$/;

  const isWhole = (text, at) => {
    const code = charCodeAt(text, at);
    if (code < 0xd800 || 0xdfff < code) return true;
    const other = code < 0xdc00 ? charCodeAt(text, at + 1) : charCodeAt(text, at - 1);
    return code < 0xdc00 ? 0xdc00 <= other && other <= 0xdfff : 0xd800 <= other && other < 0xdc00;
  };

  const quoted = (text) => {
    if (STRING < text.length) return cut(text);
    let mark = "'";
    if (0 <= indexOf(text, "'")) mark = indexOf(text, '"') < 0 ? '"' : indexOf(text, BACKTICK) < 0 ? BACKTICK : "'";
    if (test(PLAIN, text) && indexOf(text, mark) < 0) return mark + text + mark;
    let out = mark;
    for (let i = 0; i < text.length; i += 1) {
      if (text[i] === mark) out += '\\' + mark;
      else out += test(PLAIN, text[i]) || (isSurrogate(text[i]) && isWhole(text, i)) ? text[i] : escaped(text[i]);
    }
    return out + mark;
  };
  const cut = (text) => {
    const rest = text.length - STRING;
    return quoted(slice(text, 0, STRING)) + '... ' + rest + ' more character' + (rest === 1 ? '' : 's');
  };
  const BACKTICK = '\u0060';
  const isSurrogate = (unit) => '\ud800' <= unit && unit <= '\udfff';

  const primitive = (value) => {
    if (typeof value === 'string') return quoted(value);
    if (typeof value === 'symbol') return symbolText(value);
    return numeric(value);
  };

  const numeric = (value) => {
    if (typeof value === 'bigint') return value + 'n';
    return value === 0 && 1 / value < 0 ? '-0' : toText(value);
  };

  const FUNCTIONS = { __proto__: null, AsyncFunction: true, AsyncGeneratorFunction: true, GeneratorFunction: true };

  const functionText = (value, brand) => {
    const name = getDescriptor(value, 'name');
    const own = name && typeof name.value === 'string' && name.value;
    if (startsWith(sourceOf(value), 'class')) {
      const parent = getPrototypeOf(value);
      const above = typeof parent === 'function' && getDescriptor(parent, 'name');
      const heir = above && typeof above.value === 'string' && above.value !== '' ? ' extends ' + above.value : '';
      return '[class ' + (own || '(anonymous)') + heir + ']';
    }
    const kind = FUNCTIONS[brand] ? brand : 'Function';
    return own ? '[' + kind + ': ' + own + ']' : '[' + kind + ' (anonymous)]';
  };

  const keyText = (key) => {
    if (typeof key === 'symbol') return '[' + symbolText(key) + ']';
    return test(NAME, key) ? key : quoted(key);
  };

  const errorText = (error) => {
    const name = read(error, 'name');
    const message = read(error, 'message');
    const head = typeof name === 'string' && name !== '' ? name : 'Error';
    const text = typeof message === 'string' && message !== '' ? head + ': ' + message : head;
    const stack = native.stackOf(error);
    return text + native.explain(error) + (stack === '' ? '' : '\n' + stack);
  };

  // One walk: what it has seen above itself, what of that was met again, how many characters are left.
  const walk = (state, value, depth) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return primitive(value);
    for (let i = 0; i < state.above.length; i += 1) {
      if (state.above[i] === value) return '[Circular *' + circleOf(state, value) + ']';
    }
    if (state.left <= 0) return '…';
    push(state.above, value);
    const text = objectText(state, value, depth);
    pop(state.above);
    state.left -= text.length;
    for (let i = 0; i < state.circles.length; i += 1) {
      if (state.circles[i] === value) return '<ref *' + (i + 1) + '> ' + text;
    }
    return text;
  };

  const circleOf = (state, value) => {
    for (let i = 0; i < state.circles.length; i += 1) {
      if (state.circles[i] === value) return i + 1;
    }
    push(state.circles, value);
    return state.circles.length;
  };

  // Elements between brackets: in one line if they fit, many short ones of a list in lines that are filled, and otherwise
  // each in its own.
  const group = (state, head, open, parts, close) => {
    const prefix = head === '' ? '' : head + ' ';
    if (parts.length === 0) return prefix + open + close;
    let length = 0;
    let longest = 0;
    let lines = false;
    for (let i = 0; i < parts.length; i += 1) {
      length += parts[i].length + 2;
      if (longest < parts[i].length && !isMore(parts[i])) longest = parts[i].length;
      lines = lines || 0 <= indexOf(parts[i], '\n');
    }
    if (length <= LINE && !lines) return prefix + open + ' ' + join(parts, ', ') + ' ' + close;
    const indent = repeat('  ', state.above.length);
    const isFilled = open === '[' && MANY < parts.length && longest <= SHORT && !lines;
    const inside = isFilled ? filled(parts, longest, indent) : join(parts, ',\n' + indent);
    return prefix + open + '\n' + indent + inside + '\n' + repeat('  ', state.above.length - 1) + close;
  };

  // Columns of the same width, with numbers to the right.
  const filled = (parts, longest, indent) => {
    const columns = floor(LINE / (longest + 2));
    let text = '';
    let gap = '';
    for (let i = 0; i < parts.length; i += 1) {
      const isFirst = i % columns === 0 || isMore(parts[i]);
      if (0 < i) text += isFirst ? ',\n' + indent : ', ' + gap;
      const isNumber = test(NUMBER, parts[i]);
      text += isNumber ? padStart(parts[i], longest, ' ') : parts[i];
      gap = isNumber || isMore(parts[i]) ? '' : repeat(' ', longest - parts[i].length);
    }
    return text;
  };
  const isMore = (part) => startsWith(part, '... ');
  const NUMBER = /^-?[\d.e+-]+n?$/;

  const more = (parts, rest) => {
    if (0 < rest) push(parts, '... ' + rest + ' more item' + (rest === 1 ? '' : 's'));
  };

  // Adds the own enumerable properties, those with `keys`; a getter is named and not run.
  const properties = (state, value, depth, parts, skip, keys = ownKeys(value)) => {
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
        : '[' + (descriptor.get ? (descriptor.set ? 'Getter/Setter' : 'Getter') : 'Setter') + ']';
      push(parts, keyText(key) + ': ' + shownValue);
    }
    more(parts, shown - ITEMS);
    return parts;
  };

  const isIndex = (key) => test(/^\d+$/, key);
  const never = () => false;

  // The elements of a list; holes in a row are one part.
  const list = (state, value, length, depth) => {
    const parts = [];
    let keys;
    let key = 0;
    let i = 0;
    while (i < length && parts.length < ITEMS && 0 < state.left) {
      if (hasOwn(value, i)) {
        push(parts, walk(state, value[i], depth - 1));
        i += 1;
        continue;
      }
      if (keys === undefined) keys = ownKeys(value);
      while (key < keys.length && typeof keys[key] === 'string' && isIndex(keys[key]) && toNumber(keys[key]) < i) key += 1;
      const isEnd = keys.length <= key || typeof keys[key] !== 'string' || !isIndex(keys[key]);
      const next = isEnd ? length : toNumber(keys[key]);
      push(parts, '<' + (next - i) + ' empty item' + (next - i === 1 ? '' : 's') + '>');
      i = next;
    }
    more(parts, length - i);
    return parts;
  };

  // What an array has besides its elements.
  const namesOf = (array) => {
    const names = native.namesOf(array);
    const symbols = getSymbols(array);
    for (let i = 0; i < symbols.length; i += 1) push(names, symbols[i]);
    return names;
  };

  // Whether there is nothing in it that would be shown.
  const isEmpty = (value, brand) => {
    // Where there are elements nothing else is asked: the keys of a long list may not fit into the memory.
    if (isArray(value) && value.length !== 0) return false;
    if (test(TYPED, brand)) return typedArrayLength(value) === 0;
    if (brand === 'Map' && mapSize(value) !== 0) return false;
    if (brand === 'Set' && setSize(value) !== 0) return false;
    const keys = ownKeys(value);
    for (let i = 0; i < keys.length; i += 1) {
      const descriptor = getDescriptor(value, keys[i]);
      if (descriptor !== undefined && descriptor.enumerable) return false;
    }
    return true;
  };

  // Objects of the language around a primitive.
  const BOXES = { __proto__: null, BigInt: true, Boolean: true, Number: true, String: true, Symbol: true };
  const boxText = (value, brand) => {
    const inside = brand === 'Symbol' ? symbolText(value) : primitive(kit.unboxed(value, brand));
    return '[' + brand + ': ' + inside + ']';
  };

  const objectText = (state, value, depth) => {
    const brand = native.className(value);
    if (typeof value === 'function') {
      const parts = depth <= 0 ? [] : properties(state, value, depth, [], never);
      const text = functionText(value, brand);
      return parts.length === 0 ? text : group(state, text, '{', parts, '}');
    }
    if (brand === 'Proxy') return '[Proxy]';
    const name = typeName(value);
    if (brand === 'Date') {
      const time = dateTime(value);
      return time === time ? isoText(value) : 'Invalid Date';
    }
    if (brand === 'RegExp') {
      const parts = kit.partsOf(value);
      return '/' + parts[0] + '/' + parts[1];
    }
    if (brand === 'Error' || brand === 'DOMException') {
      const parts = depth <= 0 ? [] : properties(state, value, depth, [], (key) => key === 'stack');
      if (hasOwn(value, 'cause')) push(parts, '[cause]: ' + walk(state, read(value, 'cause'), depth - 1));
      return parts.length === 0 ? errorText(value) : group(state, errorText(value), '{', parts, '}');
    }
    if (BOXES[brand]) return boxText(value, brand);
    if (brand === 'WeakMap' || brand === 'WeakSet') return name + ' { <items unknown> }';
    if (depth <= 0 && !isEmpty(value, brand)) return isArray(value) ? '[Array]' : '[' + (name || 'Object') + ']';
    if (isArray(value)) {
      const head = name === 'Array' ? '' : name + '(' + value.length + ')';
      const parts = list(state, value, value.length, depth);
      return group(state, head, '[', properties(state, value, depth, parts, never, namesOf(value)), ']');
    }
    if (test(TYPED, brand)) {
      const length = typedArrayLength(value);
      return group(state, name + '(' + length + ')', '[', list(state, value, length, depth), ']');
    }
    if (brand === 'ArrayBuffer') return 'ArrayBuffer { byteLength: ' + bufferLength(value) + ' }';
    if (brand === 'Map') {
      const parts = [];
      mapEach(value, (item, key) => {
        if (parts.length < ITEMS && 0 < state.left) {
          push(parts, walk(state, key, depth - 1) + ' => ' + walk(state, item, depth - 1));
        }
      });
      more(parts, mapSize(value) - ITEMS);
      return group(state, name + '(' + mapSize(value) + ')', '{', parts, '}');
    }
    if (brand === 'Set') {
      const parts = [];
      setEach(value, (item) => {
        if (parts.length < ITEMS && 0 < state.left) push(parts, walk(state, item, depth - 1));
      });
      more(parts, setSize(value) - ITEMS);
      return group(state, name + '(' + setSize(value) + ')', '{', parts, '}');
    }
    const shown = kit.partsToShow(value);
    if (shown !== undefined) return group(state, name, '{', properties(state, shown, depth, [], never), '}');
    let head = name;
    const tag = tagText(value, name);
    if (getPrototypeOf(value) === null) head = '[Object: null prototype]';
    else if (brand === 'Arguments' || brand === 'MappedArguments') head = '[Arguments]';
    else if (name === 'Object' && tag === '') head = '';
    return group(state, head + (head === '[Arguments]' ? '' : tag), '{', properties(state, value, depth, [], never), '}');
  };

  // `depth` levels of objects in objects, and about `budget` characters.
  const inspect = (value, depth = 3, budget = 8192) => {
    try {
      return walk({ __proto__: null, above: [], circles: [], left: budget }, value, depth);
    } catch (error) {
      // A proxy's trap or a getter on a prototype threw: the value cannot be shown, and that is all there is to say.
      return '[value that throws when it is read]';
    }
  };

  // As the console writes its arguments: strings bare, format directives filled in.
  const format = (args) => {
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
        } else text += '%' + directive;
      }
    }
    for (let i = next; i < args.length; i += 1) {
      if (0 < i) text += ' ';
      text += typeof args[i] === 'string' ? args[i] : inspect(args[i]);
    }
    return text;
  };

  const { parseInteger, parseDecimal } = kit.primordials;
  const parsed = (parse) => (value) => {
    if (typeof value === 'symbol') return 'NaN';
    if (typeof value === 'bigint') return numeric(value);
    return typeof value === 'object' && value !== null ? 'NaN' : numeric(parse(value));
  };
  const directives = {
    __proto__: null,
    s: (value) => {
      if (typeof value === 'string') return value;
      return typeof value === 'function' ? sourceOf(value) : inspect(value, 1);
    },
    d: parsed(toNumber),
    i: parsed(parseInteger),
    f: (value) => (typeof value === 'symbol' ? 'NaN' : numeric(parseDecimal(value))),
    j: (value) => {
      try {
        return toText(stringify(value));
      } catch {
        return '[Circular]';
      }
    },
    o: (value) => inspect(value, 4),
    O: (value) => inspect(value),
    c: () => '',
  };

  return { __proto__: null, format, inspect };
})
