// ends: interrupted
// A loop that works.
export const run = () => {
    let sum = 0;
    for (let i = 0; ; i += 1) sum += Math.sqrt(i);
};
