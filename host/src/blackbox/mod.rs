//! The black box: what is known of a process after it has ended in a way that nobody asked for.
//!
//! - `tape`: the last messages of one direction, kept while the process lives
//! - `recorder`: everything that is kept of one process: two tapes, its last log lines, its memory over time
//! - [`report`]: the file that is written of it, as a type
//! - `gather`: makes a report of what was kept
//! - `tap`: whoever listens to the messages while they go by
//! - `store`: the folder of these files, which never grows beyond its bounds
//!
//! Recording costs some 20 ns a message, one clock reading for each batch of messages, and no wake-up of its own.

mod gather;
mod recorder;
pub(crate) mod report;
pub(crate) mod store;
mod tap;
mod tape;

#[cfg(feature = "control")]
pub(crate) use gather::what_of;
pub(crate) use gather::{Facts, gather};
pub(crate) use recorder::{Recorder, Welcomed};
pub use report::{
    Direction, OpenCalls, PendingCall, Report, ReportedExit, ReportedLine, ReportedMemory, ReportedMessage,
    ReportedVersions,
};
pub(crate) use store::Reports;
#[cfg(feature = "control")]
pub(crate) use tap::Heard;
pub(crate) use tap::{Tap, Trail};
pub(crate) use tape::Tape;
