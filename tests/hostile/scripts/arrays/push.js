// ends: thrown InternalError: out of memory
// One element more, for ever.
export const run = () => {
    const all = [];
    for (;;) all.push(all.length);
};
