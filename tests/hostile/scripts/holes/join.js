// ends: killed
// A text of four thousand million nothings.
export const run = () => Array.prototype.join.call({ length: 2 ** 32 - 1 }, '');
