//! The names of an archive, as one tree on any file system.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::limits;
use crate::name::{self, collision_key};
use crate::problem::quoted;

/// Every name so far, with the folders above it. Names that are one where case is ignored are one here.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: BTreeMap<String, Node>,
}

#[derive(Debug)]
struct Node {
    name: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
}

impl Tree {
    /// The clean name of a file; nothing for a folder; a message for what has no place in a package.
    pub(super) fn accept(&mut self, raw: &[u8], kind: Kind, length: u64) -> Result<Option<String>, String> {
        let Ok(text) = str::from_utf8(raw) else {
            return Err(format!("the name {} is not UTF-8", quoted(&shown(raw))));
        };
        if kind == Kind::Folder {
            if length != 0 {
                return Err("the entry is a folder with contents of its own".to_owned());
            }
            // The folder that everything is packed from.
            if matches!(text, "." | "./") {
                return Ok(None);
            }
        } else if text.ends_with('/') {
            return Err(format!("the name {} is a folder's, but the entry is a file", quoted(text)));
        }
        let name = name::clean(text).map_err(|error| error.to_string())?;
        self.add(&name, kind)?;
        Ok((kind == Kind::File).then_some(name))
    }

    /// Adds a clean name and the folders above it, or says with which earlier name it collides.
    pub(super) fn add(&mut self, name: &str, kind: Kind) -> Result<(), String> {
        for (slash, _) in name.match_indices('/') {
            self.add_one(name.get(..slash).unwrap_or(name), Kind::Folder)?;
        }
        self.add_one(name, kind)
    }

    fn add_one(&mut self, name: &str, kind: Kind) -> Result<(), String> {
        let full = limits::ENTRIES <= self.nodes.len();
        let node = match self.nodes.entry(collision_key(name)) {
            Entry::Vacant(_) if full => {
                return Err(format!("the archive has more than {} files and folders", limits::ENTRIES));
            }
            Entry::Vacant(vacant) => {
                vacant.insert(Node { name: name.to_owned(), kind });
                return Ok(());
            }
            Entry::Occupied(node) => node.into_mut(),
        };
        if node.name != name {
            return Err(format!("the names {} and {} differ only in case", quoted(&node.name), quoted(name)));
        }
        match (node.kind, kind) {
            (Kind::Folder, Kind::Folder) => Ok(()),
            (Kind::File, Kind::File) => Err(format!("the name {} stands there twice", quoted(name))),
            _ => Err(format!("the name {} is both a file and a folder", quoted(name))),
        }
    }
}

/// A name that may be no text, for messages.
pub(super) fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(limits::QUOTED).collect()
}
