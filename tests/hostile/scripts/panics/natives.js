// ends: settles true
// Every function that is not its own is called with nothing that it expects, and whatever it throws is caught: a panic could not be.
export const run = () => {
    const odd = [undefined, null, -1, NaN, 2 ** 53, '\ud800', Symbol('s'), [], {}, () => {}, new Proxy({}, {})];
    const seen = new Set([globalThis]);
    const call = (owner, name) => {
        let value;
        try {
            value = owner[name];
        } catch {
            return;
        }
        const isThing = typeof value === 'function' || typeof value === 'object' && value !== null;
        if (!isThing || seen.has(value)) return;
        seen.add(value);
        if (typeof value === 'function') {
            for (const one of odd) {
                for (const attempt of [() => value(one), () => value.call(one, one, one), () => new value(one)]) {
                    try {
                        attempt()?.catch?.(() => {});
                    } catch {}
                }
            }
        }
        for (const key of Reflect.ownKeys(value)) call(value, key);
    };
    for (const name of ['app', 'plugins', 'console', 'structuredClone', 'atob', 'btoa', 'TextEncoder', 'TextDecoder', 'AbortSignal', 'URL', 'Event', 'crypto']) {
        call(globalThis, name);
    }
    return 10 < seen.size;
};
