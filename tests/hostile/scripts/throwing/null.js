// ends: thrown null
// What is thrown is nothing.
export const run = () => {
    throw null;
};
