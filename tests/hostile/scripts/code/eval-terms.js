// ends: out of memory
// A sum of two million terms.
export const run = () => (0, eval)(`0${' + 1'.repeat(2e6)}`);
