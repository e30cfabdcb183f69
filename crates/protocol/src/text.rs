//! Which characters of a text may do more than be shown.

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

#[cfg(test)]
mod tests {
    use super::*;

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
