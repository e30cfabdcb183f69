// ends: settles [true,"undefined"]
// The same by the constructor of async functions.
export const run = async () => {
    const realm = await (async () => {}).constructor('return this')();
    return [realm === globalThis, typeof realm.require];
};
