// ends: interrupted
// Two ways to match the same.
export const run = () => /^(a|aa)+$/.test(`${'a'.repeat(100)}!`);
