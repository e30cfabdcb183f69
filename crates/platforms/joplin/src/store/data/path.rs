//! Paths of the data API: which there are, and which table each is about.

use super::error::DataError;
use crate::store::limits::MAX_PATH_SEGMENTS;
use crate::store::table::{FOLDERS, NOTES, RESOURCES, TAGS, Table};

/// The first segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Notes,
    Folders,
    Tags,
    Resources,
    Search,
}

impl Root {
    /// The table of this root's items; 405 for `search`, which has none.
    pub(super) fn table(self) -> Result<&'static Table, DataError> {
        match self {
            Self::Notes => Ok(&NOTES),
            Self::Folders => Ok(&FOLDERS),
            Self::Tags => Ok(&TAGS),
            Self::Resources => Ok(&RESOURCES),
            Self::Search => Err(DataError::method_not_allowed()),
        }
    }
}

/// A path that exists, with its ids borrowed from the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route<'a> {
    Collection(Root),
    Item(Root, &'a str),
    NoteTags(&'a str),
    NoteResources(&'a str),
    FolderNotes(&'a str),
    TagNotes(&'a str),
    TagNote(&'a str, &'a str),
}

impl<'a> Route<'a> {
    /// Reads a path: 400 if it is malformed, 404 if no such path exists.
    pub(super) fn parse(path: &'a [String]) -> Result<Self, DataError> {
        if path.is_empty()
            || MAX_PATH_SEGMENTS < path.len()
            || !path.iter().all(|segment| is_segment(segment))
        {
            return Err(malformed(path));
        }
        let (root, rest) = path.split_first().ok_or_else(DataError::not_found)?;
        let root = match root.as_str() {
            "notes" => Root::Notes,
            "folders" => Root::Folders,
            "tags" => Root::Tags,
            "resources" => Root::Resources,
            "search" => Root::Search,
            _ => return Err(DataError::not_found()),
        };
        match (root, rest) {
            (_, []) => Ok(Self::Collection(root)),
            (Root::Search, _) => Err(DataError::not_found()),
            (_, [id]) => Ok(Self::Item(root, id)),
            (Root::Notes, [id, link]) if link == "tags" => Ok(Self::NoteTags(id)),
            (Root::Notes, [id, link]) if link == "resources" => Ok(Self::NoteResources(id)),
            (Root::Folders, [id, link]) if link == "notes" => Ok(Self::FolderNotes(id)),
            (Root::Tags, [id, link]) if link == "notes" => Ok(Self::TagNotes(id)),
            (Root::Tags, [id, link, note]) if link == "notes" => Ok(Self::TagNote(id, note)),
            _ => Err(DataError::not_found()),
        }
    }
}

fn is_segment(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Joplin's own sentence, with as much of the path as helps.
fn malformed(path: &[String]) -> DataError {
    const SHOWN_CHARS: usize = 64;
    let shown: Vec<String> = path
        .iter()
        .take(MAX_PATH_SEGMENTS + 1)
        .map(|segment| format!("{:?}", segment.chars().take(SHOWN_CHARS).collect::<String>()))
        .collect();
    DataError::bad_request(format!(
        "Path segments must only contain lowercase letters and digits: [{}]",
        shown.join(",")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Result<Route<'_>, (u16, &str)>) {
        let segments: Vec<String> =
            if path == "(none)" { Vec::new() } else { path.split('/').map(str::to_string).collect() };
        let found = Route::parse(&segments);
        let found = found.as_ref().map_err(|error| (error.http_code, error.message.as_str()));
        assert_eq!(found, expected.as_ref().map_err(|error| *error), "{path}");
    }

    #[test]
    fn paths() {
        check("notes", Ok(Route::Collection(Root::Notes)));
        check("search", Ok(Route::Collection(Root::Search)));
        check("resources/a1", Ok(Route::Item(Root::Resources, "a1")));
        check("notes/a1/tags", Ok(Route::NoteTags("a1")));
        check("notes/a1/resources", Ok(Route::NoteResources("a1")));
        check("folders/a1/notes", Ok(Route::FolderNotes("a1")));
        check("tags/a1/notes", Ok(Route::TagNotes("a1")));
        check("tags/a1/notes/b2", Ok(Route::TagNote("a1", "b2")));
    }

    #[test]
    fn paths_that_do_not_exist() {
        for path in ["pages", "search/a1", "notes/a1/notes", "folders/a1/notes/b2", "tags/a1/notes2", "ping"]
        {
            check(path, Err((404, "Not Found")));
        }
    }

    #[test]
    fn malformed_paths() {
        let sentence =
            |list: &str| format!("Path segments must only contain lowercase letters and digits: {list}");
        check("(none)", Err((400, &sentence("[]"))));
        check("notes/", Err((400, &sentence(r#"["notes",""]"#))));
        check("Notes", Err((400, &sentence(r#"["Notes"]"#))));
        check("notes/..", Err((400, &sentence(r#"["notes",".."]"#))));
        check("notes/a b", Err((400, &sentence(r#"["notes","a b"]"#))));
        check("master_keys", Err((400, &sentence(r#"["master_keys"]"#))));
        check("notes/é", Err((400, &sentence(r#"["notes","é"]"#))));
        check("a/b/c/d/e/f", Err((400, &sentence(r#"["a","b","c","d","e"]"#))));
        check(&"A".repeat(1000), Err((400, &sentence(&format!("[{:?}]", "A".repeat(64))))));
    }
}
