// Joplin's format: a script that finds everything below the global `joplin` and exports nothing.
(function (kit) {
  'use strict';

  // Modules are looked for in the plugin's own process, never in the host; there are none yet.
  const require = (name) => {
    throw new Error('Module not found: ' + name);
  };
  kit.extendApi('require', require);
  kit.extendApi('plugins.require', require);

  return { exports: () => undefined, context: undefined };
})
