// ends: out of memory
// A flood of wishes to be told when something is gone, which never is.
const registry = new FinalizationRegistry(() => {});
const kept = {};
export const run = () => {
    for (let i = 0; ; i += 1) registry.register(kept, { i });
};
