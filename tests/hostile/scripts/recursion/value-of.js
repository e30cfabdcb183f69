// ends: thrown RangeError: Maximum call stack size exceeded
// Making a text of an object makes a text of it.
const thing = { toString() { return `${this}`; } };
export const run = () => `${thing}`;
