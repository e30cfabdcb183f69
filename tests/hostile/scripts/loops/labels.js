// ends: interrupted
// Loops in each other, left and begun anew.
export const run = () => {
    outer: for (;;) {
        for (let i = 0; ; i += 1) {
            if (100 < i) continue outer;
        }
    }
};
