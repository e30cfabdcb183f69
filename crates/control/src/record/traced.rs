//! One message between the host and a plugin.

use super::Direction;
use serde::{Deserialize, Serialize};

/// One message between the host and a plugin, without what it carried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traced {
    /// When, in microseconds since 1970.
    pub time_us: u64,
    /// Counts the plugin's processes.
    pub generation: u32,
    /// Which way it went.
    pub direction: Direction,
    /// What it was, such as `Call`.
    pub message: String,
    /// The call, stream or request that it is about.
    pub id: Option<u64>,
    /// What was called; of a `Return` what it answers.
    pub what: Option<String>,
    /// The call that its caller was serving.
    pub parent: Option<u64>,
    /// Bytes of what it carried.
    pub bytes: u64,
    /// Of a `Return` how long the call took, in microseconds, when its beginning was seen.
    pub took_us: Option<u64>,
    /// Of a `Return` how it ended: `returned`, `threw`.
    pub outcome: Option<String>,
}
