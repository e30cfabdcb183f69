// ends: settles "without it"
// What there is no memory for is done without, and all is given back.
export const run = () => {
    try {
        const all = [];
        for (;;) all.push(new Array(1_000).fill(0));
    } catch {
        return 'without it';
    }
};
