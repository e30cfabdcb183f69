//! Values between JavaScript and SQL.
//!
//! Rows travel as one text of JSON: a message has room for far fewer elements than for bytes. What is binary stands beside
//! it, and in the text an array with its place: nothing else in a row is an array.

use super::database::Failure;
use crate::{Bytes, Value};
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Row, Statement, ffi};
use serde::Serialize;

/// Bytes of the rows that one call gives.
const BYTES: usize = 16 << 20;

/// What the parameters of a statement are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parameters {
    /// In their order.
    List(Vec<Sql>),
    /// By name, with the letter before it.
    Named(Vec<(String, Sql)>),
}

/// The rows that a statement gives.
#[derive(Debug, Default, Serialize)]
pub(super) struct Rows {
    columns: Vec<String>,
    /// JSON without the brackets around it.
    rows: String,
    blobs: Vec<Bytes>,
    #[serde(skip)]
    count: usize,
    #[serde(skip)]
    blob_bytes: usize,
}

impl Parameters {
    /// What a plugin passes: nothing, an array, or an object by name.
    pub(super) fn of(value: &Value) -> Result<Parameters, String> {
        match value {
            Value::Undefined | Value::Null => Ok(Parameters::List(Vec::new())),
            Value::Array(values) => values.iter().map(sql).collect::<Result<_, _>>().map(Parameters::List),
            Value::Object(values) => {
                let named = values.iter().map(|(name, value)| Ok((name.clone(), sql(value)?)));
                named.collect::<Result<_, String>>().map(Parameters::Named)
            }
            other => sql(other).map(|value| Parameters::List(vec![value])),
        }
    }

    /// Gives them to a statement. More than it has are an error, fewer are null.
    pub(super) fn bind(&self, statement: &mut Statement) -> Result<(), Failure> {
        let range = |words: String| Failure::Told(ffi::SQLITE_RANGE, words);
        match self {
            Parameters::List(values) => {
                let most = statement.parameter_count();
                if most < values.len() {
                    return Err(range(format!("expected {most} parameters, found {}", values.len())));
                }
                for (index, value) in values.iter().enumerate() {
                    statement.raw_bind_parameter(index + 1, value)?;
                }
            }
            Parameters::Named(values) => {
                for (name, value) in values {
                    match statement.parameter_index(name)? {
                        Some(index) => statement.raw_bind_parameter(index, value)?,
                        None => {
                            return Err(range(format!(
                                "expected no parameter {name}: the statement has none"
                            )));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// A value of a plugin as SQL has it.
fn sql(value: &Value) -> Result<Sql, String> {
    Ok(match value {
        Value::Undefined | Value::Null => Sql::Null,
        Value::Bool(value) => Sql::Integer((*value).into()),
        Value::Number(number) => match whole(*number) {
            Some(number) => Sql::Integer(number),
            None => Sql::Real(*number),
        },
        Value::BigInt(number) => i64::try_from(number)
            .map(Sql::Integer)
            .map_err(|_| format!("expected an integer of 64 bits, found {number}"))?,
        Value::String(text) => Sql::Text(text.clone()),
        Value::Date(date) => Sql::Integer(date.0),
        Value::Bytes(bytes) => Sql::Blob(bytes.0.clone()),
        Value::TypedArray(array) => Sql::Blob(array.bytes.clone()),
        other => return Err(format!("expected a value that SQL has, found {other:?}")),
    })
}

/// A number without a fraction that both sides tell exactly.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

impl Rows {
    /// None so far, of these columns.
    pub(super) fn of<'c>(columns: impl Iterator<Item = &'c str>) -> Rows {
        Rows { columns: columns.map(str::to_owned).collect(), ..Rows::default() }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Adds one.
    pub(super) fn add(&mut self, row: &Row) -> Result<(), Failure> {
        self.rows.push_str(if self.count == 0 { "[" } else { ",[" });
        for index in 0..self.columns.len() {
            if 0 < index {
                self.rows.push(',');
            }
            self.add_cell(row.get_ref(index)?);
        }
        self.rows.push(']');
        self.count += 1;
        if BYTES < self.rows.len() + self.blob_bytes {
            let words = format!("expected at most {} MiB of rows at once", BYTES >> 20);
            return Err(Failure::Told(ffi::SQLITE_TOOBIG, words));
        }
        Ok(())
    }

    fn add_cell(&mut self, cell: ValueRef) {
        let json = match cell {
            ValueRef::Null => "null".to_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) if number.is_finite() => format!("{number:?}"),
            // What is read as the number of this sign that has no end.
            ValueRef::Real(number) => if number < 0.0 { "-1e999" } else { "1e999" }.to_owned(),
            ValueRef::Text(text) => {
                // A text is text: what is none was made so by the plugin.
                serde_json::Value::String(String::from_utf8_lossy(text).into_owned()).to_string()
            }
            ValueRef::Blob(bytes) => {
                self.blob_bytes += bytes.len();
                self.blobs.push(Bytes(bytes.to_vec()));
                format!("[{}]", self.blobs.len() - 1)
            }
        };
        self.rows.push_str(&json);
    }
}
