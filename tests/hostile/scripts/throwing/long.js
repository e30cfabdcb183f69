// ends: thrown Error: \u{1b}[2J\u{d}\u{a}\u{1b}[2J\u{d}\u{a}\u{1b}[2J\u{d}\u{a}\u{1b}[2J\u{d}\u{a}\u{1b}[2J\u{d}\u{…
// Its words are ten million long, and full of what moves a cursor.
export const run = () => {
    throw new Error('\u001b[2J\r\n'.repeat(2e6));
};
