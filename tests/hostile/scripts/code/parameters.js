// ends: out of memory
// Seventy thousand parameters.
export const run = () => {
    const names = Array.from({ length: 70_000 }, (_, index) => `p${index}`);
    return new Function(names.join(), 'return p69999')();
};
