//! JSON without a tree: the members of an object and the elements of an array, as they stand in the text.
//!
//! A map's text may be as long as the memory allows, and most of it is the sources' own text. What is not asked for is
//! stepped over, without recursion. Text that is no JSON ends the reading.

/// The members of the object that `text` is: raw keys, without their quotes, and raw values.
pub(super) fn members(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut cursor = Cursor::open(text, b'{');
    std::iter::from_fn(move || {
        let key = cursor.element(b'}')?;
        cursor.sign(b':')?;
        let value = cursor.value()?;
        Some((contents(key)?, value))
    })
}

/// The raw elements of the array that `text` is.
pub(super) fn elements(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut cursor = Cursor::open(text, b'[');
    std::iter::from_fn(move || cursor.element(b']'))
}

/// What stands between the quotes of a raw string.
pub(super) fn contents(raw: &[u8]) -> Option<&[u8]> {
    raw.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// A raw string of at most `most` bytes, decoded.
pub(super) fn string(raw: &[u8], most: usize) -> Option<String> {
    let raw = contents(raw).filter(|raw| raw.len() <= most)?;
    let mut rest = std::str::from_utf8(raw).ok()?;
    let mut text = String::with_capacity(rest.len());
    while let Some((plain, escaped)) = rest.split_once('\\') {
        text.push_str(plain);
        let sign = escaped.chars().next()?;
        rest = escaped.get(sign.len_utf8()..)?;
        text.push(match sign {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let (first, behind) = unit(rest)?;
                rest = behind;
                let second = behind.strip_prefix("\\u").and_then(unit);
                match (first, second) {
                    (0xd800..0xdc00, Some((second @ 0xdc00..0xe000, behind))) => {
                        rest = behind;
                        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?
                    }
                    _ => char::from_u32(first).unwrap_or('\u{fffd}'),
                }
            }
            sign => sign,
        });
    }
    text.push_str(rest);
    Some(text)
}

/// The four digits of an escaped unit, and what follows them.
fn unit(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = (text.get(..4)?, text.get(4..)?);
    let unit = digits.chars().try_fold(0, |unit, digit| Some(unit << 4 | digit.to_digit(16)?))?;
    Some((unit, rest))
}

struct Cursor<'t> {
    rest: &'t [u8],
    is_first: bool,
}

impl<'t> Cursor<'t> {
    fn open(text: &'t [u8], opening: u8) -> Cursor<'t> {
        let rest = text.trim_ascii_start().split_first();
        Cursor {
            rest: rest.filter(|(first, _)| **first == opening).map_or(&[], |(_, rest)| rest),
            is_first: true,
        }
    }

    /// The next value behind a comma, unless the list ends here.
    fn element(&mut self, closing: u8) -> Option<&'t [u8]> {
        if self.rest.trim_ascii_start().first() == Some(&closing) {
            self.rest = &[];
            return None;
        }
        if !std::mem::take(&mut self.is_first) {
            self.sign(b',')?;
        }
        self.value()
    }

    fn sign(&mut self, sign: u8) -> Option<()> {
        let (first, rest) = self.rest.trim_ascii_start().split_first()?;
        self.rest = rest;
        (*first == sign).then_some(())
    }

    fn value(&mut self) -> Option<&'t [u8]> {
        let text = self.rest.trim_ascii_start();
        let (value, rest) = text.split_at_checked(length(text)?)?;
        self.rest = rest;
        Some(value)
    }
}

/// How long the value is that `text` begins with.
fn length(text: &[u8]) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = 0;
    loop {
        match text.get(at)? {
            b'"' => at += string_length(text.get(at..)?)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            byte if depth == 0 => {
                let is_end =
                    |byte: &u8| matches!(byte, b',' | b'}' | b']' | b':') || byte.is_ascii_whitespace();
                let length = text.get(at..)?.iter().position(is_end)?;
                return (!is_end(byte)).then_some(length);
            }
            _ => at += 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

fn string_length(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn members_are_found_without_looking_into_them() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let found: Vec<_> =
                members(text.as_bytes()).map(|(key, value)| (shown(key), shown(value))).collect();
            assert_eq!(found, expected, "{text}");
        };
        check(
            r#" { "a" : 1 , "b":[{"c":"]}\""},2] ,"d":"e" } "#,
            &[("a", "1"), ("b", r#"[{"c":"]}\""},2]"#), ("d", r#""e""#)],
        );
        check("{}", &[]);
        check(r#"{"a":null}"#, &[("a", "null")]);
        check(r#"{"a":1,"b"}"#, &[("a", "1")]);
        check(r#"{"a":1 "b":2}"#, &[("a", "1")]);
        check(r#"{"a":[1,"b":2"#, &[]);
        check(r#"{"a":}"#, &[]);
        check(r#"{a:1}"#, &[]);
        check(r#"{"a"#, &[]);
        check(r#"{"a\"#, &[]);
        check("[1]", &[]);
        check("", &[]);
        check(&"[{".repeat(100_000), &[]);
        check(&format!("{{\"a\":{}", "[".repeat(100_000)), &[]);
    }

    #[test]
    fn elements_are_found() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<_> = elements(text.as_bytes()).map(shown).collect();
            assert_eq!(found, expected, "{text}");
        };
        check(r#"["a", null ,["b"]]"#, &[r#""a""#, "null", r#"["b"]"#]);
        check("[]", &[]);
        check("[1", &[]);
        check("{}", &[]);
    }

    #[test]
    fn strings_are_decoded() {
        let check = |raw: &str, expected: Option<&str>| {
            assert_eq!(string(raw.as_bytes(), 20).as_deref(), expected, "{raw}")
        };
        check(r#""a\/\"\\\n""#, Some("a/\"\\\n"));
        check(r#""\u00e4\ud83d\ude00""#, Some("ä😀"));
        check(r#""\ud83dx""#, Some("\u{fffd}x"));
        check(r#""\u00""#, None);
        check(r#""\u+0e4""#, None);
        check(r#""\uä""#, None);
        check(r#""aaaaaaaaaaaaaaaaaaaaa""#, None);
        check("null", None);
        check(r#""""#, Some(""));
        check("\"\\", None);
    }
}
