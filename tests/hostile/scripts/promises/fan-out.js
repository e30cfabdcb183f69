// ends: out of memory
// More promises than there is memory for.
export const run = async () => {
    const all = [];
    for (;;) all.push(Promise.resolve(all).then(() => all));
};
