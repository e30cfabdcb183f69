//! What is held across the border of a plugin's process.

use serde::{Deserialize, Serialize};

/// A function, object or stream that is held across the border of a plugin's process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reference {
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
    /// Where it was passed first, such as `argument of app.notes.on`; none when that is not known.
    pub place: Option<String>,
    /// Of a stream that the plugin sends: bytes that wait in the host.
    pub unread_bytes: u64,
}

/// Which side holds a reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The plugin holds what is the application's or another plugin's.
    #[default]
    Plugin,
    /// The host holds what is the plugin's.
    Host,
}

/// What is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// A function.
    Function,
    /// An object, known by its methods and accessors.
    Object,
    /// A stream: whoever holds it reads it.
    Stream,
    /// A kind that is newer than this program.
    #[default]
    #[serde(other)]
    Other,
}
