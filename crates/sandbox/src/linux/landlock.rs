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
const VERSIONS: [Version; 8] = [
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
    // Sockets by path.
    Version { since: 9, files: (1 << 17) - 1, ports: 0b11, scopes: 0b11, length: 24 },
    // Bind and send to UDP ports.
    Version { since: 10, files: (1 << 17) - 1, ports: 0b1111, scopes: 0b11, length: 24 },
];

/// Forbids it all.
pub(super) fn restrict() -> Result<(), Error> {
    let found = failed(Layer::Landlock, "the kernel has none", call::landlock_version())?;
    let version =
        known(found).ok_or(Error::Missing { layer: Layer::Landlock, reason: "the kernel has none" })?;
    let attributes = RulesetAttributes { files: version.files, ports: version.ports, scopes: version.scopes };
    let result = call::landlock_forbid(&attributes, version.length);
    failed(Layer::Landlock, "it cannot be put on", result)
}

/// What can be asked of a kernel that has this version.
fn known(found: u32) -> Option<&'static Version> {
    VERSIONS.iter().rev().find(|version| version.since <= found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_kernel_is_asked_for_all_that_an_older_one_is() {
        for pair in VERSIONS.windows(2) {
            let [older, newer] = pair else { unreachable!() };
            assert!(older.since < newer.since && older.length <= newer.length);
            for (before, now) in
                [(older.files, newer.files), (older.ports, newer.ports), (older.scopes, newer.scopes)]
            {
                assert_eq!(before & now, before, "since version {}", newer.since);
            }
        }
    }

    #[test]
    fn attributes_are_as_long_as_what_they_say() {
        for version in &VERSIONS {
            let needed = match (version.ports, version.scopes) {
                (0, 0) => 8,
                (_, 0) => 16,
                _ => 24,
            };
            assert_eq!(version.length, needed, "version {}", version.since);
        }
    }

    #[test]
    fn nobody_is_asked_for_more_than_he_knows() {
        let since = |found| known(found).map(|version| version.since);
        assert_eq!([since(0), since(1), since(7), since(8)], [None, Some(1), Some(6), Some(6)]);
        assert_eq!([since(9), since(10), since(u32::MAX)], [Some(9), Some(10), Some(10)]);
    }
}
