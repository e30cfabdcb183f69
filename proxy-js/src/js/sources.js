// Streams as the runner sees them. As long as there is none, the file that has them is not evaluated.
(function (kit) {
  'use strict';

  // What the runner sends as a stream, as an object with `pull(id)`, `stop()` and `release()`; undefined for a stream that
  // somebody reads already.
  kit.openSource = (value) => kit.use('streams/bridge').openSource(value);

  // The host's stream with this id, as a ReadableStream.
  kit.receiveStream = (id) => kit.use('streams/bridge').receiveStream(id);
})
