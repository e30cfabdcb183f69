// ends: thrown RangeError: invalid string length
// Padded to a thousand million.
export const run = () => 'a'.padStart(2 ** 30, 'xy').length;
