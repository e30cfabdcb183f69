// ends: settles {"__proto__":{"polluted":1},"constructor":2}
// Keys with a meaning are only keys.
export const run = () => app.echo(JSON.parse('{ "__proto__": { "polluted": 1 }, "constructor": 2 }'));
