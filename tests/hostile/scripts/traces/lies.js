// ends: thrown Error: as it is
// Its function for stacks lies: the host has the true one.
Error.prepareStackTrace = () => '    at innocent (other.js:1:1)';
export const run = () => {
    throw new Error('as it is');
};
