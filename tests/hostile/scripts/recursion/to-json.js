// ends: thrown RangeError: Maximum call stack size exceeded
// What is asked for its text asks for its text.
const thing = { toJSON() { return JSON.stringify(this); } };
export const run = () => JSON.stringify(thing);
