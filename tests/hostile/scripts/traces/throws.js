// ends: thrown Error: the first
// Its function for stacks throws another error.
Error.prepareStackTrace = () => {
    throw new TypeError('the second');
};
export const run = () => {
    throw new Error('the first');
};
