//! What a host says of itself in the register.

use crate::request::Right;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The version of the file's shape.
pub(super) const SCHEMA: u32 = 1;

/// One host in the register, as its file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The version of this shape: 1.
    pub schema: u32,
    /// What the application calls itself.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// When that process was started, in the system's ticks since its boot: with the number it names one process only.
    pub process_started: u64,
    /// When the host was built, in milliseconds since 1970.
    pub started_ms: u64,
    /// The version of the host library.
    pub version: String,
    /// The version that is spoken on its sockets.
    pub protocol: u32,
    /// The socket that allows to read, if it is offered.
    pub read: Option<PathBuf>,
    /// The socket that allows more, if it is offered.
    pub control: Option<PathBuf>,
    /// The most that a socket allows.
    pub right: Right,
}

impl Entry {
    /// What a file of the register says. Sockets stand in it by their names, as they are beside it.
    pub(super) fn read(text: &[u8], folder: &Path) -> Result<Entry, String> {
        let mut entry: Entry = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if entry.schema != SCHEMA {
            return Err(format!("its schema is {} and not {SCHEMA}", entry.schema));
        }
        for socket in [&mut entry.read, &mut entry.control].into_iter().flatten() {
            let name = socket.file_name().filter(|name| *name == socket.as_os_str());
            *socket = folder.join(name.ok_or("a socket that is not beside it")?);
        }
        Ok(entry)
    }

    /// The file of the register.
    pub(super) fn to_json(&self) -> String {
        let name = |socket: &Option<PathBuf>| socket.as_ref()?.file_name().map(PathBuf::from);
        let written = Entry { read: name(&self.read), control: name(&self.control), ..self.clone() };
        // Texts and numbers can always be written.
        serde_json::to_string_pretty(&written).unwrap_or_default()
    }

    /// The socket to use for this right; none when the host does not offer it.
    pub fn socket(&self, right: Right) -> Option<&Path> {
        if self.right < right {
            return None;
        }
        match right {
            Right::Read => self.read.as_deref().or(self.control.as_deref()),
            Right::Control | Right::Develop => self.control.as_deref(),
        }
    }
}
