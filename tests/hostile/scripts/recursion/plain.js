// ends: thrown RangeError: Maximum call stack size exceeded
// A function that calls itself.
const again = () => again() + 1;
export const run = () => again();
