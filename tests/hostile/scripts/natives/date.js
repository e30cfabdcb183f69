// ends: interrupted
// A date of a million digits.
export const run = () => {
    const digits = '1'.repeat(1e6);
    for (;;) Date.parse(digits);
};
