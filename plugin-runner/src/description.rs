//! What an object that travels by reference says of itself: its class, its methods, its accessors.

use plughold_protocol::limits;
use plughold_protocol::pack::{Reader, Token};

/// Names that mean something to the language wherever it finds them, and that no object by reference has: one with `then`
/// would be taken for a promise.
const RESERVED: &[&str] = &["then", "constructor", "__proto__"];

/// An object by reference.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Description {
    /// The name of its class.
    pub(crate) class: String,
    /// The names of its methods.
    pub(crate) methods: Vec<String>,
    /// The names of what can be read of it.
    pub(crate) accessors: Vec<String>,
    /// Whether its methods wait for their result instead of promising it.
    pub(crate) is_blocking: bool,
}

impl Description {
    /// Reads what the host wrote; none if it makes no sense. Members that no object can have are left out, as are those
    /// beyond the bound.
    pub(crate) fn read(bytes: &[u8]) -> Option<Description> {
        let mut reader = Reader::new(bytes);
        let Token::Array(length @ 3..) = reader.token().ok()? else { return None };
        let Token::Text(class) = reader.token().ok()? else { return None };
        Some(Description {
            class: class[..class.floor_char_boundary(limits::NAME)].to_owned(),
            methods: names(&mut reader)?,
            accessors: names(&mut reader)?,
            is_blocking: 3 < length && reader.token().ok()? == Token::Bool(true),
        })
    }
}

/// Whether a member may have this name.
pub(crate) fn is_member(name: &str) -> bool {
    !name.is_empty() && name.len() <= limits::NAME && !RESERVED.contains(&name)
}

fn names(reader: &mut Reader) -> Option<Vec<String>> {
    let Token::Array(length) = reader.token().ok()? else { return None };
    let mut names = Vec::new();
    for _ in 0..length {
        let Token::Text(name) = reader.token().ok()? else { return None };
        if is_member(name) && names.len() < limits::OBJECT_MEMBERS {
            names.push(name.to_owned());
        }
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plughold_protocol::pack::Writer;

    fn written(class: &str, methods: &[&str], accessors: &[&str], is_blocking: Option<bool>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes);
        writer.array(3 + usize::from(is_blocking.is_some()));
        writer.text(class);
        for names in [methods, accessors] {
            writer.array(names.len());
            names.iter().for_each(|name| writer.text(name));
        }
        if let Some(is_blocking) = is_blocking {
            writer.bool(is_blocking);
        }
        bytes
    }

    fn check(bytes: &[u8], class: &str, methods: &[&str], accessors: &[&str], is_blocking: bool) {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let expected = Description {
            class: class.to_owned(),
            methods: owned(methods),
            accessors: owned(accessors),
            is_blocking,
        };
        assert_eq!(Description::read(bytes), Some(expected));
    }

    #[test]
    fn descriptions_are_read() {
        check(&written("A", &["go"], &["x", "y"], None), "A", &["go"], &["x", "y"], false);
        check(&written("A", &[], &[], Some(false)), "A", &[], &[], false);
        check(&written("A", &[], &[], Some(true)), "A", &[], &[], true);
    }

    #[test]
    fn members_that_no_object_can_have_are_left_out() {
        let long = "x".repeat(limits::NAME + 1);
        check(
            &written("A", &["then", "", &long, "ok"], &["constructor", "__proto__"], None),
            "A",
            &["ok"],
            &[],
            false,
        );
        let many: Vec<String> = (0..=limits::OBJECT_MEMBERS).map(|number| format!("m{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        check(&written(&long, &many, &[], None), &long[1..], &many[..limits::OBJECT_MEMBERS], &[], false);
    }

    #[test]
    fn what_is_no_description_is_none() {
        let check = |bytes: &[u8]| assert_eq!(Description::read(bytes), None, "{bytes:?}");
        check(b"");
        check(b"\xc0");
        check(b"\x92\xa1A\x90");
        check(b"\x93\xa1A\x90\x01");
        check(b"\x93\xa1A\x90\x91\x01");
        check(b"\x93\x01\x90\x90");
        check(b"\x93\xa1A\xdd\xff\xff\xff\xff");
    }
}
