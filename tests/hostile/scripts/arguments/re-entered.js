// ends: settles [{"a":2},[{"b":1}]]
// Reading an argument makes a call, which reads an argument.
export const run = async () => {
    const inner = [];
    const outer = await app.echo({ get a() { inner.push(app.echo({ get b() { return 1; } })); return 2; } });
    return [outer, await Promise.all(inner)];
};
