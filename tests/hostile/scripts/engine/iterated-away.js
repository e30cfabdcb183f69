// ends: settles 1000
// A map is emptied and filled by whom it is given to.
export const run = () => {
    const map = new Map([[1, {}]]);
    let seen = 0;
    map.forEach((_, key) => {
        seen += 1;
        map.clear();
        if (seen < 1_000) map.set(key + 1, {});
    });
    return seen;
};
