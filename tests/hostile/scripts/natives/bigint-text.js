// ends: killed
// The digits of a large number.
export const run = () => {
    const number = 2n ** 900_000n;
    for (;;) number.toString();
};
