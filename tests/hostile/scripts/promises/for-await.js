// ends: interrupted; then its promise jobs never end: stopped in 2 turns in a row
// A generator that never ends, one promise at a time.
async function* numbers() {
    for (let i = 0; ; i += 1) yield i;
}
export const run = async () => {
    for await (const number of numbers()) if (number < 0) return number;
};
