// ends: thrown RangeError: BigInt is too large to allocate
// A million digits.
export const run = () => BigInt('9'.repeat(1e6)) === 0n;
