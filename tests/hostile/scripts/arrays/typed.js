// ends: thrown RangeError: invalid array buffer length
// A typed array of eight gigabytes.
export const run = () => new Uint8Array(2 ** 33).length;
