// ends: killed
// The same with looking.
export const run = () => {
    const numbers = new Float64Array(5e6);
    for (;;) numbers.indexOf(1);
};
