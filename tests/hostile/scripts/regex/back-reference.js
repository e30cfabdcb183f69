// ends: interrupted
// What was matched has to come again.
export const run = () => /^(a*)*\1*b$/.test('a'.repeat(60));
