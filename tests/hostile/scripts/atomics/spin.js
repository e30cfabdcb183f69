// ends: interrupted
// It waits for what nobody will write.
export const run = () => {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    while (Atomics.load(shared, 0) === 0);
};
