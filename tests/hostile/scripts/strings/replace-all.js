// ends: thrown InternalError: out of memory
// Each character becomes a thousand, again and again.
export const run = () => {
    let text = 'a';
    for (;;) text = text.replaceAll('a', 'a'.repeat(1_000));
};
