// ends: thrown RangeError: Maximum call stack size exceeded
// A trap that falls into itself.
const thing = new Proxy({}, { get: (target, key) => thing[key] });
export const run = () => thing.any;
