// ends: thrown RangeError: invalid array buffer length
// A buffer of eight gigabytes.
export const run = () => new ArrayBuffer(2 ** 33).byteLength;
