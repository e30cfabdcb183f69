// How much a chunk counts in the queue of a stream, and how much may be in it.
(function (kit, native) {
  'use strict';

  const { TypeError, toNumber } = kit.primordials;
  const { dictionary, expose } = kit.use('webidl');

  // Methods, since these are no constructors. The same for all strategies of a kind.
  const one = { size() { return 1; } }.size;
  const bytes = { size(chunk) { return chunk.byteLength; } }.size;

  const markOf = (init, what) => {
    const mark = dictionary(init, what).highWaterMark;
    if (mark === undefined) throw new TypeError('highWaterMark is missing');
    return toNumber(mark);
  };

  class CountQueuingStrategy {
    #mark;

    constructor(init) { this.#mark = markOf(init, 'the argument of CountQueuingStrategy'); }

    get highWaterMark() { return this.#mark; }

    get size() {
      // Throws for anything that is no strategy.
      this.#mark;
      return one;
    }
  }

  class ByteLengthQueuingStrategy {
    #mark;

    constructor(init) { this.#mark = markOf(init, 'the argument of ByteLengthQueuingStrategy'); }

    get highWaterMark() { return this.#mark; }

    get size() {
      this.#mark;
      return bytes;
    }
  }

  expose(CountQueuingStrategy, 'CountQueuingStrategy', ['highWaterMark', 'size']);
  expose(ByteLengthQueuingStrategy, 'ByteLengthQueuingStrategy', ['highWaterMark', 'size']);

  return { __proto__: null, ByteLengthQueuingStrategy, CountQueuingStrategy };
})
