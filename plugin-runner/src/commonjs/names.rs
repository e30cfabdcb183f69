//! The names that a CommonJS module exports, as far as its text tells them: an ES module that imports it must know them
//! before it runs.
//!
//! Found are assignments to `exports.name`, properties of an object that is assigned to `module.exports`, and
//! `Object.defineProperty(exports, "name", …)`. A name that is found in a comment or a string is one too many, and then
//! undefined; a name that is made in another way is found on the default export only.

/// Names that are looked for at most; a module with more has them on its default export.
const MOST: usize = 1_000;

/// Bytes of one name.
const LONGEST: usize = 255;

/// The names, each once, without `default`.
pub(crate) fn export_names(text: &str) -> Vec<String> {
    let mut names = Names(Vec::new());
    // Up to here everything was read: what stands in an object that was read is not read again.
    let mut end = 0;
    for (at, word) in text.match_indices("exports") {
        let before = text.as_bytes().get(at.wrapping_sub(1));
        if at < end || before.is_some_and(|byte| is_name(*byte)) {
            continue;
        }
        end = text.len() - names.read(text.as_bytes().get(at + word.len()..).unwrap_or_default()).len();
        if MOST <= names.0.len() {
            break;
        }
    }
    names.0
}

struct Names(Vec<String>);

impl Names {
    /// Reads what follows the word `exports`; gives what follows that.
    fn read<'t>(&mut self, rest: &'t [u8]) -> &'t [u8] {
        let rest = rest.trim_ascii_start();
        match rest.split_first() {
            Some((b'.', rest)) => {
                let (name, rest) = identifier(rest.trim_ascii_start());
                if is_assigned(rest) {
                    self.add(name);
                }
                rest
            }
            Some((b'[', rest)) => {
                let (name, rest) = string(rest.trim_ascii_start());
                if rest.trim_ascii_start().strip_prefix(b"]").is_some_and(is_assigned) {
                    self.add(name);
                }
                rest
            }
            Some((b',', rest)) => {
                let (name, rest) = string(rest.trim_ascii_start());
                self.add(name);
                rest
            }
            Some((b'=', rest)) => match rest.trim_ascii_start().strip_prefix(b"{") {
                Some(rest) => self.properties(rest),
                None => rest,
            },
            _ => rest,
        }
    }

    /// Reads the properties of an object literal, until there is something that is neither a name nor a simple value.
    /// Gives what follows them.
    fn properties<'t>(&mut self, mut rest: &'t [u8]) -> &'t [u8] {
        loop {
            rest = without_comments(rest);
            let (name, behind) = match rest.first() {
                Some(b'"' | b'\'') => string(rest),
                _ => identifier(rest),
            };
            let behind = without_comments(behind);
            rest = match behind.split_first() {
                _ if name.is_empty() => return rest,
                Some((b',', tail)) => tail,
                Some((b'}', tail)) => {
                    self.add(name);
                    return tail;
                }
                Some((b':', tail)) => {
                    self.add(name);
                    let (value, tail) = identifier(without_comments(tail));
                    let tail = without_comments(tail);
                    match tail.split_first() {
                        Some((b',', tail)) if !value.is_empty() => tail,
                        _ => return tail,
                    }
                }
                _ => return behind,
            };
            self.add(name);
        }
    }

    fn add(&mut self, name: &[u8]) {
        let Ok(name) = std::str::from_utf8(name) else { return };
        let is_wanted =
            !name.is_empty() && name.len() <= LONGEST && !matches!(name, "default" | "__esModule");
        if is_wanted && self.0.len() < MOST && !self.0.iter().any(|known| known == name) {
            self.0.push(name.to_owned());
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
}

/// A name, and what follows it.
fn identifier(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| !is_name(*byte)).unwrap_or(bytes.len());
    let is_number = bytes.first().is_some_and(u8::is_ascii_digit);
    bytes.split_at(if is_number { 0 } else { end })
}

/// What stands in a string without escapes, and what follows it.
fn string(bytes: &[u8]) -> (&[u8], &[u8]) {
    let Some((quote, rest)) = bytes.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\'')) else {
        return (&[], bytes);
    };
    let Some(end) = rest.iter().position(|byte| byte == quote || matches!(byte, b'\\' | b'\n')) else {
        return (&[], bytes);
    };
    match rest.split_at(end) {
        (name, [found, tail @ ..]) if found == quote => (name, tail),
        _ => (&[], bytes),
    }
}

/// Whether a single `=` follows.
fn is_assigned(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    rest.starts_with(b"=") && !matches!(rest.get(1), Some(b'=' | b'>'))
}

fn without_comments(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = bytes.trim_ascii_start();
        let end: &[u8] = match bytes {
            [b'/', b'/', ..] => b"\n",
            [b'/', b'*', ..] => b"*/",
            _ => return bytes,
        };
        let found = bytes.windows(end.len()).skip(2).position(|window| window == end);
        let Some(found) = found else { return &[] };
        bytes = bytes.get(found + 2 + end.len()..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(export_names(text), expected, "{text}");
    }

    #[test]
    fn names_are_found_as_tools_write_them() {
        check("exports.a = 1; exports.b=2", &["a", "b"]);
        check("exports.a = exports.b = void 0; exports.a = 1", &["a", "b"]);
        check("module.exports.größe = 1", &["größe"]);
        check("exports['a-b'] = 1; exports[\"c\"] = 2", &["a-b", "c"]);
        check("Object.defineProperty(exports, 'a', { get })", &["a"]);
        check("Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 1", &[]);
        check("module.exports = { a, b: c, 'd': e, }", &["a", "b", "d"]);
        check("module.exports = { a: function () {}, b }", &["a"]);
        check("0 && (module.exports = {\n  a, // one\n  /* two */ b\n});", &["a", "b"]);
    }

    #[test]
    fn nothing_else_is_a_name() {
        check("", &[]);
        check("exports", &[]);
        check("exports.a == 1; exports.a === 2; exports.b => 3; exports.c", &[]);
        check("my_exports.a = 1; $exports.b = 2", &[]);
        check("module.exports = { ...a, b }", &[]);
        check("module.exports = { [a]: 1 }", &[]);
        check("module.exports = { a", &[]);
        check("module.exports = require('./a')", &[]);
        check("exports[a] = 1; exports['a\\'b'] = 2; exports['a", &[]);
        check("exports.1 = 2; exports. = 3; exports, 'a\nb'", &[]);
        check("module.exports = { /*", &[]);
        check(&format!("exports.{} = 1", "a".repeat(256)), &[]);
    }

    #[test]
    fn what_was_read_is_not_read_again() {
        check("module.exports = { a, // exports.b = 1;\n c }; exports.d = 1", &["a", "c", "d"]);
        check("module.exports = { a: exports.b = 1 }", &["a"]);
        check("module.exports = { a: b, c: (exports.d = 1) }", &["a", "c", "d"]);
        check("exports = { exports: exports, a }; exports.b = 1", &["exports", "a", "b"]);
        // Each of these takes hours if every object is read to its end.
        check(&"exports={/*".repeat(100_000), &[]);
        check(&"exports={//exports={\na,".repeat(100_000), &["a"]);
    }

    #[test]
    fn names_are_bounded() {
        let text: String = (0..MOST * 2).map(|number| format!("exports.n{number} = 0;")).collect();
        assert_eq!(export_names(&text).len(), MOST);
    }
}
