//! Search: notes by words and filters, other items by title.
//!
//! [`terms`] reads a search text into terms, [`conditions`] turns each into a condition in SQL.
//!
//! | term | finds notes |
//! |---|---|
//! | `word`, `"some words"`, `begin*` | with it in the title or body |
//! | `title:word`, `body:word` | with it there |
//! | `tag:work`, `tag:pro*`, `tag:*` | with such a tag |
//! | `notebook:home` | in a folder of this title, or in a folder of that one |
//! | `type:note`, `type:todo`, `iscompleted:0`, `iscompleted:1` | of this type and state |
//! | `created:20240131`, `updated:202401`, `due:day+2`, `created:month-1` | from this day (UTC) on |
//! | `id:…`, `sourceurl:https*` | with this id or source |
//! | `-term` | that the term does not find |
//! | `any:1` | that any of the terms finds, not only all of them; notebooks are a condition still |
//! | `/words` at the beginning | with each of these characters in a row, whatever they are |
//!
//! Case and, but for filters of titles, accents do not count.

mod conditions;
mod terms;

#[cfg(test)]
mod tests;

use rusqlite::Connection;
use serde_json::Value;

use self::terms::{Field, Search, Term};
use super::error::DataError;
use super::list::{Condition, List};
use super::query::Query;
use super::visible;
use crate::store::table::{FOLDERS, NOTES, RESOURCES, TAGS, Table};

/// A page of what `query.search` finds among the items of `query.item_type`.
///
/// Notes come by how well they match, then the latest change first; other items as in their collection.
pub(super) fn run(connection: &Connection, query: &Query) -> Result<Value, DataError> {
    let text =
        query.search.as_deref().ok_or_else(|| DataError::bad_request("Missing \"query\" parameter"))?;
    match query.item_type.as_deref() {
        None | Some("note") => notes(connection, text, query),
        Some("folder") => titles(connection, &FOLDERS, text, query),
        Some("tag") => titles(connection, &TAGS, text, query),
        Some("resource") => titles(connection, &RESOURCES, text, query),
        Some(_) => {
            Err(DataError::bad_request("type: expected note, folder, tag or resource, found another text"))
        }
    }
}

/// Items with this title, where `*` stands for any characters.
fn titles(
    connection: &Connection,
    table: &'static Table,
    text: &str,
    query: &Query,
) -> Result<Value, DataError> {
    let like = conditions::like(&format!("\"{}\".title", table.name), text);
    List::of(table).with_all(visible(table, query)).with(like).page(connection, query)
}

fn notes(connection: &Connection, text: &str, query: &Query) -> Result<Value, DataError> {
    let search = Search::parse(text)?;
    let mut list = List::of(&NOTES).with_all(visible(&NOTES, query));
    let (notebooks, others): (Vec<&Term>, Vec<&Term>) =
        search.terms.iter().partition(|term| term.field == Field::Notebook && !term.negated);
    if !notebooks.is_empty() {
        // A note is in one folder: to be in all of several would be to be nowhere.
        let notebooks = notebooks.into_iter().map(conditions::of).collect::<Result<_, _>>()?;
        list = list.with(Condition::any(notebooks));
    }
    let others: Vec<Condition> = others.into_iter().map(conditions::of).collect::<Result<_, _>>()?;
    list = if search.any && !others.is_empty() {
        list.with(Condition::any(others))
    } else {
        list.with_all(others)
    };
    list.by_score(conditions::scores(&search.terms)).page(connection, query)
}
