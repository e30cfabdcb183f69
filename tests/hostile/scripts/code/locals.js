// ends: out of memory
// Seventy thousand variables.
export const run = () => {
    const names = Array.from({ length: 70_000 }, (_, index) => `v${index}`);
    return new Function(`let ${names}; return v0`)();
};
