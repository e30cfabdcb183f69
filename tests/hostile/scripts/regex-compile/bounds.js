// ends: settles 217
// Bounds of bounds: what is compiled does not double each time.
export const run = () => {
    let pattern = 'a';
    for (let i = 0; i < 24; i += 1) pattern = `(?:${pattern}|b){2}`;
    return new RegExp(pattern).source.length;
};
