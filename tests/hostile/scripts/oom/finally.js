// ends: interrupted, out of memory
// The same without catching anything.
export const run = () => {
    const all = [];
    for (;;) {
        try {
            for (;;) all.push(new Array(1_000).fill(all));
        } finally {
            continue;
        }
    }
};
