//! What exactly a permission is for: `notes.read`, `fs.read:data/**`, `net.fetch:https://api.example`.
//!
//! Whether one covers another decides what a plugin may do, and the plugin chooses what it asks for at run time. So there
//! is one spelling of each path and of each origin, and everything else is refused: what two programs could read in two
//! ways (`..`, `%2e`, `\`, a full-width dot, a user before a host) is covered by nothing.

mod origin;
mod path;

use origin::Origin;
use path::Path;
use std::fmt;

/// Bytes of a scope: what manifests may write, and room for what is written before the id of a plugin to use that.
const PATTERN: usize = 2 * crate::limits::PERMISSION;

/// Bytes of what a plugin wants to use at run time: the longest path that systems know.
const WANTED: usize = 4_096;

/// A permission, and what of it: all of it, paths, or the origins of addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    name: String,
    /// None for all of it.
    of: Option<Of>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Of {
    Path(Path),
    Origin(Origin),
}

/// Why a text is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// The part before the colon.
    #[error("expected a permission of letters, digits, \".\", \"_\" and \"-\", such as notes.read")]
    Name,
    /// More bytes than a scope has.
    #[error("expected at most {most} bytes, found {found}")]
    TooLong {
        /// How many there may be.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// Not the one spelling of a path.
    #[error("expected a path such as data/notes.txt or data/** without .., %, \\, : or empty parts")]
    Path,
    /// Not the one spelling of an origin.
    #[error(
        "expected an address such as https://api.example or https://*.api.example, without user and path"
    )]
    Origin,
}

impl Scope {
    /// A permission as manifests and embedders write it: a name, and behind a colon what of it. In a path `*` is any one
    /// part, and `**` at the end all that is below; `https://*.api.example` is each host below `api.example`, and
    /// `https://*` each host.
    ///
    /// # Errors
    /// A [`ScopeError`] for everything that has not the one spelling which scopes have.
    pub fn parse(text: &str) -> Result<Scope, ScopeError> {
        at_most(text, PATTERN)?;
        let (name, of) = match text.split_once(':') {
            Some((name, of)) => (name, Some(of)),
            None => (text, None),
        };
        let of = match of {
            Some(of) if of.contains("://") => {
                Some(Of::Origin(Origin::pattern(of).ok_or(ScopeError::Origin)?))
            }
            Some(of) => Some(Of::Path(Path::pattern(of).ok_or(ScopeError::Path)?)),
            None => None,
        };
        Ok(Scope { name: named(name)?, of })
    }

    /// One thing that a plugin wants to use: a path, or an address with whatever follows its host. Nothing in it is a
    /// wildcard.
    ///
    /// # Errors
    /// A [`ScopeError`] for everything that could be read in more than one way.
    pub fn wanted(name: &str, of: &str) -> Result<Scope, ScopeError> {
        at_most(name, PATTERN)?;
        at_most(of, WANTED)?;
        let of = match of.contains("://") {
            true => Of::Origin(Origin::of_address(of).ok_or(ScopeError::Origin)?),
            false => Of::Path(Path::literal(of).ok_or(ScopeError::Path)?),
        };
        Ok(Scope { name: named(name)?, of: Some(of) })
    }

    /// The permission, without what of it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How narrow it is: of two different scopes of which one covers the other, that one is less narrow.
    pub fn narrowness(&self) -> u32 {
        match &self.of {
            None => 0,
            Some(Of::Path(path)) => 1 + path.narrowness(),
            Some(Of::Origin(origin)) => 1 + origin.narrowness(),
        }
    }

    /// Whether whoever has this has the other as well.
    pub fn covers(&self, other: &Scope) -> bool {
        if self.name != other.name {
            return false;
        }
        match (&self.of, &other.of) {
            (None, _) => true,
            (Some(Of::Path(path)), Some(Of::Path(other))) => path.covers(other),
            (Some(Of::Origin(origin)), Some(Of::Origin(other))) => origin.covers(other),
            _ => false,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.name)?;
        match &self.of {
            None => Ok(()),
            Some(Of::Path(path)) => write!(to, ":{path}"),
            Some(Of::Origin(origin)) => write!(to, ":{origin}"),
        }
    }
}

fn named(name: &str) -> Result<String, ScopeError> {
    let allowed = |found: char| found.is_ascii_alphanumeric() || matches!(found, '.' | '_' | '-');
    let is_name = !name.is_empty() && name.chars().all(allowed);
    if is_name { Ok(name.to_owned()) } else { Err(ScopeError::Name) }
}

fn at_most(text: &str, most: usize) -> Result<(), ScopeError> {
    let found = text.len();
    if found <= most { Ok(()) } else { Err(ScopeError::TooLong { most, found }) }
}

#[cfg(test)]
mod tests;
