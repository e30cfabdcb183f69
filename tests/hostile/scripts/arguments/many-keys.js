// ends: thrown TypeError: cannot send arguments: more than 100000 values
// More keys than a message may have.
export const run = () => {
    const thing = {};
    for (let i = 0; i < 120_000; i += 1) thing[`k${i}`] = i;
    return app.echo(thing);
};
