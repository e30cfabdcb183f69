// ends: thrown RangeError: invalid max array buffer length
// A small buffer that may grow to a terabyte.
export const run = () => new ArrayBuffer(8, { maxByteLength: 2 ** 40 }).byteLength;
