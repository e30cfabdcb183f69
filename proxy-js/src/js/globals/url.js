// URL and URLSearchParams. The runner parses; what stands here keeps the parts, and the two in step.
(function (kit, native) {
  'use strict';

  const {
    Map, TypeError, apply, asText, getDescriptor, iteratorSymbol, defineProperty, mapGet, mapSet, ownKeys, push, slice,
    sortBy,
  } = kit.primordials;
  const { elements, expose, exposeIterator, isObject, need, sequence, usv } = kit.use('webidl');

  // Places in what the runner gives.
  const HREF = 0;
  const ORIGIN = 1;
  const PROTOCOL = 2;
  const USERNAME = 3;
  const PASSWORD = 4;
  const HOST = 5;
  const HOSTNAME = 6;
  const PORT = 7;
  const PATHNAME = 8;
  const SEARCH = 9;
  const HASH = 10;

  // The runner's setters begin with that of the protocol.
  const FIRST_SETTER = PROTOCOL;

  // What an URL does with its parameters; no plugin has a way to it.
  let queries;

  class URLSearchParams {
    // `{ name, value }` in order.
    #list = [];
    // Tells the URL that these are the parameters of, if there is one.
    #changed = undefined;

    constructor(init = '') {
      if (!isObject(init)) {
        const text = usv(init);
        this.#parse(text[0] === '?' ? slice(text, 1) : text);
        return;
      }
      const method = init[iteratorSymbol];
      if (method === undefined || method === null) this.#takeRecord(init);
      else this.#takePairs(init, method);
    }

    get size() { return this.#list.length; }

    append(name, value) {
      this.#list;
      need(arguments.length, 2, 'append');
      push(this.#list, { __proto__: null, name: usv(name), value: usv(value) });
      this.#update();
    }

    delete(name, value = undefined) {
      this.#list;
      need(arguments.length, 1, 'delete');
      const key = usv(name);
      const wanted = optional(value);
      this.#keep((entry) => !matches(entry, key, wanted));
      this.#update();
    }

    get(name) {
      this.#list;
      need(arguments.length, 1, 'get');
      const entry = this.#find(usv(name), undefined);
      return entry === undefined ? null : entry.value;
    }

    getAll(name) {
      this.#list;
      need(arguments.length, 1, 'getAll');
      const key = usv(name);
      const found = [];
      for (let i = 0; i < this.#list.length; i += 1) {
        if (this.#list[i].name === key) push(found, this.#list[i].value);
      }
      return found;
    }

    has(name, value = undefined) {
      this.#list;
      need(arguments.length, 1, 'has');
      return this.#find(usv(name), optional(value)) !== undefined;
    }

    set(name, value) {
      this.#list;
      need(arguments.length, 2, 'set');
      const key = usv(name);
      const text = usv(value);
      const first = this.#find(key, undefined);
      if (first === undefined) {
        push(this.#list, { __proto__: null, name: key, value: text });
      } else {
        first.value = text;
        this.#keep((entry) => entry === first || entry.name !== key);
      }
      this.#update();
    }

    sort() {
      sortBy(this.#list, (one, other) => (one.name < other.name ? -1 : other.name < one.name ? 1 : 0));
      this.#update();
    }

    forEach(callback, receiver = undefined) {
      this.#list;
      need(arguments.length, 1, 'forEach');
      if (typeof callback !== 'function') throw new TypeError('forEach needs a function');
      for (let i = 0; i < this.#list.length; i += 1) {
        const { name, value } = this.#list[i];
        apply(callback, receiver, [value, name, this]);
      }
    }

    toString() { return this.#text(); }

    entries() { return this.#iterate(BOTH); }
    keys() { return this.#iterate(NAMES); }
    values() { return this.#iterate(VALUES); }

    #iterate(kind) { return new Entries(this, kind); }

    #parse(text) {
      const words = native.parseForm(text);
      this.#list = [];
      for (let i = 0; i < words.length; i += 2) {
        push(this.#list, { __proto__: null, name: words[i], value: words[i + 1] });
      }
    }

    #takePairs(init, method) {
      const pairs = elements(init, method, 'the argument of URLSearchParams');
      for (let i = 0; i < pairs.length; i += 1) {
        const words = sequence(pairs[i], 'a pair');
        if (words.length !== 2) throw new TypeError('a pair has a name and a value, and not ' + words.length + ' elements');
        push(this.#list, { __proto__: null, name: usv(words[0]), value: usv(words[1]) });
      }
    }

    #takeRecord(init) {
      // Names that differ in what is no text become one.
      const known = new Map();
      const keys = ownKeys(init);
      for (let i = 0; i < keys.length; i += 1) {
        const descriptor = getDescriptor(init, keys[i]);
        if (descriptor === undefined || !descriptor.enumerable) continue;
        const name = usv(keys[i]);
        const value = usv(init[keys[i]]);
        const before = mapGet(known, name);
        if (before !== undefined) {
          before.value = value;
          continue;
        }
        const entry = { __proto__: null, name, value };
        push(this.#list, entry);
        mapSet(known, name, entry);
      }
    }

    #find(name, value) {
      for (let i = 0; i < this.#list.length; i += 1) {
        if (matches(this.#list[i], name, value)) return this.#list[i];
      }
      return undefined;
    }

    // The list stays the same object: iterators walk it.
    #keep(isKept) {
      let kept = 0;
      for (let i = 0; i < this.#list.length; i += 1) {
        const entry = this.#list[i];
        if (isKept(entry)) {
          this.#list[kept] = entry;
          kept += 1;
        }
      }
      this.#list.length = kept;
    }

    #text() {
      const words = [];
      for (let i = 0; i < this.#list.length; i += 1) {
        push(words, this.#list[i].name);
        push(words, this.#list[i].value);
      }
      return native.formText(words);
    }

    #update() {
      if (this.#changed !== undefined) this.#changed(this.#text());
    }

    static {
      queries = {
        __proto__: null,
        list: (params) => params.#list,
        parse: (params, search) => params.#parse(search[0] === '?' ? slice(search, 1) : search),
        link: (params, changed) => { params.#changed = changed; },
      };
    }
  }
  expose(URLSearchParams, 'URLSearchParams', ['size']);
  defineProperty(URLSearchParams.prototype, iteratorSymbol, {
    __proto__: null,
    value: URLSearchParams.prototype.entries,
    writable: true,
    enumerable: false,
    configurable: true,
  });

  const optional = (value) => (value === undefined ? undefined : usv(value));
  const matches = (entry, name, value) => entry.name === name && (value === undefined || entry.value === value);

  const NAMES = 0;
  const VALUES = 1;
  const BOTH = 2;

  class Entries {
    #params;
    #kind;
    #next = 0;

    constructor(params, kind) {
      this.#params = params;
      this.#kind = kind;
    }

    next() {
      const list = queries.list(this.#params);
      if (list.length <= this.#next) return { value: undefined, done: true };
      const { name, value } = list[this.#next];
      this.#next += 1;
      if (this.#kind === NAMES) return { value: name, done: false };
      return { value: this.#kind === VALUES ? value : [name, value], done: false };
    }
  }
  exposeIterator(Entries, 'URLSearchParams Iterator');

  const parse = (url, base) => native.parseUrl(usv(url), base === undefined ? undefined : usv(base));

  const invalid = (url) => {
    const text = asText(url);
    return new TypeError('Invalid URL: ' + (text.length <= 200 ? text : slice(text, 0, 200) + '…'));
  };

  class URL {
    #parts;
    #params = undefined;

    constructor(url, base = undefined) {
      need(arguments.length, 1, 'URL');
      this.#parts = parse(url, base);
      if (this.#parts === null) throw invalid(url);
    }

    static canParse(url, base = undefined) {
      need(arguments.length, 1, 'URL.canParse');
      return parse(url, base) !== null;
    }

    static parse(url, base = undefined) {
      need(arguments.length, 1, 'URL.parse');
      const parts = parse(url, base);
      if (parts === null) return null;
      const made = new URL('a:');
      made.#parts = parts;
      return made;
    }

    get href() { return this.#parts[HREF]; }

    set href(value) {
      this.#parts;
      const parts = parse(value, undefined);
      if (parts === null) throw invalid(value);
      this.#parts = parts;
      this.#parseParams();
    }

    get origin() { return this.#parts[ORIGIN]; }

    get protocol() { return this.#parts[PROTOCOL]; }
    set protocol(value) { this.#change(PROTOCOL, usv(value)); }

    get username() { return this.#parts[USERNAME]; }
    set username(value) { this.#change(USERNAME, usv(value)); }

    get password() { return this.#parts[PASSWORD]; }
    set password(value) { this.#change(PASSWORD, usv(value)); }

    get host() { return this.#parts[HOST]; }
    set host(value) { this.#change(HOST, usv(value)); }

    get hostname() { return this.#parts[HOSTNAME]; }
    set hostname(value) { this.#change(HOSTNAME, usv(value)); }

    get port() { return this.#parts[PORT]; }
    set port(value) { this.#change(PORT, usv(value)); }

    get pathname() { return this.#parts[PATHNAME]; }
    set pathname(value) { this.#change(PATHNAME, usv(value)); }

    get search() { return this.#parts[SEARCH]; }

    set search(value) {
      this.#change(SEARCH, usv(value));
      this.#parseParams();
    }

    get searchParams() {
      this.#parts;
      if (this.#params === undefined) {
        this.#params = new URLSearchParams();
        this.#parseParams();
        queries.link(this.#params, (text) => this.#change(SEARCH, text));
      }
      return this.#params;
    }

    get hash() { return this.#parts[HASH]; }
    set hash(value) { this.#change(HASH, usv(value)); }

    toString() { return this.#parts[HREF]; }
    toJSON() { return this.#parts[HREF]; }

    #change(part, value) {
      const parts = native.changeUrl(this.#parts[HREF], part - FIRST_SETTER, value);
      if (parts !== null) this.#parts = parts;
    }

    #parseParams() {
      if (this.#params !== undefined) queries.parse(this.#params, this.#parts[SEARCH]);
    }
  }
  expose(URL, 'URL', [
    'href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash',
  ]);

  return { __proto__: null, URL, URLSearchParams };
})
