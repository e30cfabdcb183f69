// ends: settles "{\"a\":1}"
// Every object has got what the host asks its arguments for.
Object.prototype.then = (resolve) => resolve('polluted');
Object.prototype.toJSON = () => 'polluted';
Object.prototype.get = () => 'polluted';
export const run = async () => await app.describe({ a: 1 });
