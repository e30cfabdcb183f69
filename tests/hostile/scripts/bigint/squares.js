// ends: thrown RangeError: BigInt is too large to allocate
// Squared for ever.
export const run = () => {
    let number = 3n;
    for (;;) number *= number;
};
