// ends: interrupted
// It looks for what is not there.
export const run = () => Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);
