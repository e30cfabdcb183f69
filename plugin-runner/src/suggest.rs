//! Did you mean: names of the API that do not exist, and the errors that come of them.
//!
//! Reading an unknown name gives `undefined`, so that a plugin can ask whether a function is there. If calling it fails
//! afterwards, the engine says only `not a function`; the read that happened on the same line says which.

use crate::engine::Value;
use crate::session::{Api, Session};
use crate::stack::{self, Spot};
use crate::thrown;
use plughold_protocol::limits;
use plughold_protocol::spelling::{distance, mistakes};

/// As many reads are remembered in one turn.
const REMEMBERED: usize = 16;

/// An error this many lines below the read may still come of it: calls are written over several lines.
const LINES: u32 = 3;

/// Unknown names that were read in this turn.
pub(crate) struct UnknownReads {
    reads: Vec<Read>,
}

/// The read of a name that does not exist.
struct Read {
    path: String,
    spot: Option<Spot>,
    /// Paths that exist in its place, if it is none of the API.
    members: Vec<String>,
}

impl UnknownReads {
    /// None.
    pub(crate) fn new() -> UnknownReads {
        UnknownReads { reads: Vec::new() }
    }

    /// Forgets all of them.
    pub(crate) fn clear(&mut self) {
        self.reads.clear();
    }
}

/// The plugin read `path`, which does not exist: the API does not have it, or an object that has only `members`.
pub(crate) fn note_unknown(session: &Session, path: String, members: Vec<String>) {
    let spot = stack::spot(session);
    let reads = &mut session.unknown_reads.borrow_mut().reads;
    if reads.len() == REMEMBERED {
        reads.remove(0);
    }
    reads.push(Read { path, spot, members });
}

/// What to add to the message of an error that comes of an unknown name; empty for every other error.
pub(crate) fn explain(session: &Session, error: &Value) -> String {
    if session.unknown_reads.borrow().reads.is_empty() || !error.is_error() {
        return String::new();
    }
    let message = thrown::text_of(error, "message", limits::NAME).unwrap_or_default();
    let spot = stack::first_spot(&stack::of(session, error));
    let reads = session.unknown_reads.borrow();
    let read = reads.reads.iter().rev().find(|read| is_near(read.spot.as_ref(), spot.as_ref()));
    let Some(Read { path, members, .. }) = read else { return String::new() };
    match path_of(&message, path) {
        Some(path) if members.is_empty() => words(&path, full_paths(&session.api)),
        Some(path) => words(&path, members.iter().cloned()),
        None => String::new(),
    }
}

/// The whole path that the plugin wanted, if the message is one that an unknown name leads to.
fn path_of(message: &str, read: &str) -> Option<String> {
    if message == "not a function" {
        return Some(read.to_owned());
    }
    let property = message.strip_prefix("cannot read property '")?.strip_suffix("' of undefined")?;
    Some(format!("{read}.{property}"))
}

fn is_near(read: Option<&Spot>, error: Option<&Spot>) -> bool {
    match (read, error) {
        (Some(read), Some(error)) => {
            read.file == error.file && read.line <= error.line && error.line - read.line <= LINES
        }
        _ => false,
    }
}

fn full_paths(api: &Api) -> impl Iterator<Item = String> {
    api.paths.iter().map(|path| format!("{}.{path}", api.global))
}

fn words(path: &str, existing: impl Iterator<Item = String>) -> String {
    match nearest(path, existing) {
        Some(meant) => format!(" ({path} does not exist; did you mean {meant}?)"),
        None => format!(" ({path} does not exist)"),
    }
}

/// What was most likely meant: few characters away, or of the same name in another namespace.
fn nearest(path: &str, existing: impl Iterator<Item = String>) -> Option<String> {
    let most = mistakes(path);
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let wanted = last(path);
    let scored = existing.filter_map(|candidate| {
        let most = if last(&candidate) == wanted { usize::MAX } else { most };
        Some((distance(path, &candidate, most)?, candidate))
    });
    scored.min().map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        let paths = ["notes.search", "notes.get", "settings.get", "dialogs.open"].map(str::to_owned).to_vec();
        let api = Api { global: "app".to_owned(), paths, hows: Vec::new() };
        let check = |path: &str, expected: &str| assert_eq!(words(path, full_paths(&api)).trim(), expected);
        check("app.notes.serach", "(app.notes.serach does not exist; did you mean app.notes.search?)");
        check("app.noets.search", "(app.noets.search does not exist; did you mean app.notes.search?)");
        check("app.data.open", "(app.data.open does not exist; did you mean app.dialogs.open?)");
        check("app.notes.frobnicate", "(app.notes.frobnicate does not exist)");
    }

    #[test]
    fn only_errors_of_unknown_names_are_explained() {
        let check = |message: &str, expected: Option<&str>| {
            assert_eq!(path_of(message, "app.x").as_deref(), expected, "{message}");
        };
        check("not a function", Some("app.x"));
        check("cannot read property 'y' of undefined", Some("app.x.y"));
        check("cannot read property 'y' of null", None);
        check("y is not defined", None);
    }
}
