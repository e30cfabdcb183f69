// Abort signals as our own files and the runner see them. As long as the plugin has made none, they are not evaluated:
// nothing can be a signal then.
(function (kit) {
  'use strict';

  const { DOMException } = kit.primordials;

  // Whether it is an AbortSignal, whatever its prototype says.
  kit.isAbortSignal = (value) => {
    const abort = kit.used('abort');
    return abort !== undefined && abort.isSignal(value);
  };

  // The next three are for what is a signal.
  kit.isAborted = (signal) => kit.use('abort').isAborted(signal);
  kit.abortReason = (signal) => kit.use('abort').reasonOf(signal);

  // Calls `callback` once when the signal aborts, before the plugin's listeners; never if it is aborted already. Gives a
  // function that takes the callback away again.
  kit.onAbort = (signal, callback) => kit.use('abort').onAbort(signal, callback);

  // `{ signal, abort(reason) }`: a signal that only its maker can abort. Without a reason it is an AbortError.
  kit.newAbort = () => kit.use('abort').newAbort();

  kit.domException = (message, name) => new DOMException(message, name);
})
