// ends: killed
// It copies nothing over nothing.
export const run = () => Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 0, 1);
