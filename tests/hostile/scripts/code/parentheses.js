// ends: thrown RangeError: Maximum call stack size exceeded
// A million parentheses.
export const run = () => (0, eval)('('.repeat(1e6));
