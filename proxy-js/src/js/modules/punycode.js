// `punycode`: names of hosts in other scripts, by the algorithm of RFC 3492.
(function (kit) {
  'use strict';

  const {
    RangeError, charCodeAt, floor, fromCharCode, join, lastIndexOf, push, slice, split, test, toLowerCase,
  } = kit.primordials;

  const BASE = 36;
  const LEAST = 1;
  const MOST = 26;
  const SKEW = 38;
  const DAMP = 700;
  const FIRST_BIAS = 72;
  const FIRST = 0x80;
  const LARGEST = 0x7fffffff;

  const errors = {
    overflow: 'Overflow: input needs wider integers to process',
    'not-basic': 'Illegal input >= 0x80 (not a basic code point)',
    'invalid-input': 'Invalid input',
  };
  const fail = (kind) => { throw new RangeError(errors[kind]); };

  const decodePoints = (text) => {
    const points = [];
    for (let i = 0; i < text.length; i += 1) {
      const high = charCodeAt(text, i);
      const low = i + 1 < text.length ? charCodeAt(text, i + 1) : 0;
      if (0xd800 <= high && high <= 0xdbff && 0xdc00 <= low && low <= 0xdfff) {
        push(points, (high - 0xd800) * 0x400 + low - 0xdc00 + 0x10000);
        i += 1;
      } else {
        push(points, high);
      }
    }
    return points;
  };
  const pointText = (point) => (point < 0x10000 ? fromCharCode(point)
    : fromCharCode(0xd800 + floor((point - 0x10000) / 0x400), 0xdc00 + ((point - 0x10000) % 0x400)));
  const encodePoints = (points) => {
    let text = '';
    for (let i = 0; i < points.length; i += 1) text += pointText(points[i]);
    return text;
  };

  const adapt = (delta, count, isFirst) => {
    let rest = isFirst ? floor(delta / DAMP) : floor(delta / 2);
    rest += floor(rest / count);
    let k = 0;
    for (; floor(((BASE - LEAST) * MOST) / 2) < rest; k += BASE) rest = floor(rest / (BASE - LEAST));
    return floor(k + ((BASE - LEAST + 1) * rest) / (rest + SKEW));
  };
  const threshold = (k, bias) => (k <= bias ? LEAST : bias + MOST <= k ? MOST : k - bias);

  const digitOf = (code) => {
    if (0x30 <= code && code <= 0x39) return code - 0x30 + 26;
    const lower = code | 32;
    return 0x61 <= lower && lower <= 0x7a ? lower - 0x61 : BASE;
  };
  const digitText = (digit) => fromCharCode(digit < 26 ? digit + 0x61 : digit - 26 + 0x30);

  const decode = (input) => {
    const points = [];
    const basic = lastIndexOf(input, '-');
    for (let i = 0; i < basic; i += 1) {
      if (0x80 <= charCodeAt(input, i)) fail('not-basic');
      push(points, charCodeAt(input, i));
    }
    let n = FIRST;
    let i = 0;
    let bias = FIRST_BIAS;
    for (let at = 0 < basic ? basic + 1 : 0; at < input.length;) {
      const before = i;
      for (let weight = 1, k = BASE; ; k += BASE) {
        if (input.length <= at) fail('invalid-input');
        const digit = digitOf(charCodeAt(input, at));
        at += 1;
        if (BASE <= digit) fail('invalid-input');
        if (floor((LARGEST - i) / weight) < digit) fail('overflow');
        i += digit * weight;
        const limit = threshold(k, bias);
        if (digit < limit) break;
        if (floor(LARGEST / (BASE - limit)) < weight) fail('overflow');
        weight *= BASE - limit;
      }
      const count = points.length + 1;
      bias = adapt(i - before, count, before === 0);
      if (LARGEST - n < floor(i / count)) fail('overflow');
      n += floor(i / count);
      i %= count;
      push(points, 0);
      for (let k = points.length - 1; i < k; k -= 1) points[k] = points[k - 1];
      points[i] = n;
      i += 1;
    }
    return encodePoints(points);
  };

  const encode = (input) => {
    const points = decodePoints(input);
    let text = '';
    for (let i = 0; i < points.length; i += 1) if (points[i] < 0x80) text += fromCharCode(points[i]);
    const basic = text.length;
    let handled = basic;
    if (basic !== 0) text += '-';
    let n = FIRST;
    let delta = 0;
    let bias = FIRST_BIAS;
    while (handled < points.length) {
      let next = LARGEST;
      for (let i = 0; i < points.length; i += 1) if (n <= points[i] && points[i] < next) next = points[i];
      if (floor((LARGEST - delta) / (handled + 1)) < next - n) fail('overflow');
      delta += (next - n) * (handled + 1);
      n = next;
      for (let i = 0; i < points.length; i += 1) {
        if (points[i] < n) delta += 1;
        if (points[i] !== n) continue;
        let q = delta;
        for (let k = BASE; ; k += BASE) {
          const limit = threshold(k, bias);
          if (q < limit) break;
          text += digitText(limit + ((q - limit) % (BASE - limit)));
          q = floor((q - limit) / (BASE - limit));
        }
        text += digitText(q);
        bias = adapt(delta, handled + 1, handled === basic);
        delta = 0;
        handled += 1;
      }
      delta += 1;
      n += 1;
    }
    return text;
  };

  const eachLabel = (domain, work) => {
    const at = lastIndexOf(domain, '@');
    const before = at < 0 ? '' : slice(domain, 0, at + 1);
    let rest = at < 0 ? domain : slice(domain, at + 1);
    for (let i = 0; i < DOTS.length; i += 1) rest = join(split(rest, DOTS[i]), '.');
    const labels = split(rest, '.');
    for (let i = 0; i < labels.length; i += 1) labels[i] = work(labels[i]);
    return before + join(labels, '.');
  };
  const DOTS = ['\u3002', '\uff0e', '\uff61'];

  const exports = {
    version: '2.1.0',
    ucs2: { decode: decodePoints, encode: encodePoints },
    decode,
    encode,
    toASCII: (domain) => eachLabel(domain, (label) => (test(/[^\0-\x7f]/, label) ? 'xn--' + encode(label) : label)),
    toUnicode: (domain) => eachLabel(domain, (label) => (slice(label, 0, 4) === 'xn--' ? decode(toLowerCase(slice(label, 4))) : label)),
  };

  return { __proto__: null, exports };
})
