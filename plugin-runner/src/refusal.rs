//! Why a value cannot be sent, with the path to the part that is to blame.

use crate::engine::Thrown;
use crate::thrown;
use std::fmt::Write;

/// Steps of a path that are written at each end of a longer one.
const STEPS_AT_AN_END: usize = 8;

/// Bytes of one key that are kept for the path.
pub(crate) const KEY: usize = 60;

/// Why a value was not encoded.
pub(crate) enum Unsendable {
    /// It has no copy.
    Refused(Refusal),
    /// Reading it threw, in a getter or a trap.
    Threw(Thrown),
}

/// A part that has no copy. The path is put together while the walk returns, so that it costs nothing else.
pub(crate) struct Refusal {
    /// From the part to the root.
    steps: Vec<Step>,
    why: Why,
}

/// What is wrong with the part.
pub(crate) enum Why {
    /// It is something that has no copy: words such as `a symbol has no copy`.
    NoCopy(String),
    /// It contains itself.
    Ancestor,
    /// It is below so many others.
    Depth(u32),
    /// It lives in this process only, and the value is for the next: words such as `a function`.
    Mortal(&'static str),
    /// The whole passed a bound: words such as `more than 100000 values`.
    Bound(String),
}

/// That something has no copy.
pub(crate) fn no_copy(what: &str) -> String {
    format!("{what} has no copy")
}

/// What the engine calls `class`, which has no copy, and what to do about it.
pub(crate) fn words_for(class: &str) -> String {
    let (what, hint) = match class {
        "Promise" => ("a promise", "await it first"),
        "Generator" => ("a generator", "make an array of it first"),
        "AsyncGenerator" => ("an async generator", "collect what it gives first"),
        "SharedArrayBuffer" => ("shared memory", "copy it into an ArrayBuffer first"),
        "Symbol" => return no_copy("a symbol"),
        _ if class.ends_with("Iterator") || class.starts_with("Iterator") => {
            ("an iterator", "make an array of it first")
        }
        _ => return no_copy(&format!("an instance of {class}")),
    };
    format!("{}: {hint}", no_copy(what))
}

enum Step {
    Key(String),
    Index(usize),
}

impl From<Thrown> for Unsendable {
    fn from(thrown: Thrown) -> Unsendable {
        Unsendable::Threw(thrown)
    }
}

impl From<Why> for Unsendable {
    fn from(why: Why) -> Unsendable {
        Unsendable::Refused(Refusal { steps: Vec::new(), why })
    }
}

impl Unsendable {
    /// Notes that the part is the property `key` of what is being walked.
    pub(crate) fn at_key(mut self, key: &str) -> Unsendable {
        if let Unsendable::Refused(refusal) = &mut self {
            refusal.steps.push(Step::Key(key[..key.floor_char_boundary(KEY)].to_owned()));
        }
        self
    }

    /// Notes that the part is the element `index` of what is being walked.
    pub(crate) fn at_index(mut self, index: usize) -> Unsendable {
        if let Unsendable::Refused(refusal) = &mut self {
            refusal.steps.push(Step::Index(index));
        }
        self
    }

    /// As an exception; `root` is the name of the whole, such as `arguments`.
    pub(crate) fn into_thrown(self, root: &str) -> Thrown {
        match self {
            Unsendable::Threw(thrown) => thrown,
            Unsendable::Refused(refusal) => thrown::type_error(&refusal.words(root)),
        }
    }
}

impl Refusal {
    fn words(&self, root: &str) -> String {
        let path = self.path(root);
        match &self.why {
            Why::NoCopy(what) => format!("cannot send {path}: {what}"),
            Why::Mortal(what) => format!("cannot hand over {path}: {what} ends with its process"),
            Why::Ancestor => format!("cannot send {path}: {path} is its own ancestor"),
            Why::Depth(most) => format!("cannot send {path}: nested deeper than {most}"),
            Why::Bound(what) => format!("cannot send {root}: {what}"),
        }
    }

    fn path(&self, root: &str) -> String {
        let mut path = root.to_owned();
        let count = self.steps.len();
        for (at, step) in self.steps.iter().rev().enumerate() {
            if at == STEPS_AT_AN_END && 2 * STEPS_AT_AN_END < count {
                path.push('…');
            }
            if at < STEPS_AT_AN_END || count - STEPS_AT_AN_END <= at {
                step.write(&mut path);
            }
        }
        path
    }
}

impl Step {
    fn write(&self, path: &mut String) {
        // Writing to a string cannot fail.
        let _always_ok = match self {
            Step::Index(index) => write!(path, "[{index}]"),
            Step::Key(key) if is_identifier(key) => write!(path, ".{key}"),
            Step::Key(key) => write!(path, "[{key:?}]"),
        };
    }
}

fn is_identifier(key: &str) -> bool {
    let starts = key.starts_with(|first: char| first.is_alphabetic() || first == '_' || first == '$');
    starts && key.chars().all(|char| char.is_alphanumeric() || char == '_' || char == '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(steps: &[&str], why: Why, expected: &str) {
        let mut unsendable = Unsendable::from(why);
        for step in steps.iter().rev() {
            unsendable = match step.parse() {
                Ok(index) => unsendable.at_index(index),
                Err(_) => unsendable.at_key(step),
            };
        }
        let Unsendable::Refused(refusal) = unsendable else { unreachable!() };
        assert_eq!(refusal.words("arguments"), expected);
    }

    #[test]
    fn the_path_leads_to_the_part() {
        let symbol = || Why::NoCopy("a symbol has no copy".to_owned());
        check(&["0"], symbol(), "cannot send arguments[0]: a symbol has no copy");
        check(
            &["0", "items", "3", "el"],
            symbol(),
            "cannot send arguments[0].items[3].el: a symbol has no copy",
        );
        check(&["1", "a-b", "ä"], symbol(), "cannot send arguments[1][\"a-b\"].ä: a symbol has no copy");
        check(
            &["0", "parent"],
            Why::Ancestor,
            "cannot send arguments[0].parent: arguments[0].parent is its own ancestor",
        );
        check(
            &["0", "run"],
            Why::Mortal("a function"),
            "cannot hand over arguments[0].run: a function ends with its process",
        );
        check(
            &["0"],
            Why::Bound("more than 3 values".to_owned()),
            "cannot send arguments: more than 3 values",
        );
    }

    #[test]
    fn a_long_path_is_cut_in_the_middle() {
        let steps = ["a"; 30];
        let expected =
            format!("cannot send arguments{}…{}: nested deeper than 64", ".a".repeat(8), ".a".repeat(8));
        check(&steps, Why::Depth(64), &expected);
    }
}
