// ends: killed
// It moves nothing by one place.
export const run = () => Array.prototype.splice.call({ length: 2 ** 53 - 2 }, 0, 1);
