// Time since the start of the plugin, with marks and measures.
(function (kit, native) {
  'use strict';

  const { Map, TypeError, asText, mapEach, mapGet, mapSet, push, sortBy } = kit.primordials;
  const { dictionary, expose, isObject, need } = kit.use('webidl');
  const { EventTarget } = kit.use('events');

  // Entries that are kept; those that are made when so many are there are only given to their maker.
  const MOST = 10000;

  // Only who has it can make an entry or the clock.
  const key = { __proto__: null };
  const checked = (given, what) => {
    if (given !== key) throw new TypeError(what + ' cannot be made like this');
  };

  let facts;

  class PerformanceEntry {
    #name;
    #type;
    #start;
    #duration;

    constructor() {
      checked(arguments[0], 'a PerformanceEntry');
      this.#name = arguments[1];
      this.#type = arguments[2];
      this.#start = arguments[3];
      this.#duration = arguments[4];
    }

    get name() { return this.#name; }
    get entryType() { return this.#type; }
    get startTime() { return this.#start; }
    get duration() { return this.#duration; }

    toJSON() {
      return { name: this.#name, entryType: this.#type, startTime: this.#start, duration: this.#duration };
    }

    static {
      facts = {
        __proto__: null,
        name: (entry) => entry.#name,
        type: (entry) => entry.#type,
        start: (entry) => entry.#start,
      };
    }
  }
  expose(PerformanceEntry, 'PerformanceEntry');

  class PerformanceMark extends PerformanceEntry {
    #detail;

    constructor(name, options = undefined) {
      need(arguments.length, 1, 'PerformanceMark');
      const text = asText(name);
      const { startTime, detail } = dictionary(options, 'the second argument of mark');
      const start = startTime === undefined ? native.now() : +startTime;
      if (start < 0) throw new TypeError('a mark before the start of time');
      super(key, text, 'mark', start, 0);
      this.#detail = copied(detail);
    }

    get detail() { return this.#detail; }
  }
  expose(PerformanceMark, 'PerformanceMark');

  class PerformanceMeasure extends PerformanceEntry {
    #detail;

    constructor() {
      checked(arguments[0], 'a PerformanceMeasure');
      super(key, arguments[1], 'measure', arguments[2], arguments[3]);
      this.#detail = copied(arguments[4]);
    }

    get detail() { return this.#detail; }
  }
  expose(PerformanceMeasure, 'PerformanceMeasure');

  const copied = (detail) => (detail === undefined || detail === null ? null : kit.use('clone').structuredClone(detail));

  class Performance extends EventTarget {
    #origin = kit.today() - native.now();
    #entries = [];
    // The latest mark of each name.
    #marks = new Map();

    constructor() {
      checked(arguments[0], 'a Performance');
      super();
    }

    get timeOrigin() { return this.#origin; }

    now() {
      this.#origin;
      return native.now();
    }

    mark(name, options = undefined) {
      this.#origin;
      need(arguments.length, 1, 'mark');
      const mark = new PerformanceMark(name, options);
      if (this.#add(mark)) mapSet(this.#marks, facts.name(mark), mark);
      return mark;
    }

    measure(name, startOrOptions = undefined, endMark = undefined) {
      this.#origin;
      need(arguments.length, 1, 'measure');
      const text = asText(name);
      const options = isObject(startOrOptions) ? startOrOptions : { __proto__: null, start: startOrOptions ?? undefined };
      const { start, duration, detail } = options;
      const end = endMark === undefined ? options.end : endMark;
      if (start !== undefined && end !== undefined && duration !== undefined) {
        throw new TypeError('a measure with a start, an end and a duration');
      }
      const length = duration === undefined ? undefined : +duration;
      let to = native.now();
      if (end !== undefined) to = this.#time(end);
      else if (start !== undefined && length !== undefined) to = this.#time(start) + length;
      let from = 0;
      if (start !== undefined) from = this.#time(start);
      else if (length !== undefined) from = to - length;
      const measure = new PerformanceMeasure(key, text, from, to - from, detail);
      this.#add(measure);
      return measure;
    }

    clearMarks(name = undefined) {
      const text = name === undefined ? undefined : asText(name);
      this.#clear('mark', text);
      const old = this.#marks;
      this.#marks = new Map();
      if (text !== undefined) {
        mapEach(old, (mark, known) => {
          if (known !== text) mapSet(this.#marks, known, mark);
        });
      }
    }

    clearMeasures(name = undefined) {
      this.#clear('measure', name === undefined ? undefined : asText(name));
    }

    getEntries() { return this.#select(undefined, undefined); }

    getEntriesByType(type) {
      this.#origin;
      need(arguments.length, 1, 'getEntriesByType');
      return this.#select(undefined, asText(type));
    }

    getEntriesByName(name, type = undefined) {
      this.#origin;
      need(arguments.length, 1, 'getEntriesByName');
      return this.#select(asText(name), type === undefined ? undefined : asText(type));
    }

    toJSON() { return { timeOrigin: this.#origin }; }

    #add(entry) {
      if (MOST <= this.#entries.length) return false;
      push(this.#entries, entry);
      return true;
    }

    #time(moment) {
      if (typeof moment === 'number') {
        if (moment < 0) throw new TypeError('a moment before the start of time');
        return moment;
      }
      const name = asText(moment);
      const mark = mapGet(this.#marks, name);
      if (mark === undefined) throw kit.domException("there is no mark '" + name + "'", 'SyntaxError');
      return facts.start(mark);
    }

    #select(name, type) {
      const found = [];
      for (let i = 0; i < this.#entries.length; i += 1) {
        const entry = this.#entries[i];
        const isNamed = name === undefined || facts.name(entry) === name;
        if (isNamed && (type === undefined || facts.type(entry) === type)) push(found, entry);
      }
      return sortBy(found, (one, other) => facts.start(one) - facts.start(other));
    }

    #clear(type, name) {
      const left = [];
      for (let i = 0; i < this.#entries.length; i += 1) {
        const entry = this.#entries[i];
        const isCleared = facts.type(entry) === type && (name === undefined || facts.name(entry) === name);
        if (!isCleared) push(left, entry);
      }
      this.#entries = left;
    }
  }
  expose(Performance, 'Performance');

  const performance = new Performance(key);

  return { __proto__: null, Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, performance };
})
