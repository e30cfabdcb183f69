// ends: settles {"a":1,"b":1}
// Arguments that change while they are read are read once.
export const run = () => {
    let reads = 0;
    return app.echo({ get a() { reads += 1; return reads; }, get b() { return reads; } });
};
