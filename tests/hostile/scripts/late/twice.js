// ends: settles 1
// An answer is given once, however often it is given.
export const run = () => new Promise((resolve, reject) => {
    resolve(1);
    resolve(2);
    reject(new Error('too late'));
    throw new Error('too late as well');
});
