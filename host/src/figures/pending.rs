//! Calls that are not answered yet.

use super::snapshot::FunctionKind;
use serde::{Deserialize, Serialize};

/// Calls in each direction of which details are told: the oldest ones, and as many as may be in flight unless the limits
/// say something else.
pub(crate) const MOST: usize = 1_024;

/// A call that is not answered yet; from [`Plugin::pending`](crate::Plugin::pending). As JSON it has stable keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallInFlight {
    /// Who has made it.
    pub direction: CallDirection,
    /// Its number: calls of one direction are counted.
    pub id: u64,
    /// What is called, as in [`FunctionFigures::name`](crate::FunctionFigures::name).
    pub name: String,
    /// What that is.
    pub kind: FunctionKind,
    /// For how long it has been waiting.
    pub age_ms: u64,
    /// How long whoever made it will still wait: zero when that time is over. None when it was not said.
    pub deadline_ms: Option<u64>,
    /// The call that was being served when this one was made.
    pub parent: Option<CallParent>,
    /// The plugin does nothing but wait for the answer.
    pub is_blocking: bool,
    /// False when whoever made it does not want the answer any more. It is owed all the same.
    pub is_wanted: bool,
}

/// Who has made a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CallDirection {
    /// The plugin calls the application, or another plugin through it.
    FromPlugin,
    /// The plugin is called.
    ToPlugin,
}

/// A call on whose behalf another one was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallParent {
    /// The plugin that has made it or was called.
    pub plugin: String,
    /// What was called.
    pub name: String,
    /// Who has made it, seen from that plugin.
    pub direction: CallDirection,
}
