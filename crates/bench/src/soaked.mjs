// The plugin of the soak. Every visit sends a function and an object, is called back with a function of the application,
// and gets another one as its result.

class Note {
  #seen;

  constructor(number) {
    this.#seen = number;
  }

  seen() {
    return this.#seen;
  }
}

const visit = async (number) => {
  const answer = async (given, double) => (await double(given)) + 1;
  const result = await app.visit(number, answer, new Note(number));
  const sum = await result();
  if (sum !== 3 * number + 1) throw new Error(`visit ${number} gave ${sum}`);
};

/** So many visits, a hundred at a time. */
export async function visits(count) {
  for (let done = 0; done < count; ) {
    const together = [];
    for (; done < count && together.length < 100; done++) together.push(visit(done));
    await Promise.all(together);
  }
}
