// ends: thrown RangeError: Maximum call stack size exceeded
// Reading a property reads it.
const thing = { get self() { return this.self; } };
export const run = () => thing.self;
