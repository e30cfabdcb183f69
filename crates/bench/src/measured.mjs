/* plughold: { "permissions": ["bench.guarded"] } */
// The plugin under measurement: it echoes, and makes calls of its own when it is asked to.

const object = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`field${i}`, "x".repeat(40)]));
const bytes = new Uint8Array(1 << 20);

export async function activate() {
  await app.give((value) => value);
}

/** One call after the other. */
export async function calls(count) {
  for (let i = 0; i < count; i++) await app.echo(i);
}

export async function objects(count) {
  for (let i = 0; i < count; i++) await app.echo(object);
}

export async function mebibytes(count) {
  for (let i = 0; i < count; i++) await app.echoBytes(bytes);
}

/** A thousand calls at a time. */
export const together = (count) => thousands(count, app.echo);

export const guardedTogether = (count) => thousands(count, app.guarded);

async function thousands(count, call) {
  for (let done = 0; done < count; done += 1000) {
    const pending = [];
    for (let i = 0; i < 1000; i++) pending.push(call(i));
    await Promise.all(pending);
  }
}
