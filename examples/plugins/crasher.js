/* plughold: { "name": "Crasher", "version": "1.0.0", "description": "Uses up its memory: what the host does about it" } */

// This plugin keeps everything until its memory is used up, and its process ends with that reason. The host starts it
// again, after a pause that doubles each time; the fifth crash in a short time disables it.
const kept = [];

function keepMore() {
  for (;;) kept.push(new Uint8Array(1024 * 1024).fill(1));
}

setTimeout(() => {
  console.warn('going to use all of my memory');
  keepMore();
}, 500);
