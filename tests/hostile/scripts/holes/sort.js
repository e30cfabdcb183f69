// ends: killed
// It collects what there is, and looks everywhere.
export const run = () => Array.prototype.sort.call({ length: 2 ** 53 - 1 });
