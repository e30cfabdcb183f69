// ends: out of memory
// The same in promises.
export const run = async () => {
    const all = [];
    for (;;) {
        await Promise.resolve().then(() => {
            for (;;) all.push({ all });
        }).catch(() => {});
    }
};
