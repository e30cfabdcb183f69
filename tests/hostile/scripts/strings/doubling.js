// ends: thrown InternalError: string too long
// Twice as long each time.
export const run = () => {
    let text = 'ä1';
    for (;;) text += text;
};
