// ends: interrupted
// An async function that is interrupted never settles: its call is answered all the same.
export const run = async () => {
    await null;
    try {
        for (;;);
    } finally {
        return 1;
    }
};
