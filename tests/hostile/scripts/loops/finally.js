// ends: interrupted
// Each way out leads back in: an interrupt that could be caught would be.
export const run = () => {
    for (;;) {
        try {
            try {
                for (;;);
            } catch {
                for (;;);
            } finally {
                for (;;);
            }
        } catch {
        } finally {
            continue;
        }
    }
};
