// ends: killed
// The same for each part.
export const run = () => 'a'.repeat(2e6).split(`${'a'.repeat(1e6)}b`).length;
