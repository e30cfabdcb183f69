//! The tables as plugins may name them: which columns there are, what they hold, and who may write them.
//!
//! Every column name in every SQL statement comes from here, never from a plugin.

use rusqlite::types::Value as SqlValue;
use serde_json::Value;

use super::limits::{MAX_SHORT_TEXT_BYTES, MAX_TEXT_BYTES};

/// A table of items, one row each.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
}

impl Table {
    /// The column with this name, if plugins may name it.
    pub(super) fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// What an answer holds when a query names no fields: those of four names that the table has.
    pub(super) fn default_columns(&self) -> Vec<&'static Column> {
        ["id", "parent_id", "title", "deleted_time"].iter().filter_map(|name| self.column(name)).collect()
    }
}

/// A column that plugins may read.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) access: Access,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text of at most this many bytes.
    Text(usize),
    /// A whole number: a count, a time in milliseconds, or 0 and 1 for no and yes.
    Integer,
    /// Any finite number.
    Number,
}

/// Who writes a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// The store alone; what a plugin sends is passed over, because plugins send back what they read.
    Store,
    /// A plugin may.
    Plugin,
}

impl Column {
    /// Turns a plugin's value into this column's, forgiving what JavaScript blurs: `true` for 1, "5" for 5, null for nothing.
    ///
    /// # Errors
    ///
    /// A sentence, without the column's name, on what was expected and what was found.
    pub(super) fn accept(&self, value: &Value) -> Result<SqlValue, String> {
        match self.kind {
            Kind::Text(max) => accept_text(value, max),
            Kind::Integer => accept_number(value).map(|number| match number {
                // JavaScript's numbers may have fractions where a time is meant; `as` saturates.
                SqlValue::Real(real) => SqlValue::Integer(real as i64),
                whole => whole,
            }),
            Kind::Number => accept_number(value),
        }
    }
}

fn accept_text(value: &Value, max: usize) -> Result<SqlValue, String> {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(_) | Value::Object(_) => {
            return Err(format!("expected a text, found {}", name_of(value)));
        }
    };
    if max < text.len() {
        return Err(format!("expected at most {max} bytes, found {}", text.len()));
    }
    Ok(SqlValue::Text(text))
}

fn accept_number(value: &Value) -> Result<SqlValue, String> {
    let unfit = || format!("expected a number, found {}", name_of(value));
    match value {
        Value::Null => Ok(SqlValue::Integer(0)),
        Value::Bool(flag) => Ok(SqlValue::Integer((*flag).into())),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Ok(SqlValue::Integer(whole)),
            (None, Some(real)) => Ok(SqlValue::Real(real)),
            (None, None) => Err(unfit()),
        },
        Value::String(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Ok(SqlValue::Integer(0));
            }
            match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => Ok(SqlValue::Integer(whole)),
                (Err(_), Ok(real)) if real.is_finite() => Ok(SqlValue::Real(real)),
                _ => Err(unfit()),
            }
        }
        Value::Array(_) | Value::Object(_) => Err(unfit()),
    }
}

/// What a JSON value is, with its article, for messages.
pub(super) fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The table of notes.
pub(super) static NOTES: Table = Table {
    name: "notes",
    columns: &[
        stamp("id", Kind::Text(32)),
        short("parent_id"),
        long("title"),
        long("body"),
        stamp("created_time", Kind::Integer),
        stamp("updated_time", Kind::Integer),
        integer("user_created_time"),
        integer("user_updated_time"),
        integer("is_conflict"),
        short("conflict_original_id"),
        number("latitude"),
        number("longitude"),
        number("altitude"),
        short("author"),
        short("source_url"),
        integer("is_todo"),
        integer("todo_due"),
        integer("todo_completed"),
        short("source"),
        short("source_application"),
        short("application_data"),
        number("order"),
        integer("markup_language"),
        integer("is_shared"),
        short("share_id"),
        short("user_data"),
        integer("deleted_time"),
    ],
};

