//! Lists of items as SQL: conditions, order, and one exact page.

use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};
use serde_json::{Map, Value, json};

use super::error::DataError;
use super::query::{Direction, Query};
use crate::store::limits::MAX_TEXT_BYTES;
use crate::store::table::{Column, Kind, Table};

/// A condition in SQL. Whatever came from outside is in `parameters`, each bound to a `?` of `sql`.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) parameters: Vec<SqlValue>,
}

impl Condition {
    /// A condition without parameters.
    pub(super) fn plain(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), parameters: Vec::new() }
    }

    /// A condition with text parameters, one for each `?`.
    pub(super) fn bound<const N: usize>(sql: impl Into<String>, parameters: [&str; N]) -> Self {
        Self { sql: sql.into(), parameters: parameters.map(|text| SqlValue::Text(text.to_string())).to_vec() }
    }

    /// The condition that holds where this one does not.
    pub(super) fn negated(self) -> Self {
        Self { sql: format!("NOT ({})", self.sql), parameters: self.parameters }
    }

    /// The condition that holds where any of these does; none of none.
    pub(super) fn any(conditions: Vec<Self>) -> Self {
        let sql: Vec<String> = conditions.iter().map(|condition| format!("({})", condition.sql)).collect();
        let sql = if sql.is_empty() { "FALSE".to_string() } else { sql.join(" OR ") };
        Self { sql, parameters: conditions.into_iter().flat_map(|condition| condition.parameters).collect() }
    }
}

/// A list of a table's items.
#[derive(Debug)]
pub(super) struct List {
    table: &'static Table,
    conditions: Vec<Condition>,
    default_order: DefaultOrder,
}

/// How a list is sorted when the query names no column.
#[derive(Debug)]
enum DefaultOrder {
    /// By `updated_time`, in the query's direction.
    Updated,
    /// The latest change first.
    Latest,
    /// By the score that this `SELECT row, score` gives to rows, least first; one without a score has 0.
    Score(Condition),
}

impl List {
    /// All items of `table`.
    pub(super) fn of(table: &'static Table) -> Self {
        Self { table, conditions: Vec::new(), default_order: DefaultOrder::Updated }
    }

