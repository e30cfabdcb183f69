// ends: thrown SyntaxError: too many captures
// More groups than there may be.
export const run = () => new RegExp('()'.repeat(100_000)).source.length;
