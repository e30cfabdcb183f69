// ends: killed
// Each place is nearly a match.
export const run = () => 'a'.repeat(2e6).indexOf(`${'a'.repeat(1e6)}b`);
