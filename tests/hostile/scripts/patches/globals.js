// ends: settles [1,0]
// The globals are gone; the host does not need them.
for (const name of ['Promise', 'Map', 'Error', 'JSON', 'Symbol', 'Uint8Array', 'Reflect', 'Proxy']) delete globalThis[name];
export const run = async () => await app.echo([1, new Date(0).getTime()]);
