// ends: thrown RangeError: Maximum call stack size exceeded
// The same with objects.
export const run = () => JSON.parse('{"a":'.repeat(1e6));
