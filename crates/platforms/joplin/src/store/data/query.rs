//! The query of a request: which fields, which page, in which order.

use serde_json::{Map, Value};

use super::error::DataError;
use crate::store::limits::{MAX_FIELDS, MAX_PAGE, MAX_PAGE_SIZE, MAX_QUERY_BYTES};
use crate::store::table::{Column, Table, name_of};

/// What a request asks for besides its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The columns to answer with; none means `id`, `parent_id`, `title` and `deleted_time`, where the table has them.
    pub fields: Vec<String>,
    /// Items on a page, from 1 to [`MAX_PAGE_SIZE`], which is the default.
    pub limit: u32,
    /// The page, from 1.
    pub page: u32,
    /// The column to sort by; by default `updated_time`, or for a search of notes how well they match.
    pub order_by: Option<String>,
    /// Which way to sort.
    pub direction: Direction,
    /// Also what is in the trash.
    pub include_deleted: bool,
    /// Also notes that are a conflict's other version.
    pub include_conflicts: bool,
    /// Delete for good, not to the trash.
    pub permanent: bool,
    /// Folders as a tree, not as a page.
    pub as_tree: bool,
    /// What to search for.
    pub search: Option<String>,
    /// What to search: `note` (the default), `folder`, `tag` or `resource`.
    pub item_type: Option<String>,
}

/// Which way to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// From the least to the greatest.
    #[default]
    Ascending,
    /// From the greatest to the least.
    Descending,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            fields: Vec::new(),
            limit: MAX_PAGE_SIZE,
            page: 1,
            order_by: None,
            direction: Direction::Ascending,
            include_deleted: false,
            include_conflicts: false,
            permanent: false,
            as_tree: false,
            search: None,
            item_type: None,
        }
    }
}

impl Query {
    /// Reads a query as plugins write it: an object, or nothing. Keys that no path knows are passed over.
    ///
    /// Numbers and flags may be texts (`"1"`), as they come from addresses.
    ///
    /// # Errors
    ///
    /// 400 with the key that is malformed.
    pub fn from_value(value: &Value) -> Result<Self, DataError> {
        let map = match value {
            Value::Null => return Ok(Self::default()),
            Value::Object(map) => map,
            other => return Err(unfit("query", "an object", other)),
        };
        Ok(Self {
            fields: fields(map)?,
            limit: number(map, "limit", MAX_PAGE_SIZE, MAX_PAGE_SIZE)?,
            page: number(map, "page", 1, MAX_PAGE)?,
            order_by: text(map, "order_by")?.map(str::to_string),
            direction: direction(map)?,
            include_deleted: flag(map, "include_deleted"),
            include_conflicts: flag(map, "include_conflicts"),
            permanent: flag(map, "permanent"),
            as_tree: flag(map, "as_tree"),
            search: text(map, "query")?.map(str::to_string),
            item_type: text(map, "type")?.map(str::to_string),
        })
    }

    /// The columns of `table` to answer with, in the order asked for; 400 for a name that the table has not.
    pub(super) fn columns(&self, table: &Table) -> Result<Vec<&'static Column>, DataError> {
        if self.fields.is_empty() {
            return Ok(table.default_columns());
        }
        if MAX_FIELDS < self.fields.len() {
            return Err(too_many_fields(self.fields.len()));
        }
        if self.fields.iter().any(|name| name == "*") {
            return Ok(table.columns.iter().collect());
        }
        self.fields.iter().map(|name| column(table, "fields", name)).collect()
    }

    /// The column to sort by, if the query names one; 400 for a name that the table has not.
    pub(super) fn order_column(&self, table: &Table) -> Result<Option<&'static Column>, DataError> {
        self.order_by.as_deref().map(|name| column(table, "order_by", name)).transpose()
    }
}

fn column(table: &Table, key: &str, name: &str) -> Result<&'static Column, DataError> {
    const SHOWN_CHARS: usize = 64;
    table.column(name).ok_or_else(|| {
        let shown: String = name.chars().take(SHOWN_CHARS).collect();
        DataError::bad_request(format!("{key}: expected a field of {}, found {shown:?}", table.name))
    })
}

fn fields(map: &Map<String, Value>) -> Result<Vec<String>, DataError> {
    let names: Vec<&str> = match map.get("fields") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(list)) if MAX_QUERY_BYTES < list.len() => return Err(too_long("fields", list)),
        Some(Value::String(list)) => list.split(',').collect(),
        Some(Value::Array(list)) if MAX_FIELDS < list.len() => return Err(too_many_fields(list.len())),
        Some(Value::Array(list)) => list
            .iter()
            .map(|name| name.as_str().ok_or_else(|| unfit("fields", "a list of texts", name)))
            .collect::<Result<_, _>>()?,
        Some(other) => return Err(unfit("fields", "a list or a text", other)),
    };
    let names: Vec<String> =
        names.into_iter().map(str::trim).filter(|name| !name.is_empty()).map(str::to_string).collect();
    if MAX_FIELDS < names.len() { Err(too_many_fields(names.len())) } else { Ok(names) }
}

