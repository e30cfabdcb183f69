// ends: settles "{\"a\":[1,\"b\"]}"
// What makes text makes other text.
JSON.stringify = () => 'polluted';
JSON.parse = () => 'polluted';
Function.prototype.call = () => 'polluted';
Function.prototype.apply = () => 'polluted';
export const run = () => app.describe({ a: [1, 'b'] });
