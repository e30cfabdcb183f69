// Intl.DateTimeFormat and the dates' toLocaleString, in American English. Zones are that of the machine, and UTC.
(function (kit, native) {
  'use strict';

  const {
    Date, RangeError, TypeError, abs, asText, dateTime, floor, isNaN, padStart, push, slice, toLowerCase, toNumber,
    zoneOffset,
  } = kit.primordials;
  const { LOCALE, choice, optionsOf, service, tags, textOf, whole } = kit.use('locales');

  const MONTHS = [
    'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
  ];
  const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  const NUMERIC = ['2-digit', 'numeric'];
  const STYLES = ['full', 'long', 'medium', 'short'];
  const ZONE_NAMES = ['short', 'long', 'shortOffset', 'longOffset', 'shortGeneric', 'longGeneric'];
  const UTC = 'UTC';

  const zone = native.facts()[2];
  const utcNames = { __proto__: null, utc: true, gmt: true, 'etc/utc': true, 'etc/gmt': true };

  const zoneNamed = (name) => {
    const low = toLowerCase(name);
    if (utcNames[low]) return UTC;
    if (low === toLowerCase(zone)) return zone;
    throw new RangeError('Invalid time zone specified: ' + name);
  };

  // What each style stands for.
  const DATE_STYLES = {
    __proto__: null,
    full: { __proto__: null, weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
    long: { __proto__: null, year: 'numeric', month: 'long', day: 'numeric' },
    medium: { __proto__: null, year: 'numeric', month: 'short', day: 'numeric' },
    short: { __proto__: null, year: '2-digit', month: 'numeric', day: 'numeric' },
  };
  const TIME = { __proto__: null, hour: 'numeric', minute: '2-digit', second: '2-digit' };
  const TIME_STYLES = {
    __proto__: null,
    full: { __proto__: null, hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'long' },
    long: { __proto__: null, hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
    medium: TIME,
    short: { __proto__: null, hour: 'numeric', minute: '2-digit' },
  };

  // `wanted` says which kind of moment the caller deals with, `usual` what is shown when nothing was asked for.
  const makeState = (options, wanted, usual) => {
    const state = {
      __proto__: null,
      weekday: choice(options, 'weekday', ['narrow', 'short', 'long'], undefined),
      year: choice(options, 'year', NUMERIC, undefined),
      month: choice(options, 'month', ['2-digit', 'numeric', 'narrow', 'short', 'long'], undefined),
      day: choice(options, 'day', NUMERIC, undefined),
      hour: choice(options, 'hour', NUMERIC, undefined),
      minute: choice(options, 'minute', NUMERIC, undefined),
      second: choice(options, 'second', NUMERIC, undefined),
      fraction: whole(options, 'fractionalSecondDigits', 1, 3, undefined),
      timeZoneName: choice(options, 'timeZoneName', ZONE_NAMES, undefined),
      dateStyle: choice(options, 'dateStyle', STYLES, undefined),
      timeStyle: choice(options, 'timeStyle', STYLES, undefined),
      timeZone: options.timeZone === undefined ? zone : zoneNamed(asText(options.timeZone)),
    };
    const { hour12 } = options;
    const cycle = choice(options, 'hourCycle', ['h11', 'h12', 'h23', 'h24'], 'h12');
    state.is12 = hour12 === undefined ? cycle === 'h12' || cycle === 'h11' : !!hour12;
    const hasDate = state.weekday ?? state.year ?? state.month ?? state.day;
    const hasTime = state.hour ?? state.minute ?? state.second ?? state.fraction;
    if (state.dateStyle !== undefined || state.timeStyle !== undefined) {
      const isMixed = hasDate !== undefined || hasTime !== undefined || state.timeZoneName !== undefined;
      const other = wanted === 'date' ? state.timeStyle : wanted === 'time' ? state.dateStyle : undefined;
      if (isMixed || other !== undefined) throw new TypeError('dateStyle and timeStyle go with no other option of this kind');
      take(state, DATE_STYLES[state.dateStyle]);
      take(state, TIME_STYLES[state.timeStyle]);
      return state;
    }
    const asked = wanted === 'date' ? hasDate : wanted === 'time' ? hasTime : hasDate ?? hasTime;
    if (asked === undefined) {
      if (usual !== 'time') take(state, { __proto__: null, year: 'numeric', month: 'numeric', day: 'numeric' });
      if (usual !== 'date') take(state, TIME);
    }
    return state;
  };

  const take = (state, values) => {
    for (const name in values) state[name] = values[name];
  };

  // Years begin in March here, so that the day that some have more is their last; eras are 400 years.
  const civil = (days) => {
    const shifted = days + 719468;
    const era = floor(shifted / 146097);
    const dayOfEra = shifted - era * 146097;
    const leaps = floor(dayOfEra / 1460) - floor(dayOfEra / 36524) + floor(dayOfEra / 146096);
    const yearOfEra = floor((dayOfEra - leaps) / 365);
    const dayOfYear = dayOfEra - (365 * yearOfEra + floor(yearOfEra / 4) - floor(yearOfEra / 100));
    const fromMarch = floor((5 * dayOfYear + 2) / 153);
    const month = (fromMarch + 2) % 12;
    return {
      __proto__: null,
      year: yearOfEra + era * 400 + (month < 2 ? 1 : 0),
      month,
      day: dayOfYear - floor((153 * fromMarch + 2) / 5) + 1,
    };
  };

  const DAY = 86400000;

  // What a clock in the state's zone shows.
  const fieldsOf = (state, milliseconds) => {
    const offset = state.timeZone === UTC ? 0 : -zoneOffset(new Date(milliseconds));
    const shown = milliseconds + offset * 60000;
    const days = floor(shown / DAY);
    const rest = shown - days * DAY;
    const fields = civil(days);
    fields.weekday = (((days + 4) % 7) + 7) % 7;
    fields.hour = floor(rest / 3600000);
    fields.minute = floor(rest / 60000) % 60;
    fields.second = floor(rest / 1000) % 60;
    fields.millisecond = floor(rest) % 1000;
    fields.offset = offset;
    return fields;
  };

  const digits = (number, how) => (how === '2-digit' ? slice(padStart(asText(number), 2, '0'), -2) : asText(number));
  const word = (words, index, how) => {
    if (how === 'long') return words[index];
    return slice(words[index], 0, how === 'narrow' ? 1 : 3);
  };

  const zoneText = (state, fields) => {
    if (state.timeZone === UTC) return state.timeZoneName === 'long' ? 'Coordinated Universal Time' : UTC;
    if (fields.offset === 0) return 'GMT';
    const size = abs(fields.offset);
    const minutes = size % 60;
    const isLong = state.timeZoneName === 'long' || state.timeZoneName === 'longOffset';
    const hours = asText(floor(size / 60));
    const tail = minutes === 0 && !isLong ? '' : ':' + padStart(asText(minutes), 2, '0');
    return 'GMT' + (fields.offset < 0 ? '-' : '+') + (isLong ? padStart(hours, 2, '0') : hours) + tail;
  };

  // Parts with what stands between them.
  const joiner = () => {
    const parts = [];
    return {
      __proto__: null,
      parts,
      add: (before, type, value) => {
        if (0 < parts.length && before !== '') push(parts, { type: 'literal', value: before });
        push(parts, { type, value });
      },
    };
  };

  const addDate = (state, fields, { add }) => {
    const { weekday, year, month, day } = state;
    if (weekday !== undefined) add('', 'weekday', word(DAYS, fields.weekday, weekday));
    const isWord = month === 'long' || month === 'short' || month === 'narrow';
    if (month !== undefined) {
      add(', ', 'month', isWord ? word(MONTHS, fields.month, month) : digits(fields.month + 1, month));
    }
    if (day !== undefined) add(month === undefined || isWord ? ' ' : '/', 'day', digits(fields.day, day));
    if (year === undefined) return;
    let before = '/';
    if (isWord) before = day === undefined ? ' ' : ', ';
    else if (month === undefined && day === undefined) before = ', ';
    add(before, 'year', digits(fields.year, year));
  };

  const addTime = (state, fields, between, { add }) => {
    const { hour, minute, second, fraction } = state;
    let before = between;
    if (hour !== undefined) {
      const shown = state.is12 ? fields.hour % 12 || 12 : fields.hour;
      add(before, 'hour', digits(shown, state.is12 ? hour : '2-digit'));
      before = ':';
    }
    const isAlone = (one, other) => one === undefined && other === undefined;
    if (minute !== undefined) {
      add(before, 'minute', digits(fields.minute, isAlone(hour, second) ? 'numeric' : '2-digit'));
      before = ':';
    }
    if (second !== undefined) {
      add(before, 'second', digits(fields.second, isAlone(hour, minute) ? 'numeric' : '2-digit'));
      before = '.';
    }
    if (fraction !== undefined) {
      add(before, 'fractionalSecond', slice(padStart(asText(fields.millisecond), 3, '0'), 0, fraction));
    }
    if (hour !== undefined && state.is12) add(' ', 'dayPeriod', fields.hour < 12 ? 'AM' : 'PM');
  };

  const partsOf = (state, milliseconds) => {
    if (isNaN(milliseconds)) throw new RangeError('Invalid time value');
    const fields = fieldsOf(state, milliseconds);
    const text = joiner();
    addDate(state, fields, text);
    const isLong = state.month === 'long' && state.day !== undefined && state.year !== undefined;
    const isWeekdayOnly = state.weekday !== undefined && (state.month ?? state.day ?? state.year) === undefined;
    addTime(state, fields, isLong ? ' at ' : isWeekdayOnly ? ' ' : ', ', text);
    if (state.timeZoneName !== undefined) {
      const time = state.hour ?? state.minute ?? state.second ?? state.fraction;
      text.add(time === undefined ? ', ' : ' ', 'timeZoneName', zoneText(state, fields));
    }
    return text.parts;
  };

  const momentOf = (value) => {
    if (value === undefined) return kit.today();
    return native.className(value) === 'Date' ? dateTime(value) : toNumber(value);
  };

  const PARTS = ['weekday', 'year', 'month', 'day', 'hour', 'minute', 'second', 'timeZoneName'];

  const DateTimeFormat = service('DateTimeFormat', (options) => makeState(options, 'any', 'date'), {
    __proto__: null,
    format: (state, value) => textOf(partsOf(state, momentOf(value))),
    formatToParts: (state, value) => partsOf(state, momentOf(value)),
    formatRange: (state, from, to) => {
      if (from === undefined || to === undefined) throw new TypeError('formatRange needs two moments');
      const one = textOf(partsOf(state, momentOf(from)));
      const other = textOf(partsOf(state, momentOf(to)));
      return one === other ? one : one + '\u2009–\u2009' + other;
    },
    resolvedOptions: (state) => {
      const resolved = { locale: LOCALE, calendar: 'gregory', numberingSystem: 'latn', timeZone: state.timeZone };
      if (state.hour !== undefined) {
        resolved.hourCycle = state.is12 ? 'h12' : 'h23';
        resolved.hour12 = state.is12;
      }
      const shown = state.dateStyle === undefined && state.timeStyle === undefined ? PARTS : ['dateStyle', 'timeStyle'];
      for (let i = 0; i < shown.length; i += 1) {
        if (state[shown[i]] !== undefined) resolved[shown[i]] = state[shown[i]];
      }
      return resolved;
    },
  }, 'format');

  const formatter = (wanted, usual) => (date, locales, options) => {
    const milliseconds = dateTime(date);
    tags(locales);
    const state = makeState(optionsOf(options), wanted, usual);
    return isNaN(milliseconds) ? 'Invalid Date' : textOf(partsOf(state, milliseconds));
  };

  return {
    __proto__: null,
    DateTimeFormat,
    ofBoth: formatter('any', 'all'),
    ofDate: formatter('date', 'date'),
    ofTime: formatter('time', 'time'),
  };
})
