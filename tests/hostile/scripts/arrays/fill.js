// ends: thrown InternalError: out of memory
// A thousand million elements.
export const run = () => new Array(1e9).fill(0).length;
