//! Text of others on a terminal: the names of files, and what is in JSON.

use std::path::Path;

/// Whether showing a character could move a terminal's cursor, change its colours or turn the direction of writing.
pub(crate) fn is_disruptive(found: char) -> bool {
    found.is_control() || matches!(found, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A path for people. A file's name may hold anything, and whoever packed the plugin has chosen it.
pub(crate) fn path(path: &Path) -> String {
    path.to_string_lossy().replace(is_disruptive, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_do_nothing() {
        assert_eq!(path(Path::new("a\u{1b}[2J/ä b\n.js")), "a\u{fffd}[2J/ä b\u{fffd}.js");
    }
}
