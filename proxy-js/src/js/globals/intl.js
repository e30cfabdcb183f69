// Intl: what plugins use of it, in American English, without the tables of all other languages.
(function (kit) {
  'use strict';

  const {
    RangeError, TypeError, abs, asText, defineProperty, join, push, slice, split, tagSymbol, toLowerCase, toNumber,
    toUpperCase,
  } = kit.primordials;
  const { LOCALE, choice, hide, service, tags } = kit.use('locales');
  const { sequence } = kit.use('webidl');
  const { DateTimeFormat } = kit.use('dates');
  const { NumberFormat, format } = kit.use('numbers');
  const { Collator } = kit.use('collation');

  const ordinalOf = (number) => {
    const last = number % 10;
    const lastTwo = number % 100;
    if (last === 1 && lastTwo !== 11) return 'one';
    if (last === 2 && lastTwo !== 12) return 'two';
    return last === 3 && lastTwo !== 13 ? 'few' : 'other';
  };

  const PluralRules = service('PluralRules', (options) => ({
    __proto__: null,
    type: choice(options, 'type', ['cardinal', 'ordinal'], 'cardinal'),
  }), {
    __proto__: null,
    select: (state, value) => {
      const number = abs(toNumber(value));
      if (state.type === 'ordinal') return ordinalOf(number);
      return number === 1 ? 'one' : 'other';
    },
    resolvedOptions: (state) => ({ locale: LOCALE, type: state.type }),
  });

  const ListFormat = service('ListFormat', (options) => ({
    __proto__: null,
    type: choice(options, 'type', ['conjunction', 'disjunction', 'unit'], 'conjunction'),
    style: choice(options, 'style', ['long', 'short', 'narrow'], 'long'),
  }), {
    __proto__: null,
    format: (state, list) => {
      const words = list === undefined ? [] : sequence(list, 'a list');
      const { style, type } = state;
      const and = type === 'disjunction' ? 'or' : style === 'long' ? 'and' : style === 'short' ? '&' : '';
      let text = '';
      for (let i = 0; i < words.length; i += 1) {
        if (typeof words[i] !== 'string') throw new TypeError('a list has texts only');
        if (0 < i) {
          const isLast = i === words.length - 1;
          const between = type === 'unit' ? (style === 'narrow' ? ' ' : ', ') : words.length === 2 && and !== '' ? ' ' : ', ';
          text += between + (isLast && type !== 'unit' && and !== '' ? and + ' ' : '');
        }
        text += words[i];
      }
      return text;
    },
    resolvedOptions: (state) => ({ locale: LOCALE, type: state.type, style: state.style }),
  });

  const NEAR = {
    __proto__: null,
    year: ['last year', 'this year', 'next year'],
    quarter: ['last quarter', 'this quarter', 'next quarter'],
    month: ['last month', 'this month', 'next month'],
    week: ['last week', 'this week', 'next week'],
    day: ['yesterday', 'today', 'tomorrow'],
    hour: [undefined, 'this hour', undefined],
    minute: [undefined, 'this minute', undefined],
    second: [undefined, 'now', undefined],
  };

  const unitOf = (name) => {
    for (const unit in NEAR) {
      if (name === unit || name === unit + 's') return unit;
    }
    throw new RangeError('Invalid unit argument for format() : ' + name);
  };

  const RelativeTimeFormat = service('RelativeTimeFormat', (options) => ({
    __proto__: null,
    numeric: choice(options, 'numeric', ['always', 'auto'], 'always'),
    style: choice(options, 'style', ['long', 'short', 'narrow'], 'long'),
  }), {
    __proto__: null,
    format: (state, value, name) => {
      const number = toNumber(value);
      const unit = unitOf(asText(name));
      if (!(abs(number) < 1 / 0)) throw new RangeError('a time that is not finite');
      if (state.numeric === 'auto' && (number === -1 || number === 0 || number === 1)) {
        const near = NEAR[unit][number + 1];
        if (near !== undefined) return near;
      }
      const isPast = number < 0 || (number === 0 && 1 / number < 0);
      const text = format(abs(number), undefined, undefined) + ' ' + unit + (abs(number) === 1 ? '' : 's');
      return isPast ? text + ' ago' : 'in ' + text;
    },
    resolvedOptions: (state) => ({ locale: LOCALE, style: state.style, numeric: state.numeric, numberingSystem: 'latn' }),
  });

  // Each subtag in the case that is usual for its length.
  const canonical = (tag) => {
    const subtags = split(tag, '-');
    const out = [];
    for (let i = 0; i < subtags.length; i += 1) {
      const low = toLowerCase(subtags[i]);
      if (0 < i && low.length === 2) push(out, toUpperCase(low));
      else if (0 < i && low.length === 4) push(out, toUpperCase(low[0]) + slice(low, 1));
      else push(out, low);
    }
    return join(out, '-');
  };

  const Intl = {};
  hide(Intl, 'Collator', Collator);
  hide(Intl, 'DateTimeFormat', DateTimeFormat);
  hide(Intl, 'ListFormat', ListFormat);
  hide(Intl, 'NumberFormat', NumberFormat);
  hide(Intl, 'PluralRules', PluralRules);
  hide(Intl, 'RelativeTimeFormat', RelativeTimeFormat);
  hide(Intl, 'getCanonicalLocales', {
    getCanonicalLocales(locales) {
      const found = tags(locales);
      const out = [];
      for (let i = 0; i < found.length; i += 1) push(out, canonical(found[i]));
      return out;
    },
  }.getCanonicalLocales);
  defineProperty(Intl, tagSymbol, { __proto__: null, value: 'Intl', configurable: true });

  return { __proto__: null, Intl };
})
