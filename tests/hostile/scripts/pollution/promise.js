// ends: settles "clean"
// Promises are other promises now.
Promise.prototype.then = () => 'polluted';
Promise.resolve = () => 'polluted';
export const run = async () => await app.echo('clean');
