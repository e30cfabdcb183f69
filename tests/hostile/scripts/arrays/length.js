// ends: thrown RangeError: invalid array length
// Longer than any array.
export const run = () => new Array(2 ** 32).length;
