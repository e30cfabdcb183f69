// `onSettings` of a plugin's context: hearing of changes in its settings.
(function (kit) {
  'use strict';

  const { TypeError, apply, freeze, hasOwn, ownKeys, push, stringify } = kit.primordials;

  // The names of those that have other values.
  const changed = (before, after) => {
    const names = [];
    const now = ownKeys(after);
    for (let i = 0; i < now.length; i += 1) {
      if (!hasOwn(before, now[i]) || stringify(before[now[i]]) !== stringify(after[now[i]])) push(names, now[i]);
    }
    return names;
  };

  // Calls `callback(settings, names)` after each change; `read` and `write` are for the settings that the context shows.
  // Gives what ends that.
  const listen = (callback, read, write) => {
    if (typeof callback !== 'function') throw new TypeError('onSettings takes a function, not ' + kit.inspect(callback, 0, 100));
    let seen = read();
    return kit.callService('settings.onChange', true, (after) => {
      const names = changed(seen, after);
      seen = freeze({ __proto__: null, ...after });
      write(seen);
      if (names.length !== 0) apply(callback, undefined, [seen, names]);
    });
  };

  return { __proto__: null, listen };
})
