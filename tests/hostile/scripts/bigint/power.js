// ends: thrown RangeError: BigInt is too large
// Two to the power of sixteen million, as a power.
export const run = () => String((2n ** (2n ** 24n)) ** 2n).length;
