// ends: settles 1000
// The array that is sorted is emptied by the one who compares.
export const run = () => {
    const all = Array.from({ length: 1_000 }, (_, index) => 1_000 - index);
    all.sort((one, other) => {
        all.length = 0;
        return one - other;
    });
    return all.length;
};
