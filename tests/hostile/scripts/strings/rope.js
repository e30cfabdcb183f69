// ends: thrown InternalError: out of memory
// A text of many parts, which is put together when somebody looks.
export const run = () => {
    let text = 'ab';
    for (let i = 0; i < 28; i += 1) text = text + i + text;
    return text.charCodeAt(text.length >> 1);
};
