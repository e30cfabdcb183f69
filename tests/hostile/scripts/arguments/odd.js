// ends: settles ["\"NaN\"","-0.0","9007199254740992.0","\"�\"","TypeError","[null,1]","TypeError","{}"]
// Values that are not what they seem.
export const run = async () => {
    const told = [];
    for (const value of [NaN, -0, 2 ** 53, '\ud800', Symbol('s'), [, 1], new Date(NaN), Object.create(null)]) {
        try {
            told.push(await app.describe(value));
        } catch (error) {
            told.push(error.name);
        }
    }
    return told;
};
