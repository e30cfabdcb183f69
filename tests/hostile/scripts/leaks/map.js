// ends: out of memory
// A map that grows.
export const run = () => {
    const map = new Map();
    for (let i = 0; ; i += 1) map.set(i, { i });
};
