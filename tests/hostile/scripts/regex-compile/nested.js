// ends: thrown SyntaxError: stack overflow
// Groups in groups.
export const run = () => new RegExp('(?:'.repeat(100_000) + ')'.repeat(100_000)).source.length;
