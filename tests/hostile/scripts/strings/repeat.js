// ends: thrown RangeError: invalid string length
// Longer than any text.
export const run = () => 'ab'.repeat(2 ** 30).length;
