// ends: interrupted
// What looks like reading a property is a call.
const thing = { get on() { return true; } };
export const run = () => {
    while (thing.on);
};
