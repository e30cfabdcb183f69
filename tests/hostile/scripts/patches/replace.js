// ends: settles [["TypeError","TypeError","TypeError","TypeError"],"as before"]
// The functions of the host cannot be replaced.
export const run = async () => {
    const told = [];
    for (const change of [() => { app.echo = 1; }, () => { delete app.echo; }, () => { app.more = 1; }, () => { app.notes.size = 1; }]) {
        try {
            change();
            told.push('changed');
        } catch (error) {
            told.push(error.name);
        }
    }
    return [told, await app.echo('as before')];
};
