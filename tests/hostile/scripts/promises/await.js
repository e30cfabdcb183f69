// ends: interrupted; then its promise jobs never end: stopped in 2 turns in a row
// It waits for nothing, for ever.
export const run = async () => {
    for (;;) await null;
};
