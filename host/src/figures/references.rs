//! What is held across the border of a plugin's process.

use serde::{Deserialize, Serialize};

/// Functions and objects in each direction of which details are told. A plugin that leaks them passes the same kind at the
/// same place again and again, which is seen in as many.
pub(crate) const MOST: usize = 10_000;

/// A function, object or stream that is held across the border of a plugin's process; from
/// [`Plugin::references`](crate::Plugin::references). As JSON it has stable keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReferenceInfo {
    /// Who holds it: it belongs to the other side.
    pub holder: Holder,
    /// What it is.
    pub kind: ReferenceKind,
    /// Its event ID, as messages name it.
    pub id: u64,
    /// Its name or the name of its class; of what has none what it is, in words.
    pub name: String,
    /// For how long it has been held.
    pub age_ms: u64,
    /// How often it was called since. Zero for a stream.
    pub calls: u64,
    /// Where it was passed first, such as `argument of app.notes.on` or `result of app.notes.open`; none when that is not
    /// known.
    pub place: Option<String>,
    /// What whoever reads has not read: bytes that wait in the host. Zero unless it is a stream that the plugin sends.
    pub unread_bytes: u64,
}

/// Which side holds a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Holder {
    /// The plugin holds what is the application's or another plugin's.
    Plugin,
    /// The host holds what is the plugin's: for the application, or for another plugin.
    Host,
}

/// What is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ReferenceKind {
    /// A function.
    Function,
    /// An object, known by its methods and accessors.
    Object,
    /// A stream: whoever holds it reads it.
    Stream,
}
