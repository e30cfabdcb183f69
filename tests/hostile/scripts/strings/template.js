// ends: thrown InternalError: out of memory
// Put together by a template.
export const run = () => {
    let text = 'ab';
    for (;;) text = `${text}${text}${text}`;
};
