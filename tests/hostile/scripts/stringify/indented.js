// ends: killed
// The same with objects, and with room between them.
export const run = () => {
    let tree = {};
    for (let level = 0; level < 40; level += 1) tree = { one: tree, other: tree };
    return JSON.stringify(tree, ['one', 'other'], 1).length;
};
