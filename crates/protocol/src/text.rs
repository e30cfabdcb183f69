//! Texts of others: which characters may do more than be shown, and what is escaped in a URL.

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
}
