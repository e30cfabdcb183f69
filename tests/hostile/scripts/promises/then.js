// ends: interrupted; then its promise jobs never end: stopped in 2 turns in a row
// Each job makes the next one.
export const run = () => new Promise(() => {
    const again = () => {
        Promise.resolve().then(again);
    };
    for (let i = 0; i < 10; i += 1) again();
});
