// ends: killed
// A million milliseconds of filling, with a look at the clock after ten thousand.
export const run = () => {
    const bytes = new Uint8Array(40e6);
    for (;;) bytes.fill(1);
};
