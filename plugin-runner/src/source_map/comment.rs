//! Where a script says which map is its own: `//# sourceMappingURL=…` at its end.

use plughold_protocol::text::unescaped;

const WORD: &str = "sourceMappingURL=";

/// The URL of a script's map. As everywhere, only white space and comments may follow it.
pub(super) fn find(text: &str) -> Option<&str> {
    let at = text.rfind(WORD)?;
    let (before, after) = (text.get(..at)?, text.get(at + WORD.len()..)?);
    let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let starts = |opening: &str| {
        let sign = line.trim_end_matches([' ', '\t']).strip_suffix(['#', '@']);
        sign.is_some_and(|line| line.ends_with(opening))
    };
    let (url, rest) = if starts("//") {
        after.split_at(after.find(['\n', '\r']).unwrap_or(after.len()))
    } else if starts("/*") {
        let (url, rest) = after.split_once("*/")?;
        (url, rest)
    } else {
        return None;
    };
    let url = url.trim();
    let is_one_word = !url.is_empty() && !url.contains([' ', '\t', '\n', '\r', '"', '\'', '`']);
    (is_one_word && holds_no_code(rest)).then_some(url)
}

fn holds_no_code(mut text: &str) -> bool {
    loop {
        text = text.trim_start_matches(|char: char| char.is_whitespace() || char == ';');
        text = if text.starts_with("//") {
            text.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(comment) = text.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            return text.is_empty();
        };
    }
}

/// What a `data:` URL holds.
pub(super) fn inline(url: &str) -> Option<Vec<u8>> {
    let (kind, data) = url.strip_prefix("data:")?.split_once(',')?;
    if kind.ends_with(";base64") { base64(data) } else { Some(unescaped(data)) }
}

/// Decodes base 64; none if it is none. Padding may be left out.
fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.chunks(4) {
        let mut bits: u32 = 0;
        for digit in group {
            bits = bits << 6 | super::mappings::digit(*digit)?;
        }
        let count = match group.len() {
            4 => 3,
            3 => 2,
            2 => 1,
            _ => return None,
        };
        bits <<= 6 * (4 - group.len());
        bytes.extend_from_slice(bits.to_be_bytes().get(1..1 + count)?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_is_the_last_thing_of_a_script() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(find(text), expected, "{text}");
        check("a()\n//# sourceMappingURL=a.js.map", Some("a.js.map"));
        check("a() //# sourceMappingURL=a.js.map\n\n", Some("a.js.map"));
        check("//@ sourceMappingURL=a.js.map\r\n// end\n/* of file */;", Some("a.js.map"));
        check("/*# sourceMappingURL=a.js.map */\n", Some("a.js.map"));
        check("/*# sourceMappingURL=a.js.map*/ b()", None);
        check("//# sourceMappingURL=a.js.map\nb()", None);
        check("//# sourceMappingURL=a.js.map\n//# sourceMappingURL=b.js.map", Some("b.js.map"));
        check("'//# sourceMappingURL=a.js.map'", None);
        check("// sourceMappingURL=a.js.map", None);
        check("//# sourceMappingURL=", None);
        check("//# sourceMappingURL=a b", None);
        check("/*# sourceMappingURL=a", None);
        check("sourceMappingURL=a", None);
        check("", None);
    }

    #[test]
    fn data_is_decoded() {
        let check = |url: &str, expected: Option<&str>| {
            let text = inline(url).map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(text.as_deref(), expected, "{url}");
        };
        check("data:application/json;base64,eyJhIjoxfQ==", Some(r#"{"a":1}"#));
        check("data:application/json;charset=utf-8;base64,eyJhIjoxfQ", Some(r#"{"a":1}"#));
        check("data:;base64,", Some(""));
        check("data:;base64,YQ==", Some("a"));
        check("data:;base64,YWI=", Some("ab"));
        check("data:;base64,a", None);
        check("data:;base64,a*bc", None);
        check("data:application/json,%7B%22a%22:1%7D", Some(r#"{"a":1}"#));
        check("data:,100%", Some("100%"));
        check("data:application/json", None);
        check("a.js.map", None);
    }
}
