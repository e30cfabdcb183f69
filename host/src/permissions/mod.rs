//! What plugins may do. A call needs both: that the manifest asks for the permission, and that somebody grants it.
//!
//! - [`grants`]: what was decided for one plugin, and who waits for it: a pure machine
//! - [`ledger`]: the same with its surroundings: asks people, ends calls, tells and writes down
//! - [`access`]: what one process of a plugin may do: what its manifest asks for, and what was decided
//! - [`guard`]: a call on its way to a function that needs a permission
//! - [`denied`]: what a plugin is told
//! - [`decision`]: the same for the application, its events and its audit file
//! - [`office`]: who decides, for all plugins of a host; [`audit`]: the file

mod access;
mod audit;
mod decision;
mod denied;
#[cfg(test)]
mod documented;
mod grants;
pub(crate) mod guard;
mod ledger;
mod office;

pub(crate) use access::{Access, Allowed};
pub(crate) use audit::Audit;
pub(crate) use decision::Refusal;
pub use decision::{Decision, PermissionError, PermissionInfo, PermissionState};
pub(crate) use grants::Said;
pub(crate) use guard::Resting;
pub(crate) use ledger::Ledger;
pub(crate) use office::{Ask, Office};
