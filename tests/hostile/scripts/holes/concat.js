// ends: killed
// What may be spread is looked through.
export const run = () => [].concat({ length: 2 ** 53 - 1, [Symbol.isConcatSpreadable]: true });
