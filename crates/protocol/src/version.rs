//! The protocol's version and its features.
//!
//! The version is apart from the version of any crate. It changes only when an old peer could not even read the
//! frames or [`Hello`](crate::Message::Hello); everything else is a feature, which is used only after both sides
//! named it.

/// The first version: frames, lanes, the symmetric set of messages, references by count.
pub const FIRST: u32 = 1;

/// The version that this crate speaks.
pub const CURRENT: u32 = FIRST;

/// The runner asks the host for ES modules by [`ModuleRequest`](crate::Message::ModuleRequest).
pub const MODULES: &str = "modules";

/// Calls may carry the flag `blocking`, and the runner serves what belongs to them while it waits.
pub const BLOCKING_CALLS: &str = "blocking-calls";

/// Byte streams with credit.
pub const STREAMS: &str = "streams";

/// Functions and objects of the host may appear in values for the plugin.
pub const HOST_FUNCTIONS: &str = "host-functions";

/// The host asks for the state of the next generation by [`Suspend`](crate::Message::Suspend).
pub const HAND_OVER: &str = "hand-over";

/// The runner says where the plugin makes its calls by [`Site`](crate::Message::Site). A host names it only if somebody wants
/// to know.
pub const CALL_SITES: &str = "call-sites";

/// The features that the code of this version implements.
pub const IMPLEMENTED: &[&str] = &[MODULES, BLOCKING_CALLS, STREAMS, HOST_FUNCTIONS, HAND_OVER, CALL_SITES];
