//! Names of files inside a package.
//!
//! One rule holds for folders and archives on every operating system: a package that works here works there, and a
//! name can neither leave the package nor mean a device or a second stream of a file.

use crate::limits;
use crate::problem::{is_disruptive, quoted};

/// Devices that Windows opens in any folder, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Why a name cannot be a file of a package. The quoted names are cut and escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// The name has no parts.
    #[error("the name {0} names no file")]
    Empty(String),
    /// The name starts at the root of the file system.
    #[error("the name {0} is absolute, expected one relative to the package")]
    Absolute(String),
    /// The name holds `..`.
    #[error("the name {0} holds \"..\", expected one that stays inside the package")]
    Parent(String),
    /// The name holds a character that some file system takes for something else.
    #[error("the name {name} holds {found}, which not every file system takes")]
    Character {
        /// The name.
        name: String,
        /// The character.
        found: String,
    },
    /// The name is a device on Windows.
    #[error("the name {0} is a device on Windows")]
    Device(String),
    /// A part of the name ends with a dot or a space, which Windows drops.
    #[error("a part of the name {0} ends with a dot or a space, which not every file system keeps")]
    Ending(String),
    /// The name is written with separate accents, which some file systems take for another name and some do not.
    #[error("the name {0} has accents apart from their letters, expected composed characters (NFC)")]
    Decomposed(String),
    /// The name is longer than 768 bytes, a part of it than 255.
    #[error("the name {0} is too long, expected at most {path} bytes, {part} in a part", path = limits::PATH, part = limits::PATH_PART)]
    Long(String),
    /// The name has more than 32 parts.
    #[error("the name {0} has too many parts, expected at most {depth}", depth = limits::PATH_DEPTH)]
    Deep(String),
}

/// The name in its one form: parts joined by slashes, without `.` and empty parts, as `lib/util.js`.
///
/// # Errors
///
/// The first rule that the name breaks.
pub fn clean(name: &str) -> Result<String, NameError> {
    if limits::PATH < name.len() {
        return Err(NameError::Long(quoted(name)));
    }
    if name.starts_with('/') {
        return Err(NameError::Absolute(quoted(name)));
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => continue,
            ".." => return Err(NameError::Parent(quoted(name))),
            _ => check_part(part, name)?,
        }
        parts.push(part);
    }
    if parts.is_empty() {
        return Err(NameError::Empty(quoted(name)));
    }
    if limits::PATH_DEPTH < parts.len() {
        return Err(NameError::Deep(quoted(name)));
    }
    Ok(parts.join("/"))
}

/// Two clean names with the same key are one file where case is ignored.
pub(crate) fn collision_key(name: &str) -> String {
    name.to_lowercase()
}

fn check_part(part: &str, name: &str) -> Result<(), NameError> {
    if limits::PATH_PART < part.len() {
        return Err(NameError::Long(quoted(name)));
    }
    if let Some(found) = part.chars().find(|found| is_refused(*found)) {
        return Err(NameError::Character { name: quoted(name), found: quoted(&found.to_string()) });
    }
    if part.chars().any(is_decomposed) {
        return Err(NameError::Decomposed(quoted(name)));
    }
    if part.ends_with(['.', ' ']) {
        return Err(NameError::Ending(quoted(name)));
    }
    if is_device(part) {
        return Err(NameError::Device(quoted(name)));
    }
    Ok(())
}

fn is_refused(found: char) -> bool {
    is_disruptive(found) || matches!(found, '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*')
}

/// Marks that have composed forms, and the parts of Korean syllables. Refusing them makes composed and decomposed
/// spellings of one name impossible without tables.
fn is_decomposed(found: char) -> bool {
    matches!(found, '\u{300}'..='\u{36f}' | '\u{1100}'..='\u{11ff}' | '\u{3099}' | '\u{309a}')
}

fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_lowercase();
    if DEVICES.contains(&stem.as_str()) {
        return true;
    }
    // Windows reads the three superscript digits as digits here.
    let number = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    number.is_some_and(|number| {
        let mut characters = number.chars();
        matches!((characters.next(), characters.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        let found = clean(name).unwrap_or_else(|error| error.to_string());
        assert_eq!(found, expected);
    }

    #[test]
    fn names_have_one_form() {
        check("main.js", "main.js");
        check("./lib//util.js", "lib/util.js");
        check("a/./b/", "a/b");
        check("größe 1.js", "größe 1.js");
        check(".hidden", ".hidden");
        check("...a", "...a");
        check("console.js", "console.js");
        check("com10", "com10");
    }

    #[test]
    fn names_that_leave_or_confuse_are_refused() {
        check("", r#"the name "" names no file"#);
        check("./", r#"the name "./" names no file"#);
        check("/etc/passwd", r#"the name "/etc/passwd" is absolute, expected one relative to the package"#);
        check("a/../b", r#"the name "a/../b" holds "..", expected one that stays inside the package"#);
        check("a\\b", r#"the name "a\\b" holds "\\", which not every file system takes"#);
        check("C:x", r#"the name "C:x" holds ":", which not every file system takes"#);
        check("a\0", r#"the name "a\0" holds "\0", which not every file system takes"#);
        check(
            "a\u{202e}sj.exe",
            r#"the name "a\u{202e}sj.exe" holds "\u{202e}", which not every file system takes"#,
        );
        check("lib/NUL.js", r#"the name "lib/NUL.js" is a device on Windows"#);
        check("com¹", r#"the name "com¹" is a device on Windows"#);
        check(
            "a./b",
            r#"a part of the name "a./b" ends with a dot or a space, which not every file system keeps"#,
        );
        check(
            "e\u{301}.js",
            "the name \"e\u{301}.js\" has accents apart from their letters, expected composed characters (NFC)",
        );
        check(
            &"a/".repeat(33),
            &format!(r#"the name "{}" has too many parts, expected at most 32"#, "a/".repeat(33)),
        );
    }

    #[test]
    fn lengths_are_bounded() {
        assert!(clean(&"x".repeat(255)).is_ok());
        assert!(matches!(clean(&"x".repeat(256)), Err(NameError::Long(_))));
        assert!(matches!(clean(&"x/".repeat(500)), Err(NameError::Long(_))));
    }
}
