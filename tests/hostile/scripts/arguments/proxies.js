// ends: out of memory
// What is asked for its keys never ends.
export const run = () => app.echo(new Proxy({}, {
    ownKeys: () => Array.from({ length: 200_000 }, (_, index) => `k${index}`),
    getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }),
}));
