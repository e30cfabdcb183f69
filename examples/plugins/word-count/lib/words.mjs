// Letters and digits of any language, with apostrophes and dashes between them.
const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;

export function wordsOf(text) {
  if (typeof text !== 'string') {
    // What you throw comes out on the other side with name, message and stack.
    throw new TypeError(`expected a text, found ${text === null ? 'null' : typeof text}`);
  }
  return text.toLowerCase().match(WORD) ?? [];
}
