// ends: thrown InternalError: out of memory
// Filled by the engine from something long.
export const run = () => Array.from({ length: 2 ** 32 - 1 }, (_, index) => index).length;