    /// Only those for which `condition` holds as well.
    pub(super) fn with(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Only those for which all `conditions` hold as well.
    pub(super) fn with_all(mut self, conditions: Vec<Condition>) -> Self {
        self.conditions.extend(conditions);
        self
    }

    /// Unless the query names a column: sorts by the score that `scores`, a `SELECT row, score`, gives to rows, least first;
    /// then, or without it, the latest change first.
    pub(super) fn by_score(mut self, scores: Option<Condition>) -> Self {
        self.default_order = scores.map_or(DefaultOrder::Latest, DefaultOrder::Score);
        self
    }

    /// The page that `query` asks for, as `{items, has_more}`.
    ///
    /// One item more than the page holds is looked for, so `has_more` is exact.
    pub(super) fn page(self, connection: &Connection, query: &Query) -> Result<Value, DataError> {
        let columns = query.columns(self.table)?;
        let (mut sql, mut parameters) = self.select(&columns, query)?;
        sql.push_str(" LIMIT ? OFFSET ?");
        let limit = i64::from(query.limit);
        let offset = limit * i64::from(query.page.saturating_sub(1));
        parameters.extend([SqlValue::Integer(limit + 1), SqlValue::Integer(offset)]);

        let mut items = Vec::new();
        let mut has_more = false;
        let mut size = AnswerSize::default();
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        while let Some(row) = rows.next()? {
            if items.len() == query.limit as usize {
                has_more = true;
                break;
            }
            items.push(Value::Object(read_item(row, &columns, &mut size)?));
        }
        Ok(json!({ "items": items, "has_more": has_more }))
    }

    /// All of the list's items with these columns.
    pub(super) fn all(
        self,
        connection: &Connection,
        columns: &[&'static Column],
        query: &Query,
    ) -> Result<Vec<Map<String, Value>>, DataError> {
        let (sql, parameters) = self.select(columns, query)?;
        let mut items = Vec::new();
        let mut size = AnswerSize::default();
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        while let Some(row) = rows.next()? {
            items.push(read_item(row, columns, &mut size)?);
        }
        Ok(items)
    }

    fn select(
        self,
        columns: &[&'static Column],
        query: &Query,
    ) -> Result<(String, Vec<SqlValue>), DataError> {
        let table = self.table.name;
        let order = query.order_column(self.table)?;
        let mut sql = String::new();
        let mut parameters = Vec::new();
        let mut from = format!("\"{table}\"");
        let mut sorting = match (order, self.default_order) {
            (Some(column), _) => sorted(table, column.name, column.kind, query.direction),
            (None, DefaultOrder::Updated) => sorted(table, "updated_time", Kind::Integer, query.direction),
            (None, DefaultOrder::Latest) => format!("\"{table}\".updated_time DESC"),
            (None, DefaultOrder::Score(scores)) => {
                // Materialized: computing one score costs as much as computing all.
                sql.push_str(&format!("WITH scored (row, score) AS MATERIALIZED ({}) ", scores.sql));
                parameters.extend(scores.parameters);
                from.push_str(&format!(" LEFT JOIN scored ON scored.row = \"{table}\".row"));
                format!("coalesce(scored.score, 0), \"{table}\".updated_time DESC")
            }
        };
        // Items that are equal in the order asked for come as they were made, so that pages never overlap.
        sorting.push_str(&format!(", \"{table}\".row"));

        sql.push_str(&format!("SELECT {} FROM {from}", column_list(self.table, columns)));
        for (index, condition) in self.conditions.into_iter().enumerate() {
            sql.push_str(if index == 0 { " WHERE (" } else { " AND (" });
            sql.push_str(&condition.sql);
            sql.push(')');
            parameters.extend(condition.parameters);
        }
        sql.push_str(&format!(" ORDER BY {sorting}"));
        Ok((sql, parameters))
    }
}

fn sorted(table: &str, column: &str, kind: Kind, direction: Direction) -> String {
    let collation = if matches!(kind, Kind::Text(_)) { " COLLATE NOCASE" } else { "" };
    let direction = match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    };
    format!("\"{table}\".\"{column}\"{collation} {direction}")
}

/// The columns as SQL, quoted (one is called `order`) and with their table.
pub(super) fn column_list(table: &Table, columns: &[&'static Column]) -> String {
    let names: Vec<String> =
        columns.iter().map(|column| format!("\"{}\".\"{}\"", table.name, column.name)).collect();
    names.join(", ")
}

/// The bytes of text in one answer so far. A hundred notes of the largest size would not fit into memory.
#[derive(Debug, Default)]
pub(super) struct AnswerSize(usize);

impl AnswerSize {
    fn add(&mut self, bytes: usize) -> Result<(), DataError> {
        self.0 = self.0.saturating_add(bytes);
        if MAX_TEXT_BYTES < self.0 {
            return Err(DataError::bad_request(format!(
                "expected at most {MAX_TEXT_BYTES} bytes in one answer; ask for fewer items or fields"
            )));
        }
        Ok(())
    }
}

/// Reads a row that was selected with [`column_list`].
pub(super) fn read_item(
    row: &Row<'_>,
    columns: &[&'static Column],
    size: &mut AnswerSize,
) -> Result<Map<String, Value>, DataError> {
    let mut item = Map::new();
    for (index, column) in columns.iter().enumerate() {
        let value = match row.get_ref(index)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => number.into(),
            ValueRef::Real(number) => number.into(),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                size.add(bytes.len())?;
                String::from_utf8_lossy(bytes).into_owned().into()
            }
        };
        item.insert(column.name.to_string(), value);
    }
    Ok(item)
}
