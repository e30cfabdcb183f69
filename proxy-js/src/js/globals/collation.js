// Intl.Collator and String.prototype.localeCompare: letters before marks before case, as dictionaries have it, for what
// Unicode can take apart. Scripts are in the order of their code points.
(function (kit) {
  'use strict';

  const { asText, charCodeAt, fromCharCode, indexOf, normalize, repeat, slice, test, toLowerCase } = kit.primordials;
  const { LOCALE, choice, optionsOf, service, tags } = kit.use('locales');

  const PLAIN = /^[\0-\x7f]*$/;
  const MARK = /^\p{M}$/u;
  const FIRST_MARK = '\u0300';
  const SPACE = /^\s$/u;
  const DIGIT = /^\p{Nd}$/u;
  const LETTER = /^\p{L}$/u;
  // What a dictionary ignores least: blanks, then these, then all other signs, digits and letters.
  const SIGNS = '_-,;:!?.\'"()[]{}@*/\\&#%\u0060^+<=>|~$';

  // What a character weighs: its kind, then its place in there.
  const KINDS = 0x200000;
  const weigh = (character) => {
    const code = charCodeAt(character, 0);
    if (code < 0x80) {
      if (0x61 <= code && code <= 0x7a) return 4 * KINDS + code;
      if (0x30 <= code && code <= 0x39) return 3 * KINDS + code;
      const sign = indexOf(SIGNS, character);
      if (0 <= sign) return KINDS + sign;
    }
    if (test(SPACE, character)) return code;
    if (test(DIGIT, character)) return 3 * KINDS + code;
    return (test(LETTER, character) ? 4 : 2) * KINDS + code;
  };
  // The weights of the characters that most texts are made of.
  const weights = { __proto__: null };
  for (let code = 0; code < 0x80; code += 1) weights[fromCharCode(code)] = weigh(fromCharCode(code));
  const weightOf = (character) => weights[character] ?? weigh(character);

  const makeState = (options) => ({
    __proto__: null,
    usage: choice(options, 'usage', ['sort', 'search'], 'sort'),
    sensitivity: choice(options, 'sensitivity', ['base', 'accent', 'case', 'variant'], 'variant'),
    numeric: !!options.numeric,
    caseFirst: choice(options, 'caseFirst', ['upper', 'lower', 'false'], 'false'),
  });

  // The letters of a text without marks, and the marks by themselves. Sorting asks for them again and again, so what has
  // no marks is not looked at letter by letter.
  const taken = (text) => {
    if (test(PLAIN, text)) {
      return { __proto__: null, letters: text, low: toLowerCase(text), marks: repeat(' ', text.length) };
    }
    const apart = normalize(text, 'NFD');
    let letters = '';
    let marks = '';
    for (let i = 0; i < apart.length; i += 1) {
      if (FIRST_MARK <= apart[i] && test(MARK, apart[i])) marks += apart[i];
      else {
        letters += apart[i];
        marks += ' ';
      }
    }
    return { __proto__: null, letters, low: toLowerCase(letters), marks };
  };

  const isDigit = (text, at) => at < text.length && 0x30 <= charCodeAt(text, at) && charCodeAt(text, at) <= 0x39;

  // The end of a number, and where it begins without leading zeros.
  const numberAt = (text, at) => {
    let from = at;
    while (text[from] === '0' && isDigit(text, from + 1)) from += 1;
    let to = from;
    while (isDigit(text, to)) to += 1;
    return { __proto__: null, from, to };
  };

  const order = (one, other) => (one < other ? -1 : other < one ? 1 : 0);

  const byLetters = (one, other, isNumeric) => {
    let i = 0;
    let j = 0;
    while (i < one.length && j < other.length) {
      if (isNumeric && isDigit(one, i) && isDigit(other, j)) {
        const first = numberAt(one, i);
        const second = numberAt(other, j);
        const byLength = order(first.to - first.from, second.to - second.from);
        if (byLength !== 0) return byLength;
        const byDigits = order(slice(one, first.from, first.to), slice(other, second.from, second.to));
        if (byDigits !== 0) return byDigits;
        i = first.to;
        j = second.to;
      } else {
        if (one[i] !== other[j]) {
          const byWeight = order(weightOf(one[i]), weightOf(other[j]));
          if (byWeight !== 0) return byWeight;
        }
        i += 1;
        j += 1;
      }
    }
    return order(one.length - i, other.length - j);
  };

  // Small letters come first, unless it is asked otherwise.
  const byCase = (one, other, caseFirst) => {
    for (let i = 0; i < one.letters.length && i < other.letters.length; i += 1) {
      if (one.letters[i] === other.letters[i]) continue;
      const isUpper = one.letters[i] !== one.low[i];
      return isUpper === (caseFirst === 'upper') ? -1 : 1;
    }
    return 0;
  };

  const compare = (state, first, second) => {
    if (first === second) return 0;
    const one = taken(first);
    const other = taken(second);
    const letters = byLetters(one.low, other.low, state.numeric);
    if (letters !== 0) return letters;
    const { sensitivity } = state;
    const hasMarks = sensitivity === 'accent' || sensitivity === 'variant';
    const marks = hasMarks && one.letters.length === other.letters.length ? order(one.marks, other.marks) : 0;
    if (marks !== 0) return marks;
    return sensitivity === 'case' || sensitivity === 'variant' ? byCase(one, other, state.caseFirst) : 0;
  };

  const Collator = service('Collator', makeState, {
    __proto__: null,
    compare: (state, one, other) => compare(state, asText(one), asText(other)),
    resolvedOptions: (state) => ({
      locale: LOCALE,
      usage: state.usage,
      sensitivity: state.sensitivity,
      ignorePunctuation: false,
      collation: 'default',
      numeric: state.numeric,
      caseFirst: state.caseFirst,
    }),
  }, 'compare');

  const usual = makeState({ __proto__: null });

  return {
    __proto__: null,
    Collator,
    ofTexts: (one, other, locales, options) => {
      tags(locales);
      return compare(options === undefined ? usual : makeState(optionsOf(options)), one, other);
    },
  };
})
