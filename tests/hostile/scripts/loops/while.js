// ends: interrupted
// The plainest loop.
export const run = () => {
    while (true);
};
