// Joplin's format: a script that finds everything below the global `joplin` and exports nothing.
(function (kit) {
  'use strict';

  // A Joplin plugin is one bundled file, and has nothing to require: the modules that Joplin itself has are not here.
  const require = (name) => {
    throw new Error('Module not found: ' + name);
  };
  kit.extendApi('require', require);
  kit.extendApi('plugins.require', require);

  return { exports: () => undefined, context: undefined };
})
