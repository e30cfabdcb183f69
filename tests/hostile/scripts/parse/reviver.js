// ends: interrupted
// The plugin is asked for each element.
export const run = () => JSON.parse('[1, 2, 3]', () => {
    for (;;);
});
