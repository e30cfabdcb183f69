// ends: thrown RangeError: Maximum call stack size exceeded
// A million arrays in each other.
export const run = () => JSON.parse('['.repeat(1e6));
