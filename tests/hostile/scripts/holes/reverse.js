// ends: killed
// It swaps nothing with nothing.
export const run = () => Array.prototype.reverse.call({ length: 2 ** 53 - 1 });
