// ends: interrupted
// Quantifiers with large bounds.
export const run = () => /(?:a{0,100}){0,100}b/.test('a'.repeat(5_000));
