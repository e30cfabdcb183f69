//! Paths, and what is below them.

use plughold_protocol::text::is_disruptive;
use std::fmt;

/// Characters that some system or some step of normalisation takes for `.`, `/`, `\`, `:`, `*` or `%`, or for nothing.
/// Whole blocks, so that nobody has to know each of them: general punctuation, letterlike symbols, small and full-width
/// forms, and what stands alone.
const LOOKALIKES: [(char, char); 9] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{2000}', '\u{206f}'),
    ('\u{2100}', '\u{214f}'),
    ('\u{2215}', '\u{2216}'),
    ('\u{29f5}', '\u{29f9}'),
    ('\u{3000}', '\u{3002}'),
    ('\u{fe00}', '\u{fe6f}'),
    ('\u{feff}', '\u{ffff}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// A path, or a pattern of paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Path {
    is_absolute: bool,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Named(String),
    /// `*`: any one part.
    Any,
    /// `**`: one part or more, and the last one.
    Below,
}

impl Path {
    /// With `*` and `**`.
    pub(super) fn pattern(text: &str) -> Option<Path> {
        let path = Path::read(text, |part| match part {
            "*" => Some(Part::Any),
            "**" => Some(Part::Below),
            named => name(named),
        })?;
        let (_, before) = path.parts.split_last()?;
        (!before.contains(&Part::Below)).then_some(path)
    }

    /// Of one thing.
    pub(super) fn literal(text: &str) -> Option<Path> {
        Path::read(text, name)
    }

    fn read(text: &str, part: impl Fn(&str) -> Option<Part>) -> Option<Path> {
        let (is_absolute, relative) = match text.strip_prefix('/') {
            Some(relative) => (true, relative),
            None => (false, text),
        };
        let parts: Option<Vec<Part>> = relative.split('/').map(part).collect();
        Some(Path { is_absolute, parts: parts? })
    }

    /// Grows with each part that is said, and with each that is named.
    pub(super) fn narrowness(&self) -> u32 {
        let of_part = |part: &Part| match part {
            Part::Named(_) => 3,
            Part::Any => 2,
            Part::Below => 1,
        };
        self.parts.iter().map(of_part).sum()
    }

    /// Whether each path of the other is one of this.
    pub(super) fn covers(&self, other: &Path) -> bool {
        if self.is_absolute != other.is_absolute {
            return false;
        }
        let mut others = other.parts.iter();
        for part in &self.parts {
            let covered = match (part, others.next()) {
                (Part::Below, Some(_)) => return true,
                (Part::Any, Some(Part::Named(_) | Part::Any)) => true,
                (Part::Named(name), Some(Part::Named(other))) => name == other,
                _ => false,
            };
            if !covered {
                return false;
            }
        }
        others.next().is_none()
    }
}

/// The name of a file or folder that every system reads alike.
fn name(part: &str) -> Option<Part> {
    let is_plain = |found: char| {
        !is_disruptive(found)
            && !matches!(found, '\\' | '%' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
            && !LOOKALIKES.iter().any(|(first, last)| (*first..=*last).contains(&found))
    };
    // Some systems drop dots and spaces at the end of a name: `.`, `..` and `secret.` are no names.
    let is_name = !part.is_empty()
        && part.chars().all(is_plain)
        && !part.ends_with(['.', ' '])
        && !part.starts_with(' ');
    is_name.then(|| Part::Named(part.to_owned()))
}

impl fmt::Display for Path {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if self.is_absolute || 0 < index {
                to.write_str("/")?;
            }
            to.write_str(match part {
                Part::Named(name) => name,
                Part::Any => "*",
                Part::Below => "**",
            })?;
        }
        Ok(())
    }
}
