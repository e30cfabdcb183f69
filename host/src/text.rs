//! Text that a plugin wrote, made fit for logs and terminals.
//!
//! A plugin may write control characters, escape sequences and line breaks to forge other lines; none of them gets
//! through.

use plughold_protocol::text::is_disruptive;

/// One line: control characters become visible escapes, and what is longer than `max` bytes is cut and marked.
pub(crate) fn clean_line(text: &str, max: usize) -> String {
    let end = text.floor_char_boundary(max);
    let mut clean: String = text.get(..end).unwrap_or_default().chars().flat_map(escape).collect();
    if end < text.len() {
        clean.push('…');
    }
    clean
}

/// Lines, each cleaned: a JavaScript stack.
pub(crate) fn clean_block(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| line.chars().flat_map(escape).collect()).collect();
    lines.join("\n")
}

fn escape(character: char) -> impl Iterator<Item = char> {
    let is_escaped = is_disruptive(character) && character != '\t';
    let (plain, code) =
        if is_escaped { (None, Some(character.escape_unicode())) } else { (Some(character), None) };
    plain.into_iter().chain(code.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_forges_a_line_or_a_colour() {
        assert_eq!(clean_line("a\nb\u{1b}[31m\u{202e}\u{2028}", 100), r"a\u{a}b\u{1b}[31m\u{202e}\u{2028}");
        assert_eq!(clean_line("tab\tä", 100), "tab\tä");
        assert_eq!(clean_line("ääää", 5), "ää…");
        assert_eq!(clean_block("at f\r\nat\u{7} g"), "at f\nat\\u{7} g");
    }
}
