//! Terms of a search as conditions in SQL.

use super::super::error::DataError;
use super::super::list::Condition;
use super::terms::{Field, Term};
use crate::store::limits::MAX_SCORED_TERMS;

/// The condition for which a note is found by `term`.
pub(super) fn of(term: &Term) -> Result<Condition, DataError> {
    let condition = match term.field {
        Field::Text | Field::Title | Field::Body => Condition::bound(
            "notes.row IN (SELECT rowid FROM notes_text WHERE notes_text MATCH ?)",
            [&phrase(term)],
        ),
        Field::Characters => {
            Condition::bound("contains(notes.title, ?) OR contains(notes.body, ?)", [&term.text, &term.text])
        }
        Field::Tag => wrapped(
            "notes.id IN (SELECT note_id FROM note_tags JOIN tags ON tags.id = tag_id WHERE ",
            like("tags.title", &term.text),
            ")",
        ),
        Field::Notebook => wrapped(
            "notes.folder_id IN (WITH RECURSIVE inside (id) AS (SELECT id FROM folders WHERE ",
            like("folders.title", &term.text),
            " UNION SELECT folders.id FROM folders JOIN inside ON folders.folder_id = inside.id) SELECT id FROM inside)",
        ),
        Field::Type => match term.text.as_str() {
            "note" => Condition::plain("notes.is_todo = 0"),
            "todo" => Condition::plain("notes.is_todo <> 0"),
            _ => return Err(unfit("type", "note or todo")),
        },
        Field::IsCompleted => match term.text.as_str() {
            "0" => Condition::plain("notes.is_todo <> 0 AND notes.todo_completed = 0"),
            "1" => Condition::plain("notes.is_todo <> 0 AND notes.todo_completed <> 0"),
            _ => return Err(unfit("iscompleted", "0 or 1")),
        },
        Field::Created => since("user_created_time", &term.text).ok_or_else(|| no_date("created"))?,
        Field::Updated => since("user_updated_time", &term.text).ok_or_else(|| no_date("updated"))?,
        Field::Due => since("todo_due", &term.text).ok_or_else(|| no_date("due"))?,
        Field::Id => Condition::bound("notes.id = lower(?)", [&term.text]),
        Field::SourceUrl => like("notes.source_url", &term.text),
    };
    Ok(if term.negated { condition.negated() } else { condition })
}

/// How well notes match the words that they should have, as `SELECT row, score`, best least; none if there are no such words.
///
/// A word in the title weighs as much as five in the body. Terms after the first [`MAX_SCORED_TERMS`] do not count.
pub(super) fn scores(terms: &[Term]) -> Option<Condition> {
    let words = terms.iter().filter(|term| !term.negated && term.field.is_words());
    let phrases: Vec<String> = words.take(MAX_SCORED_TERMS).map(phrase).collect();
    if phrases.is_empty() {
        return None;
    }
    let sql = "SELECT rowid, bm25(notes_text, 5.0, 1.0) FROM notes_text WHERE notes_text MATCH ?";
    Some(Condition::bound(sql, [&phrases.join(" OR ")]))
}

/// The condition for which `column` is `pattern`, in which `*` stands for any characters. Case does not count.
pub(super) fn like(column: &str, pattern: &str) -> Condition {
    Condition::bound(format!("resembles({column}, ?)"), [pattern])
}

/// A term in the language of the full-text index. Between quotes nothing has a meaning but a quote, which is doubled.
fn phrase(term: &Term) -> String {
    let column = match term.field {
        Field::Title => "title : ",
        Field::Body => "body : ",
        _ => "",
    };
    let star = if term.prefix { " *" } else { "" };
    format!("{column}\"{}\"{star}", term.text.replace('"', "\"\""))
}

fn wrapped(before: &str, condition: Condition, after: &str) -> Condition {
    Condition { sql: format!("{before}{}{after}", condition.sql), parameters: condition.parameters }
}

/// The condition for which a time is on a day or later: `2024`, `202401`, `20240131`, `day-2`, `month+1`.
///
/// None if the text is no day. A date that is none (`20240231`) is left to SQLite, which counts on from the month's end.
fn since(column: &'static str, text: &str) -> Option<Condition> {
    let digits = text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        let date = match (text.get(0..4)?, text.get(4..)?) {
            (year, "") => format!("{year}-01-01"),
            (year, month) if month.len() == 2 => format!("{year}-{month}-01"),
            (year, rest) if rest.len() == 4 => format!("{year}-{}-{}", rest.get(0..2)?, rest.get(2..)?),
            _ => return None,
        };
        return Some(Condition::bound(format!("unixepoch(?) * 1000 <= notes.{column}"), [&date]));
    }
    let at = text.find(['-', '+'])?;
    let (unit, offset) = text.split_at(at);
    let offset: i32 = offset.parse().ok().filter(|offset: &i32| offset.unsigned_abs() <= 10_000)?;
    let (start, step) = match unit {
        "day" => ("start of day", format!("{offset} days")),
        "week" => ("start of day", format!("{} days", offset * 7)),
        "month" => ("start of month", format!("{offset} months")),
        "year" => ("start of year", format!("{offset} years")),
        _ => return None,
    };
    Some(Condition::bound(format!("unixepoch('now', ?, ?) * 1000 <= notes.{column}"), [start, &step]))
}

fn no_date(field: &str) -> DataError {
    unfit(field, "a day such as 20240131, 2024 or week-1")
}

fn unfit(field: &str, expected: &str) -> DataError {
    DataError::bad_request(format!("{field}: expected {expected}, found another text"))
}
