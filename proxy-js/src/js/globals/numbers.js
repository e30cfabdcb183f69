// Intl.NumberFormat and Number.prototype.toLocaleString, in American English.
(function (kit) {
  'use strict';

  const {
    BigInt, Number, RangeError, TypeError, abs, asText, indexOf, isNaN, padStart, push, slice, test, toNumber,
    toPrecision, toUpperCase, uncurry,
  } = kit.primordials;
  const { LOCALE, choice, optionsOf, service, tags, textOf, whole } = kit.use('locales');

  // Currencies with a sign of their own, and those without cents.
  const SIGNS = {
    __proto__: null, AUD: 'A$', BRL: 'R$', CAD: 'CA$', CNY: 'CN¥', EUR: '€', GBP: '£', HKD: 'HK$', ILS: '₪', INR: '₹',
    JPY: '¥', KRW: '₩', MXN: 'MX$', NZD: 'NZ$', PHP: '₱', TWD: 'NT$', USD: '$', VND: '₫',
  };
  const WHOLE = { __proto__: null, CLP: true, ISK: true, JPY: true, KRW: true, VND: true };
  const MOST_DIGITS = 100;

  const makeState = (options) => {
    const style = choice(options, 'style', ['decimal', 'percent', 'currency', 'unit'], 'decimal');
    let currency = choice(options, 'currency', undefined, undefined);
    if (currency !== undefined) {
      if (!test(/^[A-Za-z]{3}$/, currency)) throw new RangeError('Invalid currency code : ' + currency);
      currency = toUpperCase(currency);
    }
    if (style === 'currency' && currency === undefined) throw new TypeError('Currency code is required with currency style.');
    const cents = style !== 'currency' || WHOLE[currency] ? 0 : 2;
    const least = whole(options, 'minimumFractionDigits', 0, MOST_DIGITS, undefined);
    const most = whole(options, 'maximumFractionDigits', 0, MOST_DIGITS, undefined);
    const usual = style === 'currency' ? cents : style === 'percent' ? 0 : 3;
    if (least !== undefined && most !== undefined && most < least) {
      throw new RangeError('maximumFractionDigits is less than minimumFractionDigits');
    }
    const leastSignificant = whole(options, 'minimumSignificantDigits', 1, 21, undefined);
    const mostSignificant = whole(options, 'maximumSignificantDigits', leastSignificant ?? 1, 21, undefined);
    const isSignificant = leastSignificant !== undefined || mostSignificant !== undefined;
    const { useGrouping } = options;
    return {
      __proto__: null,
      style,
      currency,
      currencyDisplay: choice(options, 'currencyDisplay', ['code', 'symbol', 'narrowSymbol', 'name'], 'symbol'),
      minimumIntegerDigits: whole(options, 'minimumIntegerDigits', 1, 21, 1),
      minimumFractionDigits: least ?? (most === undefined || cents < most ? cents : most),
      maximumFractionDigits: most ?? (least === undefined || least < usual ? usual : least),
      minimumSignificantDigits: isSignificant ? leastSignificant ?? 1 : undefined,
      maximumSignificantDigits: isSignificant ? mostSignificant ?? 21 : undefined,
      useGrouping: useGrouping === undefined || (!!useGrouping && useGrouping !== 'false'),
    };
  };

  // Zeros at the end of a fraction, as far as `least` digits of it allow.
  const withoutZeros = (digits, least) => {
    const point = indexOf(digits, '.');
    if (point < 0) return digits;
    let end = digits.length;
    while (point + 1 + least < end && digits[end - 1] === '0') end -= 1;
    return slice(digits, 0, end === point + 1 ? point : end);
  };

  // `1.5e+21` as digits alone.
  const plainDigits = (text) => {
    const at = indexOf(text, 'e');
    if (at < 0) return text;
    const exponent = toNumber(slice(text, at + 1));
    const point = indexOf(text, '.');
    const mantissa = point < 0 ? slice(text, 0, at) : slice(text, 0, point) + slice(text, point + 1, at);
    const place = (point < 0 ? at : point) + exponent;
    if (place <= 0) return '0.' + padStart('', -place, '0') + mantissa;
    if (mantissa.length <= place) return mantissa + padStart('', place - mantissa.length, '0');
    return slice(mantissa, 0, place) + '.' + slice(mantissa, place);
  };

  const significant = (state, number) => {
    const least = state.minimumSignificantDigits;
    const digits = plainDigits(toPrecision(number, state.maximumSignificantDigits));
    const lead = number < 1 ? digits.length : indexOf(digits, '.') < 0 ? digits.length : indexOf(digits, '.');
    return withoutZeros(digits, number === 0 || 1 <= number ? (least <= lead ? 0 : least - lead) : least);
  };

  // One more in the last place of decimal digits.
  const incremented = (digits) => {
    let at = digits.length - 1;
    let tail = '';
    for (; 0 <= at; at -= 1) {
      if (digits[at] === '.') tail = '.' + tail;
      else if (digits[at] === '9') tail = '0' + tail;
      else return slice(digits, 0, at) + (toNumber(digits[at]) + 1) + tail;
    }
    return '1' + tail;
  };

  // Rounds the digits that a person would write, and not the number between two others that is meant by them.
  const fixed = (state, number) => {
    const least = state.minimumFractionDigits;
    const most = state.maximumFractionDigits;
    const digits = plainDigits(asText(number));
    const point = indexOf(digits, '.');
    const fraction = point < 0 ? 0 : digits.length - point - 1;
    if (fraction <= most) {
      return fraction < least ? digits + (point < 0 ? '.' : '') + padStart('', least - fraction, '0') : digits;
    }
    const end = most === 0 ? point : point + 1 + most;
    const next = digits[point + 1 + most];
    const kept = slice(digits, 0, end);
    return withoutZeros(next < '5' ? kept : incremented(kept), least);
  };

  const part = (parts, type, value) => {
    push(parts, { type, value });
  };

  const pushDigits = (state, parts, digits) => {
    const point = indexOf(digits, '.');
    const integer = padStart(point < 0 ? digits : slice(digits, 0, point), state.minimumIntegerDigits, '0');
    let from = 0;
    let to = state.useGrouping ? integer.length % 3 : integer.length;
    if (to === 0) to = 3;
    for (; from < integer.length; to += 3) {
      if (0 < from) part(parts, 'group', ',');
      part(parts, 'integer', slice(integer, from, to));
      from = to;
    }
    if (point < 0) return;
    part(parts, 'decimal', '.');
    part(parts, 'fraction', slice(digits, point + 1));
  };

  const sign = (state) => {
    if (state.currencyDisplay === 'code') return state.currency + '\u00a0';
    const known = SIGNS[state.currency];
    return known === undefined ? state.currency + '\u00a0' : known;
  };

  const partsOf = (state, value) => {
    const parts = [];
    const isBig = typeof value === 'bigint';
    const number = isBig ? value : toNumber(value);
    const isNegative = isBig ? number < 0 : number < 0 || (number === 0 && 1 / number < 0);
    if (isNegative) part(parts, 'minusSign', '-');
    if (state.style === 'currency') part(parts, 'currency', sign(state));
    if (isBig) pushDigits(state, parts, asText(isNegative ? -number : number));
    else if (isNaN(number)) part(parts, 'nan', 'NaN');
    else {
      const size = abs(number) * (state.style === 'percent' ? 100 : 1);
      if (size === 1 / 0) part(parts, 'infinity', '∞');
      else pushDigits(state, parts, state.maximumSignificantDigits === undefined ? fixed(state, size) : significant(state, size));
    }
    if (state.style === 'percent') part(parts, 'percentSign', '%');
    return parts;
  };

  const numeric = (value) => (typeof value === 'bigint' || typeof value === 'number' ? value : toNumber(value));

  const NumberFormat = service('NumberFormat', makeState, {
    __proto__: null,
    format: (state, value) => textOf(partsOf(state, numeric(value))),
    formatToParts: (state, value) => partsOf(state, numeric(value)),
    resolvedOptions: (state) => ({
      locale: LOCALE,
      numberingSystem: 'latn',
      style: state.style,
      currency: state.currency,
      minimumIntegerDigits: state.minimumIntegerDigits,
      minimumFractionDigits: state.minimumFractionDigits,
      maximumFractionDigits: state.maximumFractionDigits,
      useGrouping: state.useGrouping ? 'auto' : false,
    }),
  }, 'format');

  const numberOf = uncurry(Number.prototype.valueOf);
  const bigintOf = uncurry(BigInt.prototype.valueOf);

  const usual = makeState({ __proto__: null });
  const format = (value, locales, options) => {
    tags(locales);
    return textOf(partsOf(options === undefined ? usual : makeState(optionsOf(options)), value));
  };

  return {
    __proto__: null,
    NumberFormat,
    format,
    ofNumber: (value, locales, options) => format(numberOf(value), locales, options),
    ofBigint: (value, locales, options) => format(bigintOf(value), locales, options),
  };
})
