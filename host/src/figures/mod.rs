//! What a plugin costs, and what it holds: figures that are kept while it runs, and snapshots of them.
//!
//! Nothing is measured for its own sake. Times are those that a call is sent, written or answered at anyway, counts stand
//! under locks that a call takes anyway, and the processor's time is read when somebody looks at a busy runner.
//!
//! - [`Figures`]: the snapshot; [`account`]: the calls of one direction, by function
//! - [`histogram`]: how long calls took, in half a kilobyte; [`seconds`]: amounts of the last seconds
//! - [`cpu`]: the processor's time of a process, as the system tells it; [`usage`]: the same of the last minute
//! - [`budget`]: how much of that a plugin may use
//! - [`CallInFlight`]: calls that are not answered; [`ReferenceInfo`]: what is held across the border; [`place`]: where it
//!   was passed

pub(crate) mod account;
pub(crate) mod budget;
mod cpu;
mod histogram;
mod pending;
pub(crate) mod place;
mod references;
mod seconds;
mod snapshot;
pub(crate) mod usage;

pub use budget::{CpuBudget, OverBudget};
pub use pending::{CallDirection, CallInFlight, CallParent};
pub use references::{Holder, ReferenceInfo, ReferenceKind};
pub use snapshot::{
    CallFigures, CpuFigures, Figures, FunctionFigures, FunctionKind, Latency, Queues, Traffic,
};

pub(crate) use account::{Account, Ended, Slot};
pub(crate) use histogram::{micros, millis};
pub(crate) use pending::MOST as MOST_CALLS;
pub(crate) use place::{Origin, Place};
pub(crate) use references::MOST as MOST_REFERENCES;
