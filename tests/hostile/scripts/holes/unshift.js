// ends: killed
// It makes room in front of nothing.
export const run = () => Array.prototype.unshift.call({ length: 2 ** 53 - 2 }, 1);
