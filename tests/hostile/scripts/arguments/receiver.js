// ends: settles [1,2,6]
// Functions of the host are called on anything.
export const run = async () => [
    await app.echo.call(null, 1),
    await app.echo.apply({ echo: 2 }, [2]),
    await Reflect.apply(app.notes.size, 3, ['four']),
];
