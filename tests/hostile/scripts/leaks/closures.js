// ends: out of memory
// Functions that keep functions.
export const run = () => {
    let last = null;
    for (;;) {
        const before = last;
        last = () => before;
    }
};