/// The table of folders, which people call notebooks.
pub(super) static FOLDERS: Table = Table {
    name: "folders",
    columns: &[
        stamp("id", Kind::Text(32)),
        short("parent_id"),
        long("title"),
        stamp("created_time", Kind::Integer),
        stamp("updated_time", Kind::Integer),
        integer("user_created_time"),
        integer("user_updated_time"),
        integer("is_shared"),
        short("share_id"),
        short("icon"),
        short("user_data"),
        integer("deleted_time"),
    ],
};

/// The table of tags.
pub(super) static TAGS: Table = Table {
    name: "tags",
    columns: &[
        stamp("id", Kind::Text(32)),
        short("parent_id"),
        short("title"),
        stamp("created_time", Kind::Integer),
        stamp("updated_time", Kind::Integer),
        integer("user_created_time"),
        integer("user_updated_time"),
        integer("is_shared"),
        short("user_data"),
    ],
};

/// The table of resources: what is known of attached files, not their bytes.
pub(super) static RESOURCES: Table = Table {
    name: "resources",
    columns: &[
        stamp("id", Kind::Text(32)),
        short("title"),
        short("mime"),
        short("filename"),
        short("file_extension"),
        integer("size"),
        stamp("created_time", Kind::Integer),
        stamp("updated_time", Kind::Integer),
        integer("user_created_time"),
        integer("user_updated_time"),
        integer("blob_updated_time"),
        integer("is_shared"),
        short("share_id"),
        short("user_data"),
    ],
};

const fn stamp(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, access: Access::Store }
}

const fn short(name: &'static str) -> Column {
    Column { name, kind: Kind::Text(MAX_SHORT_TEXT_BYTES), access: Access::Plugin }
}

const fn long(name: &'static str) -> Column {
    Column { name, kind: Kind::Text(MAX_TEXT_BYTES), access: Access::Plugin }
}

const fn integer(name: &'static str) -> Column {
    Column { name, kind: Kind::Integer, access: Access::Plugin }
}

const fn number(name: &'static str) -> Column {
    Column { name, kind: Kind::Number, access: Access::Plugin }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::{Store, StoreError};

    #[test]
    fn each_column_exists_in_the_database() {
        let store = Store::in_memory().unwrap();
        for table in [&NOTES, &FOLDERS, &TAGS, &RESOURCES] {
            for column in table.columns {
                let sql = format!("SELECT \"{0}\".\"{1}\" FROM \"{0}\"", table.name, column.name);
                let prepared: Result<(), StoreError> = store.read(|connection| {
                    connection.prepare(&sql)?;
                    Ok(())
                });
                assert!(prepared.is_ok(), "{sql}");
            }
        }
    }

    #[test]
    fn values_are_accepted_as_javascript_means_them() {
        let check = |column: &Column, value: Value, expected: Result<SqlValue, &str>| {
            assert_eq!(
                column.accept(&value),
                expected.map_err(str::to_string),
                "{value} for {}",
                column.name
            );
        };
        let (text, whole, real) = (short("t"), integer("i"), number("n"));
        check(&text, json!("a"), Ok(SqlValue::Text("a".into())));
        check(&text, json!(null), Ok(SqlValue::Text(String::new())));
        check(&text, json!(5), Ok(SqlValue::Text("5".into())));
        check(&text, json!([]), Err("expected a text, found a list"));
        check(
            &text,
            json!("x".repeat(MAX_SHORT_TEXT_BYTES + 1)),
            Err("expected at most 65536 bytes, found 65537"),
        );
        check(&whole, json!(true), Ok(SqlValue::Integer(1)));
        check(&whole, json!("7"), Ok(SqlValue::Integer(7)));
        check(&whole, json!(""), Ok(SqlValue::Integer(0)));
        check(&whole, json!(1.9), Ok(SqlValue::Integer(1)));
        check(&whole, json!(u64::MAX), Ok(SqlValue::Integer(i64::MAX)));
        check(&whole, json!("soon"), Err("expected a number, found a text"));
        check(&whole, json!("inf"), Err("expected a number, found a text"));
        check(&whole, json!({}), Err("expected a number, found an object"));
        check(&real, json!(48.2), Ok(SqlValue::Real(48.2)));
        check(&real, json!(-3), Ok(SqlValue::Integer(-3)));
    }
}
