// ends: settles {"dirname":"/","filename":"/escapes-import-meta.js","url":"plughold:///escapes-import-meta.js"}
// What a module is told of itself.
export const run = () => ({ ...import.meta });
