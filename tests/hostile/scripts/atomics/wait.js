// ends: thrown TypeError: cannot block in this thread
// It wants to block its thread.
export const run = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0);
