/* plughold: { "name": "Looper", "version": "1.0.0", "description": "Loops for ever: what the host does about it" } */

// A mistake that everybody makes once. After a second the host says in which line this plugin hangs; after five
// seconds it interrupts it. All other plugins go on.
function findTheEnd() {
  let number = 0;
  while (true) {
    number = Math.max(number, 0);
  }
}

setTimeout(() => {
  console.warn('going to loop for ever');
  findTheEnd();
}, 500);
