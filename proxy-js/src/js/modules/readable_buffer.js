// What the reading half of a stream keeps until somebody takes it: chunks of bytes or text, or objects.
(function (kit) {
  'use strict';

  const { push: append, slice } = kit.primordials;
  const { shift } = kit.use('modules/shared');
  const { Buffer, portion } = kit.use('modules/buffer');

  // Takes `count` bytes, or one chunk, out of the buffer.
  const taken = (state, count) => {
    if (count === 0 || state.length === 0) return null;
    if (state.objectMode) return shift(state.buffer);
    if (state.length <= count) {
      const all = state.buffer;
      state.buffer = [];
      if (all.length === 1) return all[0];
      if (state.decoder === null) return Buffer.concat(all, state.length);
      let text = '';
      for (let i = 0; i < all.length; i += 1) text += all[i];
      return text;
    }
    const first = state.buffer[0];
    if (first.length === count) return shift(state.buffer);
    if (count < first.length) {
      state.buffer[0] = state.decoder === null ? portion(first, count) : slice(first, count);
      return state.decoder === null ? portion(first, 0, count) : slice(first, 0, count);
    }
    const parts = [];
    let left = count;
    while (0 < left) {
      const chunk = state.buffer[0];
      if (chunk.length <= left) {
        append(parts, shift(state.buffer));
        left -= chunk.length;
      } else {
        append(parts, state.decoder === null ? portion(chunk, 0, left) : slice(chunk, 0, left));
        state.buffer[0] = state.decoder === null ? portion(chunk, left) : slice(chunk, left);
        left = 0;
      }
    }
    if (state.decoder === null) return Buffer.concat(parts, count);
    let text = '';
    for (let i = 0; i < parts.length; i += 1) text += parts[i];
    return text;
  };

  return { __proto__: null, taken };
})
