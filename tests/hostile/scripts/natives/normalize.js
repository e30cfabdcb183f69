// ends: killed
// A long text in another form.
export const run = () => {
    const text = '\u1e9b\u0323'.repeat(200_000);
    for (;;) text.normalize('NFKD');
};
