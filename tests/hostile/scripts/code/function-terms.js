// ends: out of memory
// The same as the body of a function.
export const run = () => new Function(`return 0${' + 1'.repeat(2e6)}`)();
