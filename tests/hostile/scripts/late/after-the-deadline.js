// ends: deadline
// It answers when nobody waits any more.
export const run = () => new Promise((resolve) => setTimeout(() => resolve(1), 1_500));
