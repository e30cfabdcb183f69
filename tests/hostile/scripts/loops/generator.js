// ends: interrupted
// A generator that never ends.
function* numbers() {
    for (let i = 0; ; i += 1) yield i;
}
export const run = () => {
    for (const number of numbers()) if (number < 0) return number;
};
