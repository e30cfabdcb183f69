// A module imports others of its own folder, and nothing from outside of it.
import { wordsOf } from './lib/words.mjs';

// What a module exports can be called from outside.
// Try it: plughold call --dir examples/plugins word-count count '"to be or not to be"'
export function count(text) {
  const words = wordsOf(text);
  return { words: words.length, different: new Set(words).size, characters: text.length };
}

// `activate` is called once, after the code has run. The plugin is active when its promise is fulfilled.
export async function activate({ id, version }) {
  await app.commands.register({ name: 'word-count.count', label: 'Count words', execute: count });
  const { name } = await app.host.info();
  console.log(`${id} ${version} is ready on ${name}`);
}
