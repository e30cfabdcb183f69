//! Bytes that travel as bytes.

use serde::{Deserialize, Serialize};

/// Bytes: a `Uint8Array` in the plugin. An `ArrayBuffer`, a `DataView` and a `Uint8ClampedArray` are taken as well. A plain
/// `Vec<u8>` takes all of them too, but travels as an array of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(#[serde(with = "serde_bytes")] pub Vec<u8>);

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        Bytes(bytes)
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
