// ends: interrupted
// Classes that overlap.
export const run = () => /^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(80));
