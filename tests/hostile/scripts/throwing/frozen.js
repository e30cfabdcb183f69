// ends: thrown Error: frozen
// What is thrown cannot be changed.
export const run = () => {
    throw Object.freeze(new Error('frozen'));
};
