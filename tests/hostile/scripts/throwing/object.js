// ends: thrown thrown: {"message":"no error","toString":null}
// What is thrown is no error.
export const run = () => {
    throw { message: 'no error', toString() { throw new Error('nor a text'); } };
};
