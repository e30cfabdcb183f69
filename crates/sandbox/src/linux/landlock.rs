//! Landlock: everything that it knows to forbid, forbidden, without an exception.

use super::call::{self, RulesetAttributes};
use super::failed;
use crate::{Error, Layer};

/// What one version of Landlock can forbid.
struct Version {
    /// The first version that can.
    since: u32,
    /// Rights on files, as bits.
    files: u64,
    /// Rights on ports.
    ports: u64,
    /// What can be confined to those who are confined the same way.
    scopes: u64,
    /// The bytes of its attributes.
    length: usize,
}

/// From `linux/landlock.h`. A kernel that knows more is asked for no more than this.
const VERSIONS: [Version; 6] = [
    // Execute, write, read, list, remove and make files and folders of every kind.
    Version { since: 1, files: (1 << 13) - 1, ports: 0, scopes: 0, length: 8 },
    // Link or rename into another folder.
    Version { since: 2, files: (1 << 14) - 1, ports: 0, scopes: 0, length: 8 },
    // Truncate.
    Version { since: 3, files: (1 << 15) - 1, ports: 0, scopes: 0, length: 8 },
    // Bind and connect to TCP ports.
    Version { since: 4, files: (1 << 15) - 1, ports: 0b11, scopes: 0, length: 16 },
    // Control devices.
    Version { since: 5, files: (1 << 16) - 1, ports: 0b11, scopes: 0, length: 16 },
    // Abstract sockets and signals.
    Version { since: 6, files: (1 << 16) - 1, ports: 0b11, scopes: 0b11, length: 24 },
];

/// Forbids it all.
pub(super) fn restrict() -> Result<(), Error> {
    let found = failed(Layer::Landlock, "the kernel has none", call::landlock_version())?;
    let Some(version) = VERSIONS.iter().rev().find(|version| version.since <= found) else {
        return Err(Error::Missing { layer: Layer::Landlock, reason: "the kernel has none" });
    };
    let attributes = RulesetAttributes { files: version.files, ports: version.ports, scopes: version.scopes };
    let result = call::landlock_forbid(&attributes, version.length);
    failed(Layer::Landlock, "it cannot be put on", result)
}
