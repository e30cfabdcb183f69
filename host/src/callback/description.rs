//! What an object tells of itself when it travels by reference.

use crate::text::clean_line;
use plughold_protocol::limits;
use plughold_protocol::pack::{Reader, Token, Writer};

/// The class of an object and the names of what it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) class: String,
    pub(crate) methods: Vec<String>,
    pub(crate) accessors: Vec<String>,
    /// Its methods return their results and throw their errors in the plugin, instead of giving promises.
    pub(crate) is_blocking: bool,
}

impl Description {
    /// Reads the value behind the event ID of a plugin's object. The error says in words what is wrong with it.
    ///
    /// That its methods block is not for a plugin to say: the one to which it is passed on would wait.
    pub(crate) fn from_value(bytes: &[u8]) -> Result<Description, String> {
        let mut reader = Reader::new(bytes);
        if !matches!(reader.token(), Ok(Token::Array(length)) if 3 <= length) {
            return Err("an object without its class, methods and accessors".to_owned());
        }
        let Ok(Token::Text(class)) = reader.token() else {
            return Err("an object whose class has no name".to_owned());
        };
        let class = clean_line(class, limits::NAME);
        let methods = names(&mut reader)?;
        let accessors = names(&mut reader)?;
        Ok(Description { class, methods, accessors, is_blocking: false })
    }

    /// Bytes of all names.
    pub(crate) fn size(&self) -> usize {
        let names = self.methods.iter().chain(&self.accessors);
        self.class.len() + names.map(|name| size_of::<String>() + name.len()).sum::<usize>()
    }

    /// As it stands behind the event ID.
    pub(crate) fn to_value(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut out = Writer::new(&mut bytes);
        out.array(if self.is_blocking { 4 } else { 3 });
        out.text(&self.class);
        for names in [&self.methods, &self.accessors] {
            out.array(names.len());
            names.iter().for_each(|name| out.text(name));
        }
        if self.is_blocking {
            out.bool(true);
        }
        bytes
    }
}

fn names(reader: &mut Reader) -> Result<Vec<String>, String> {
    let length = match reader.token() {
        Ok(Token::Array(length)) if length as usize <= limits::OBJECT_MEMBERS => length,
        Ok(Token::Array(length)) => {
            return Err(format!(
                "an object with {length} members; at most {} are allowed",
                limits::OBJECT_MEMBERS
            ));
        }
        _ => return Err("an object whose members are no list".to_owned()),
    };
    let name = |_| match reader.token() {
        Ok(Token::Text(name)) if name.len() <= limits::NAME => Ok(name.to_owned()),
        _ => Err("an object with a member whose name is no string, or too long".to_owned()),
    };
    (0..length).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_come_home() {
        for is_blocking in [false, true] {
            let description = Description {
                class: "Counter".into(),
                methods: vec!["add".into(), "dispose".into()],
                accessors: vec!["count".into()],
                is_blocking,
            };
            let received = Description::from_value(&description.to_value());
            assert_eq!(received, Ok(Description { is_blocking: false, ..description }));
        }
    }

    #[test]
    fn what_describes_nothing_is_refused() {
        let check = |write: &dyn Fn(&mut Writer), expected: &str| {
            let mut bytes = Vec::new();
            write(&mut Writer::new(&mut bytes));
            assert_eq!(Description::from_value(&bytes).unwrap_err(), expected);
        };
        check(&|w| w.nil(), "an object without its class, methods and accessors");
        check(&|w| w.array(2), "an object without its class, methods and accessors");
        let head = |w: &mut Writer| {
            w.array(3);
            w.text("C");
        };
        check(
            &|w| {
                w.array(3);
                w.nil()
            },
            "an object whose class has no name",
        );
        check(
            &|w| {
                head(w);
                w.nil()
            },
            "an object whose members are no list",
        );
        check(
            &|w| {
                head(w);
                w.array(257)
            },
            "an object with 257 members; at most 256 are allowed",
        );
        let words = "an object with a member whose name is no string, or too long";
        check(
            &|w| {
                head(w);
                w.array(1);
                w.unsigned(1)
            },
            words,
        );
        check(
            &|w| {
                head(w);
                w.array(1);
                w.text(&"x".repeat(limits::NAME + 1))
            },
            words,
        );
    }
}
