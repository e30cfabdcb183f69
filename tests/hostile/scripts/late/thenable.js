// ends: settles 1
// The same by a promise that is none.
export const run = () => ({
    then(resolve, reject) {
        resolve(1);
        reject(new Error('too late'));
        resolve(2);
        throw new Error('too late as well');
    },
});
