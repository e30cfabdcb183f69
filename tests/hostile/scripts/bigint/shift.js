// ends: thrown RangeError: BigInt is too large to allocate
// Shifted by more than there is memory.
export const run = () => (1n << (2n ** 40n)) === 0n;
