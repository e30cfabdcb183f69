//! What plugins may do. A call needs both: that the manifest asks for the permission, and that somebody grants it.
//!
//! - [`grants`]: what was decided for one plugin, and who waits for it: a pure machine
//! - [`ledger`]: the same with its surroundings: asks people, ends calls, tells and writes down
//! - [`access`]: what one process of a plugin may do: what its manifest asks for, and what was decided
//! - [`guard`]: a call on its way to a function that needs a permission
//! - [`denied`]: what a plugin is told; [`uses`]: what it has used, for whoever writes its manifest
//! - [`decision`]: the same for the application, its events and its audit file
//! - [`office`]: who decides, for all plugins of a host; [`audit`]: the file; [`broker`]: a program that decides

mod access;
mod audit;
mod broker;
mod decision;
mod denied;
#[cfg(test)]
mod documented;
mod grants;
pub(crate) mod guard;
mod ledger;
mod office;
mod uses;

pub(crate) use access::{Access, Allowed};
pub(crate) use audit::Audit;
pub use broker::Broker;
pub(crate) use decision::Refusal;
pub use decision::{Decision, PermissionError, PermissionInfo, PermissionState};
pub(crate) use grants::Said;
pub(crate) use guard::Resting;
pub(crate) use ledger::Ledger;
pub(crate) use office::{Ask, Office};
pub use uses::Use;
pub(crate) use uses::Uses;
