// ends: interrupted
// The same inside of a look ahead, in the middle of a replacement.
export const run = () => 'x'.repeat(60).replace(/(?=(x+x+)+y)/g, '');
