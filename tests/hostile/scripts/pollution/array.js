// ends: settles [1,[2,3]]
// Arrays are other arrays now.
Array.prototype[Symbol.iterator] = function* () {
    yield 'polluted';
};
Array.prototype.push = () => 'polluted';
Array.prototype.map = () => ['polluted'];
export const run = () => app.echo([1, [2, 3]]);
