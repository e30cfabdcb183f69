// ends: settles true
// The same by the constructor of generators.
export const run = () => {
    const realm = (function* () {}).constructor('return this')().next().value;
    return realm === globalThis;
};
