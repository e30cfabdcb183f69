// ends: settles [true,"undefined","undefined","undefined"]
// A function of text sees the same realm, and nothing of the host.
export const run = () => {
    const realm = (function () {}).constructor('return this')();
    return [realm === globalThis, typeof realm.std, typeof realm.scriptArgs, typeof realm.Deno];
};