fn number(map: &Map<String, Value>, key: &str, default: u32, max: u32) -> Result<u32, DataError> {
    let found = match map.get(key) {
        None | Some(Value::Null) => return Ok(default),
        // JavaScript has one kind of number, so 10 may arrive as 10.0.
        Some(Value::Number(found)) => found.as_f64().filter(|found| found.fract() == 0.0),
        Some(Value::String(found)) => found.trim().parse().ok().filter(|found: &f64| found.fract() == 0.0),
        Some(_) => None,
    };
    match found {
        Some(found) if 1.0 <= found && found <= f64::from(max) => Ok(found as u32),
        Some(found) => Err(DataError::bad_request(format!(
            "{key}: expected a whole number from 1 to {max}, found {found}"
        ))),
        None => Err(DataError::bad_request(format!("{key}: expected a whole number from 1 to {max}"))),
    }
}

fn direction(map: &Map<String, Value>) -> Result<Direction, DataError> {
    match text(map, "order_dir")? {
        None => Ok(Direction::Ascending),
        Some(name) if name.eq_ignore_ascii_case("asc") => Ok(Direction::Ascending),
        Some(name) if name.eq_ignore_ascii_case("desc") => Ok(Direction::Descending),
        Some(_) => Err(DataError::bad_request("order_dir: expected \"ASC\" or \"DESC\", found another text")),
    }
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, DataError> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if MAX_QUERY_BYTES < text.len() => Err(too_long(key, text)),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(unfit(key, "a text", other)),
    }
}

/// Whether a flag is set: `"1"`, `1` or `true`. Anything else is no.
fn flag(map: &Map<String, Value>, key: &str) -> bool {
    match map.get(key) {
        Some(Value::String(text)) => text == "1" || text == "true",
        Some(Value::Number(number)) => number.as_f64() == Some(1.0),
        Some(Value::Bool(flag)) => *flag,
        _ => false,
    }
}

fn unfit(key: &str, expected: &str, found: &Value) -> DataError {
    DataError::bad_request(format!("{key}: expected {expected}, found {}", name_of(found)))
}

fn too_long(key: &str, text: &str) -> DataError {
    DataError::bad_request(format!("{key}: expected at most {MAX_QUERY_BYTES} bytes, found {}", text.len()))
}

fn too_many_fields(count: usize) -> DataError {
    DataError::bad_request(format!("fields: expected at most {MAX_FIELDS} names, found {count}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn queries() {
        let check = |value: Value, expected: Query| {
            assert_eq!(Query::from_value(&value).map_err(|error| error.message), Ok(expected), "{value}");
        };
        let plain = Query::default;
        let fields =
            |names: &[&str]| Query { fields: names.iter().map(ToString::to_string).collect(), ..plain() };
        check(json!(null), plain());
        check(json!({"token": "x", "page": null, "fields": ""}), plain());
        check(json!({"fields": "id, title,,body "}), fields(&["id", "title", "body"]));
        check(json!({"fields": ["id", " title"]}), fields(&["id", "title"]));
        check(json!({"limit": 10.0, "page": "3"}), Query { limit: 10, page: 3, ..plain() });
        check(json!({"order_dir": "desc"}), Query { direction: Direction::Descending, ..plain() });
        check(json!({"permanent": "1", "as_tree": 1}), Query { permanent: true, as_tree: true, ..plain() });
        check(json!({"permanent": "0", "include_deleted": false}), plain());
        check(
            json!({"query": "a", "type": "tag"}),
            Query { search: Some("a".into()), item_type: Some("tag".into()), ..plain() },
        );
    }

    #[test]
    fn malformed_queries() {
        let check = |value: Value, expected: &str| {
            let error = Query::from_value(&value).unwrap_err();
            assert_eq!((error.http_code, error.message.as_str()), (400, expected), "{value}");
        };
        check(json!([]), "query: expected an object, found a list");
        check(json!({"limit": 0}), "limit: expected a whole number from 1 to 100, found 0");
        check(json!({"limit": 101}), "limit: expected a whole number from 1 to 100, found 101");
        check(json!({"limit": 1.5}), "limit: expected a whole number from 1 to 100");
        check(json!({"limit": "NaN"}), "limit: expected a whole number from 1 to 100");
        check(json!({"page": -1}), "page: expected a whole number from 1 to 1000000, found -1");
        check(
            json!({"page": 1e300}),
            &format!("page: expected a whole number from 1 to 1000000, found {}", 1e300),
        );
        check(json!({"fields": 1}), "fields: expected a list or a text, found a number");
        check(json!({"fields": [1]}), "fields: expected a list of texts, found a number");
        check(json!({"fields": vec!["id"; 101]}), "fields: expected at most 100 names, found 101");
        check(json!({"fields": "i,".repeat(101)}), "fields: expected at most 100 names, found 101");
        check(json!({"order_dir": "up"}), "order_dir: expected \"ASC\" or \"DESC\", found another text");
        check(json!({"query": "x".repeat(4097)}), "query: expected at most 4096 bytes, found 4097");
        check(json!({"query": 5}), "query: expected a text, found a number");
    }
}
