//! Texts of others: which characters may do more than be shown, how one is shown to somebody who decides by it, and what is
//! escaped in a URL.

/// Marks above and below one letter. Languages need two; a hundred of them cover the lines above and below.
const MARKS: usize = 2;

/// Whether showing a character could move a terminal's cursor, change its colours, end a line or turn the direction of
/// writing.
///
/// Line breaks and tabs are among them: who shows a text of several lines makes exceptions.
///
/// ```
/// use plughold_protocol::text::is_disruptive;
///
/// assert_eq!("a\u{1b}[2Jb".replace(is_disruptive, "\u{fffd}"), "a\u{fffd}[2Jb");
/// ```
pub fn is_disruptive(found: char) -> bool {
    found.is_control() || matches!(found, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character shows nothing of itself: zero-width and filling characters, marks of direction, variation selectors
/// and tags. Between two letters nobody sees it.
///
/// ```
/// use plughold_protocol::text::is_invisible;
///
/// assert!(is_invisible('\u{200b}') && !is_invisible(' '));
/// ```
pub fn is_invisible(found: char) -> bool {
    matches!(found,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A stranger's text as one line of at most `most` characters, for somebody who decides by it: what is
/// [disruptive](is_disruptive) becomes `\u{fffd}`, what is [invisible](is_invisible) is left out, breaks and runs of spaces
/// become one space, and of the marks on one letter two stay. What is longer is cut and marked.
///
/// ```
/// use plughold_protocol::text::tamed;
///
/// assert_eq!(tamed(" to read\nyour\u{200b} notes\u{1b}[2J", 100), "to read your notes\u{fffd}[2J");
/// assert_eq!(tamed("to read", 3), "to…");
/// ```
pub fn tamed(text: &str, most: usize) -> String {
    let mut tame = String::new();
    let (mut length, mut marks, mut is_apart) = (0, 0, false);
    for found in text.chars() {
        if is_invisible(found) {
            continue;
        }
        if found.is_whitespace() {
            is_apart = 0 < length;
            continue;
        }
        marks = if is_mark(found) { marks + 1 } else { 0 };
        if MARKS < marks {
            continue;
        }
        if most <= length + usize::from(is_apart) {
            tame.push('…');
            break;
        }
        if std::mem::take(&mut is_apart) {
            tame.push(' ');
            length += 1;
        }
        tame.push(if is_disruptive(found) { char::REPLACEMENT_CHARACTER } else { found });
        length += 1;
    }
    tame
}

/// Whether a character is put onto the one before it.
fn is_mark(found: char) -> bool {
    matches!(found,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// The bytes of a part of a URL, in which `%` with two hexadecimal digits stands for a byte. Any other `%` stands for
/// itself.
///
/// ```
/// use plughold_protocol::text::unescaped;
///
/// assert_eq!(unescaped("a%20b%"), b"a b%");
/// ```
pub fn unescaped(text: &str) -> Vec<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = match tail {
            [high, low, tail @ ..] if first == b'%' => {
                digit(high).zip(digit(low)).map(|digits| (digits, tail))
            }
            _ => None,
        };
        match escaped {
            Some(((high, low), tail)) => {
                bytes.push((high << 4 | low) as u8);
                rest = tail;
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_digits_stand_for_a_byte() {
        let check = |text: &str, expected: &[u8]| assert_eq!(unescaped(text), expected, "{text}");
        check("", b"");
        check("%61%C3%a4/b", "aä/b".as_bytes());
        check("%2541", b"%41");
        check("%ff", b"\xff");
        check("100%", b"100%");
        check("%4", b"%4");
        check("%+a%-1% 1%4g%%41", b"%+a%-1% 1%4g%A");
        check("%ä", "%ä".as_bytes());
    }

    #[test]
    fn what_does_something_besides_being_shown() {
        for found in ['\0', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{9b}'] {
            assert!(is_disruptive(found), "the control character {found:?}");
        }
        for found in ['\u{2028}', '\u{2029}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            assert!(is_disruptive(found), "{found:?}, which ends a line or turns the direction");
        }
        for found in
            [' ', 'a', 'ä', '日', 'ש', '\u{a0}', '\u{2027}', '\u{202f}', '\u{2065}', '\u{206a}', '\u{fffd}']
        {
            assert!(!is_disruptive(found), "{found:?}, which is only shown");
        }
    }

    #[test]
    fn what_a_stranger_says_is_tamed() {
        let check = |text: &str, expected: &str| assert_eq!(tamed(text, 12), expected, "{text:?}");
        check("", "");
        check("to read", "to read");
        check(" \t to \r\n\u{2028}\u{3000} read \n", "to read");
        check("a\u{1b}[2J", "a\u{fffd}[2J");
        check("a\u{9b}2J\u{7}\0", "a\u{fffd}2J\u{fffd}\u{fffd}");
        check("\u{202e}evil\u{2066}", "\u{fffd}evil\u{fffd}");
        check("\u{200f}a\u{200b}b\u{feff}c\u{e0041}\u{fe0f}\u{61c}", "abc");
        check("\u{200b}\u{2800}\u{3164}\u{ad}", "");
        check(&format!("a{}b", "\u{301}".repeat(500)), "a\u{301}\u{301}b");
        check(&"word ".repeat(1_000), "word word wo…");
        check("twelve chars", "twelve chars");
        check("eleven char x", "eleven char…");
        check("日本語 שלום ä", "日本語 שלום ä");
    }
}
