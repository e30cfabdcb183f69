// ends: settles ["Error","Error","Error","Error","Error","Error","Error"]
// What is imported is of the package, whatever its name.
export const run = async () => {
    const told = [];
    for (const name of ['std', 'qjs:std', 'qjs:os', 'qjs:bjson', '/etc/passwd', 'file:///etc/passwd', '../main.js']) {
        told.push(await import(name).then(() => name, (error) => error.name));
    }
    return told;
};
