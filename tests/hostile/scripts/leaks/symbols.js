// ends: out of memory
// Names that are known everywhere, and never forgotten.
export const run = () => {
    const all = [];
    for (let i = 0; ; i += 1) all.push(Symbol.for(`symbol ${i}`));
};
