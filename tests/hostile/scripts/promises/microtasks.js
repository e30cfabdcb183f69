// ends: interrupted; then its promise jobs never end: stopped in 2 turns in a row
// The same by queueMicrotask.
export const run = () => {
    const again = () => queueMicrotask(again);
    for (let i = 0; i < 10; i += 1) again();
    return new Promise(() => {});
};
