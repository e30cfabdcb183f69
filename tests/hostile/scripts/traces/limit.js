// ends: thrown Error: as it is
// No call is to be noted: the host has its stack all the same.
Error.stackTraceLimit = 0;
export const run = () => {
    throw new Error('as it is');
};
