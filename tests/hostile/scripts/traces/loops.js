// ends: interrupted
// The stack of its interruption is made by its own function, which loops as well.
Error.prepareStackTrace = () => {
    for (;;);
};
export const run = () => {
    for (;;);
};
