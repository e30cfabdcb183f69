//! Every bound of the protocol, with its reason.
//!
//! These are defaults. A host sends the ones in force to each runner in [`Hello`](crate::Message::Hello), where a
//! manifest may ask for others within the embedder's caps.

/// The longest frame, in bytes: one read never has to hold more. Senders cut at [`PIECE`]; the room above it is for
/// peers that cut otherwise.
pub const FRAME: usize = 4 << 20;

/// Longer bodies are cut into pieces of this size and go by the bulk lane, in bytes. Control messages wait for at
/// most one piece: 64 KiB cross a local socket in about 20 µs.
pub const PIECE: usize = 64 << 10;

/// The longest message, put together from its pieces, in bytes. A plugin that moves more should use a stream.
pub const MESSAGE: usize = 32 << 20;

/// The longest [`Load`](crate::Message::Load), in bytes. The largest known real plugin bundle is 3.7 MB; a module
/// with embedded data may be much larger, and only the host sends this message.
pub const LOAD: usize = 64 << 20;

/// Bytes that a message may have besides the value in it.
pub const ENVELOPE: usize = 2 << 10;

/// Bytes that may wait in a host for one runner before further calls are refused: two of the longest messages.
pub const OUTBOX: usize = 2 * MESSAGE;

/// How deep arrays, maps and extension values may be nested. Data of real plugins stays below 20; every walker of
/// values is either iterative or safe for this depth on the smallest stack.
pub const DEPTH: usize = 64;

/// How many nodes one message's values may hold. A frame of one-element arrays would otherwise cost the host 75 times
/// its size in memory.
pub const NODES: usize = 100_000;

/// Live references in each direction. A plugin that registers a hundred thousand callbacks has a leak.
pub const REFERENCES: usize = 100_000;

/// Calls in flight in each direction. One more from a runner is a violation of the protocol; the runner queues, and
/// the host answers its caller with `Busy`.
pub const IN_FLIGHT: u32 = 1_024;

/// Calls that wait in a runner for room in the window. Beyond it a call throws: the plugin calls without waiting.
pub const QUEUED_CALLS: usize = 100_000;

/// Bytes of calls that wait in a runner for room in the window.
pub const QUEUED_BYTES: usize = 16 << 20;

/// Turns inside turns, as when a blocking call is served while another waits.
pub const NESTED_TURNS: u32 = 64;

/// A plugin's memory, in bytes: the arena of its runner. Real plugins have a median of 4.5 MB and a maximum of 76 MB.
pub const MEMORY: u64 = 64 << 20;

/// The smallest arena that can hold the engine and a script, in bytes.
pub const MEMORY_MIN: u64 = 4 << 20;

/// The largest arena, in bytes.
pub const MEMORY_MAX: u64 = 4 << 30;

/// JavaScript stack, in bytes. Zero or more than 16 MiB would mean "no limit" to the engine.
pub const STACK: u64 = 256 << 10;

/// The largest JavaScript stack, in bytes: an eighth of the smallest usual native stack.
pub const STACK_MAX: u64 = 1 << 20;

/// One log line, in bytes; the rest is cut and marked.
pub const LOG_LINE: usize = 8 << 10;

/// Log bytes a second from one plugin. Lines beyond it are counted and dropped.
pub const LOG_RATE: u64 = 64 << 10;

/// Messages a second from a runner that need no credit (notifications, logs, timers). More ends the runner.
pub const MESSAGE_RATE: u64 = 10_000;

/// Timers that are set at one time in a runner.
pub const TIMERS: usize = 10_000;

/// The longest sleep that a runner may ask for, in microseconds: what `setTimeout` can express, 2^31 milliseconds.
pub const WAKE_MAX_US: u64 = (1 << 31) * 1_000;

/// Paths in the API's table, and the length of one in bytes.
pub const API_FUNCTIONS: usize = 10_000;

/// The length of an API path, an export's name or a specifier, in bytes.
pub const NAME: usize = 1_024;

/// A thrown error's message and stack, in bytes each.
pub const ERROR_TEXT: usize = 64 << 10;

/// Bytes of an error's own fields, or of a thrown thing that is no error. What is larger is left out.
pub const ERROR_FIELDS: usize = 64 << 10;

/// Elements of a list in a message itself, such as the references of one `Release`. A list of empty texts would
/// otherwise take forty times its bytes.
pub const ELEMENTS: u32 = REFERENCES as u32;

/// Functions that a plugin may export by name. An application has as many at most, and a plugin has few.
pub const EXPORTS: usize = 10_000;

/// Bytes of the names of these functions, all together: what the smallest arena has room for. A host keeps and shows them.
pub const EXPORT_NAMES: usize = 256 << 10;

/// Layers of a lock-down that a runner may name.
pub const LAYERS: usize = 32;

/// Bytes of arguments that the functions of an application work on at one time for one plugin.
pub const SERVING: usize = 8 * MESSAGE;

/// How long a chain of `cause` is kept.
pub const CAUSES: usize = 8;

/// Methods and accessors of one object that travels by reference. More than a class has that people write.
pub const OBJECT_MEMBERS: usize = 256;

/// Streams that are open at one time in each direction between a host and a runner.
pub const STREAMS: usize = 1_024;

/// Bytes of one stream that may be on their way, unread by the other side. Two pieces of a long message keep a local
/// socket busy; more only fills memory.
pub const STREAM_WINDOW: usize = 256 << 10;

/// What a chunk of a stream counts besides its bytes: about what whoever keeps it needs for it. Otherwise a window would
/// hold a quarter of a million of the smallest chunks, and these take forty megabytes.
pub const STREAM_CHUNK: usize = 128;

/// Bytes of all streams in one direction between a host and a runner that may be on their way, unread: 128 full windows.
/// Beyond it whoever reads a plugin's stream gives credit for one chunk at a time, and sources for the plugin wait until
/// it reads: with more streams than that everything goes on, only slower.
pub const STREAMS_WINDOW: usize = 32 << 20;

/// Bytes that a host keeps of all streams of one plugin, unread. A chunk may be longer than the credit that is left, so
/// more than [`STREAMS_WINDOW`] can arrive; a stream whose chunk has no room fails. Twice as much is beyond what anybody
/// needs who reads at all.
pub const STREAMS_UNREAD: usize = 2 * STREAMS_WINDOW;

/// Modules that one plugin may load besides its entry, counted by file. Plugins that are not bundled have hundreds; ten
/// thousand small files take a tenth of a plugin's memory by their names alone.
pub const MODULES: usize = 10_000;

/// Bytes of text of the modules that one plugin may load besides its entry. Compiled code takes about as much as its
/// text, so with the usual memory a plugin ends up here before the engine has none left.
pub const MODULE_BYTES: usize = 32 << 20;

/// The longest source map that a runner reads, in bytes: those of the largest known real bundles stay below. A longer one
/// is left aside, and stacks name the lines of the file that runs.
pub const SOURCE_MAP: usize = 16 << 20;

/// A chain of calls that were made while serving each other, across plugins.
pub const CHAIN: usize = 64;

/// What a plugin may leave to its next generation, in bytes of the encoded value: the state of a program, not its data.
/// The host keeps it for as long as the plugin rests.
pub const STATE: usize = 1 << 20;
