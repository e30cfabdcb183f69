//! Functions in SQL that look for a text in another.
//!
//! SQLite's own LIKE may take as long as the product of both lengths, and cannot be interrupted meanwhile: a plugin that chooses both
//! would keep the database for minutes. These take as long as the sum. For both, the case of ASCII letters does not count.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use super::deadline::Deadline;

/// Adds `contains(text, part)`, and `resembles(text, pattern)`, in whose pattern `*` stands for any characters.
pub(super) fn add(connection: &Connection, deadline: &Deadline) -> rusqlite::Result<()> {
    add_one(connection, deadline, "contains", contains)?;
    add_one(connection, deadline, "resembles", resembles)
}

fn add_one(
    connection: &Connection,
    deadline: &Deadline,
    name: &str,
    function: fn(&str, &str) -> bool,
) -> rusqlite::Result<()> {
    // Direct only: what stands in a schema must work without this crate as well.
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    let deadline = deadline.clone();
    connection.create_scalar_function(name, 2, flags, move |context| {
        deadline.check()?;
        Ok(function(context.get_raw(0).as_str()?, context.get_raw(1).as_str()?))
    })
}

fn contains(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}

fn resembles(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.to_ascii_lowercase(), pattern.to_ascii_lowercase());
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(rest) = text.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    let Some(mut rest) = rest.strip_suffix(last) else { return false };
    // Where a piece is found first leaves the most room for the others, so there is no need to go back.
    pieces.all(|piece| match rest.split_once(piece) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containing() {
        let check = |text: &str, part: &str, expected: bool| {
            assert_eq!(contains(text, part), expected, "{part} in {text}");
        };
        check("one Two", "e t", true);
        check("one", "", true);
        check("", "a", false);
        check("50%_off", "%_O", true);
        check("a*b", "*", true);
        check("ÄÖ", "äö", false);
    }

    #[test]
    fn resembling() {
        let check = |text: &str, pattern: &str, expected: bool| {
            assert_eq!(resembles(text, pattern), expected, "{text} as {pattern}");
        };
        check("One", "oNE", true);
        check("one", "on", false);
        check("one", "ne", false);
        check("", "", true);
        check("one", "", false);
        check("", "*", true);
        check("one", "*", true);
        check("one", "o*", true);
        check("one", "*e", true);
        check("one", "o*e", true);
        check("one", "*n*", true);
        check("one", "e*o", false);
        check("one", "**o**n**", true);
        check("aa", "a*a", true);
        check("a", "a*a", false);
        check("ab", "ab*b", false);
        check("abcabd", "ab*abd", true);
        check("aXbXc", "a*X*X*c", true);
        check("aXbXc", "a*X*X*X*c", false);
        check("50%_off", "50%*", true);
        check("500", "50_", false);
    }
}
