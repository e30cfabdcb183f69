// ends: interrupted
// The engine sorts, and asks the plugin which is first.
export const run = () => [3, 1, 2].sort(() => {
    for (;;);
});
