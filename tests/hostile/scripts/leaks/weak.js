// ends: interrupted
// A flood of weak references.
export const run = () => {
    for (;;) new WeakRef({}).deref();
};
