// ends: thrown RangeError: BigInt is too large to allocate
// A number in more bits than there are.
export const run = () => BigInt.asUintN(2 ** 53 - 1, -1n) === 0n;
