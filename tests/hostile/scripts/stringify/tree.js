// ends: killed
// Forty levels, each twice in the next: a text of a million millions.
export const run = () => {
    let tree = [];
    for (let level = 0; level < 40; level += 1) tree = [tree, tree];
    return JSON.stringify(tree).length;
};
