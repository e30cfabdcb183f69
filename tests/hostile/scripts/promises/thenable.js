// ends: interrupted; then its promise jobs never end: stopped in 2 turns in a row
// Its answer is a promise whose answer is a promise.
const thing = { then: (resolve) => resolve(thing) };
export const run = () => thing;
