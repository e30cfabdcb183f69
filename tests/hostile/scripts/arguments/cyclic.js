// ends: thrown TypeError: cannot send arguments[0].self.thing: arguments[0].self.thing is its own ancestor
// An object that holds itself.
export const run = () => {
    const thing = {};
    thing.self = { thing };
    return app.echo(thing);
};
