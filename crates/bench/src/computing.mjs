// A plugin that only computes: what a lock-down costs while nothing is asked of the system.

let sum = 0;

export function compute(count) {
  for (let round = 0; round < count; round++) {
    const words = [];
    for (let i = 0; i < 200; i++) words.push(`${(i * 7919) % 200} ${Math.sqrt(i + round)}`);
    sum += words.sort().join(",").replace(/(\d)\.(\d)/g, "$2.$1").length;
  }
}
