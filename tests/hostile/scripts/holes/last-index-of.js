// ends: interrupted
// It looks for what is not there, from the end.
export const run = () => Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1);
