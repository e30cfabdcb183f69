/* plughold: { "name": "Thrower", "version": "1.0.0", "description": "Throws while it is loaded: how errors are shown" } */

// An error at the top level means that the plugin cannot be loaded. The host shows it with its stack, and does not try
// again: the same code would throw the same error.
function readSettings() {
  const settings = undefined;
  return settings.theme;
}

readSettings();
