// ends: interrupted
// A loop that begins with its body.
export const run = () => {
    do {
        var last = {};
    } while (last);
};
