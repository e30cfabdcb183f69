//! The name under which a plugin is known: in lists, in folders of data, in permissions that users granted.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use crate::limits;
use crate::problem::quoted;

/// Ids that Joplin accepts although they are shorter than its rule says, because they are older than the rule.
const OLDER_THAN_THE_RULE: [&str; 3] = ["Outline", "outline", "MyPlugin"];

/// A plugin's id. It holds ASCII letters, digits, `.`, `_` and `-` only and starts and ends with a letter or a digit,
/// so it is safe as a file name, in a log and in a terminal. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(Arc<str>);

impl PackageId {
    /// Checks the id of a native plugin: 1 to 128 bytes.
    ///
    /// # Errors
    ///
    /// The first rule that `text` breaks.
    pub fn native(text: &str) -> Result<Self, IdError> {
        Self::checked(text, 1, limits::ID)
    }

    /// Checks the id of a Joplin plugin: 16 to 256 bytes, or one of three
    /// shorter ids that are older than the rule.
    ///
    /// # Errors
    ///
    /// The first rule that `text` breaks.
    pub fn joplin(text: &str) -> Result<Self, IdError> {
        let shortest = if OLDER_THAN_THE_RULE.contains(&text) { 1 } else { limits::JOPLIN_ID_MIN };
        Self::checked(text, shortest, limits::JOPLIN_ID)
    }

    /// Checks the name of a Haplo plugin: 1 to 128 letters, digits and `_`, beginning with a letter. It becomes
    /// the name of a variable.
    ///
    /// # Errors
    ///
    /// The first rule that `text` breaks.
    pub fn haplo(text: &str) -> Result<Self, IdError> {
        let id = Self::checked(text, 1, limits::ID)?;
        let first = text.chars().next().filter(|first| !first.is_ascii_alphabetic());
        match first.or_else(|| text.chars().find(|found| matches!(found, '.' | '-'))) {
            Some(found) => Err(IdError::NotAVariable { id: quoted(text), found: quoted(&found.to_string()) }),
            None => Ok(id),
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Two ids that have the same key may not live side by side: their folders would be one on a file system that
    /// ignores case.
    pub fn collision_key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    fn checked(text: &str, shortest: usize, longest: usize) -> Result<Self, IdError> {
        if text.len() < shortest || longest < text.len() {
            return Err(IdError::Length { id: quoted(text), length: text.len(), shortest, longest });
        }
        let allowed = |found: &char| found.is_ascii_alphanumeric() || matches!(found, '.' | '_' | '-');
        if let Some(found) = text.chars().find(|found| !allowed(found)) {
            return Err(IdError::Character { id: quoted(text), found: quoted(&found.to_string()) });
        }
        let edges = [text.chars().next(), text.chars().next_back()];
        if edges.into_iter().flatten().any(|edge| !edge.is_ascii_alphanumeric()) {
            return Err(IdError::Edge { id: quoted(text) });
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for PackageId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for PackageId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl serde::Serialize for PackageId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Why a text is not an id. The quoted parts are cut and escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// The id is too short or too long.
    #[error("the id {id} has {length} bytes, expected {shortest} to {longest}")]
    Length {
        /// The id.
        id: String,
        /// Its length in bytes.
        length: usize,
        /// The fewest bytes allowed.
        shortest: usize,
        /// The most bytes allowed.
        longest: usize,
    },
    /// The id holds a character that is not allowed.
    #[error("the id {id} holds {found}, expected only letters, digits, \".\", \"_\" and \"-\" of ASCII")]
    Character {
        /// The id.
        id: String,
        /// The first such character.
        found: String,
    },
    /// The id of a Haplo plugin cannot be the name of a variable.
    #[error(
        "the id {id} holds {found} where the name of a variable cannot, expected letters, digits and \"_\""
    )]
    NotAVariable {
        /// The id.
        id: String,
        /// The first such character.
        found: String,
    },
    /// The id starts or ends with a sign.
    #[error("the id {id} must start and end with a letter or a digit")]
    Edge {
        /// The id.
        id: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(made: Result<PackageId, IdError>, expected: &str) {
        let found = match made {
            Ok(id) => format!("ok {id}"),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn native_rules() {
        check(PackageId::native("a"), "ok a");
        check(PackageId::native("my-Plugin_2.0"), "ok my-Plugin_2.0");
        check(PackageId::native(&"x".repeat(128)), &format!("ok {}", "x".repeat(128)));
        check(PackageId::native(""), r#"the id "" has 0 bytes, expected 1 to 128"#);
        check(
            PackageId::native(&"x".repeat(129)),
            &format!(r#"the id "{}…" has 129 bytes, expected 1 to 128"#, "x".repeat(80)),
        );
        let signs = r#"expected only letters, digits, ".", "_" and "-" of ASCII"#;
        check(PackageId::native("a/b"), &format!(r#"the id "a/b" holds "/", {signs}"#));
        check(PackageId::native("a\0b"), &format!(r#"the id "a\0b" holds "\0", {signs}"#));
        check(
            PackageId::native("a\u{202e}b"),
            &format!(r#"the id "a\u{{202e}}b" holds "\u{{202e}}", {signs}"#),
        );
        check(PackageId::native("größe"), &format!(r#"the id "größe" holds "ö", {signs}"#));
        check(PackageId::native(".."), r#"the id ".." must start and end with a letter or a digit"#);
        check(PackageId::native("a-"), r#"the id "a-" must start and end with a letter or a digit"#);
    }

    #[test]
    fn joplin_rules() {
        check(PackageId::joplin("com.example.note"), "ok com.example.note");
        check(PackageId::joplin("Outline"), "ok Outline");
        check(PackageId::joplin("outline"), "ok outline");
        check(PackageId::joplin("MyPlugin"), "ok MyPlugin");
        check(PackageId::joplin("OUTLINE"), r#"the id "OUTLINE" has 7 bytes, expected 16 to 256"#);
        check(
            PackageId::joplin("fifteen.letters"),
            r#"the id "fifteen.letters" has 15 bytes, expected 16 to 256"#,
        );
        check(PackageId::joplin(&"x".repeat(256)), &format!("ok {}", "x".repeat(256)));
        check(
            PackageId::joplin("-com.example.note"),
            r#"the id "-com.example.note" must start and end with a letter or a digit"#,
        );
    }

    #[test]
    fn haplo_rules() {
        check(PackageId::haplo("hres_core2"), "ok hres_core2");
        check(
            PackageId::haplo("2core"),
            r#"the id "2core" holds "2" where the name of a variable cannot, expected letters, digits and "_""#,
        );
        check(
            PackageId::haplo("hres-core"),
            r#"the id "hres-core" holds "-" where the name of a variable cannot, expected letters, digits and "_""#,
        );
    }

    #[test]
    fn case_is_ignored_by_the_collision_key() {
        let key = |text| PackageId::native(text).unwrap().collision_key();
        assert_eq!(key("Hello"), key("hELLO"));
        assert_ne!(key("Hello"), key("Hello2"));
    }
}
