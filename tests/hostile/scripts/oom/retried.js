// ends: interrupted, out of memory
// What there is no memory for is tried again, for ever.
export const run = () => {
    const all = [];
    for (;;) {
        try {
            for (;;) all.push(new Array(1_000).fill(all));
        } catch {}
    }
};
