// What a plugin may know of what runs it.
(function (kit, native) {
  'use strict';

  const { TypeError, freeze } = kit.primordials;
  const { expose } = kit.use('webidl');

  const LANGUAGE = 'en-US';
  const languages = freeze([LANGUAGE]);
  const facts = native.facts();

  let isMaking = true;

  class Navigator {
    #userAgent = facts[0];
    #platform = facts[1];

    constructor() {
      if (!isMaking) throw new TypeError('there is one Navigator, which is navigator');
    }

    get userAgent() { return this.#userAgent; }
    get platform() { return this.#platform; }
    get language() { return this.#platform && LANGUAGE; }
    get languages() { return this.#platform && languages; }
    // A plugin has one thread, whatever the machine has.
    get hardwareConcurrency() { return this.#platform && 1; }
  }
  expose(Navigator, 'Navigator');

  const navigator = new Navigator();
  isMaking = false;

  return { __proto__: null, Navigator, navigator };
})
