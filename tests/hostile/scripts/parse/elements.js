// ends: out of memory
// Three million elements.
export const run = () => JSON.parse(`[${'{},'.repeat(3e6)}{}]`).length;
