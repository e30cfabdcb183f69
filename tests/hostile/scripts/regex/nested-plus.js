// ends: interrupted
// A quantifier of a quantifier.
export const run = () => /(a+)+b/.test('a'.repeat(60));
