// ends: thrown RangeError: too many arguments in function call (only 65535 allowed)
// Seventy thousand arguments.
export const run = () => Math.max.apply(null, new Array(70_000).fill(1));
