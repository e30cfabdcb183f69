//! The black box: what is known of a process after it has ended in a way that nobody asked for.
//!
//! - `tape`: the last messages of one direction, kept while the process lives
//! - `recorder`: everything that is kept of one process: two tapes, its last log lines, its memory over time
//! - [`report`]: the file that is written of it, as a type
//! - `gather`: makes a report of what was kept
//! - `store`: the folder of these files, which never grows beyond its bounds
//!
//! Recording costs some 20 ns a message, one clock reading for each batch of messages, and no wake-up of its own.

mod gather;
mod recorder;
pub(crate) mod report;
mod store;
mod tape;

pub(crate) use gather::{Facts, gather};
pub(crate) use recorder::{Recorder, Welcomed};
pub use report::{
    Direction, OpenCalls, PendingCall, Report, ReportedExit, ReportedLine, ReportedMemory, ReportedMessage,
    ReportedVersions,
};
pub(crate) use store::Reports;
pub(crate) use tape::Tape;
