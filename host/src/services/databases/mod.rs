//! Databases of plugins: SQLite on files in their data folders, or in memory.
//!
//! The SQL and the files are a stranger's, and SQLite runs in the application: it is given bounds, and nothing that reaches
//! beyond the file.
//!
//! - [`database`]: one that is open
//! - [`guard`]: what SQL may not do, and for how long it may do what it may
//! - [`functions`]: functions of SQL that end soon whatever they are given
//! - [`values`]: values between JavaScript and SQL
//! - [`raw`]: what SQLite offers to C alone

mod database;
mod functions;
mod guard;
mod raw;
#[cfg(test)]
mod tests;
mod values;

use super::room::Room;
use super::{Request, unknown};
use crate::api::Running;
use crate::value::encode;
use crate::{CallError, Thrown, Undefined, Value};
use database::{Database, Failure, IN_MEMORY, Mode};
use rusqlite::ffi;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;
use values::{Parameters, Rows};

/// Databases that one process of a plugin may have open.
pub(crate) const OPEN: usize = 8;

/// Rows that one call gives.
pub(crate) const ROWS: usize = 100_000;

/// The open databases of one plugin, by process and number.
#[derive(Debug, Default)]
pub(super) struct Databases {
    open: BTreeMap<(u32, u32), Database>,
    given: u32,
}

/// What a call gives.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Reply {
    Nothing(Undefined),
    Number(u32),
    #[serde(rename_all = "camelCase")]
    Changed {
        last_id: i64,
        changes: u64,
    },
    Rows(Rows),
}

/// What a call does, for the process with this number.
type Work = Box<dyn FnOnce(&Room, u32) -> Result<Reply, Failure> + Send>;

/// Starts the service `databases.<name>`.
pub(super) fn serve(name: &str, request: Request) -> Result<Running, Thrown> {
    let args = &request.args;
    let words = |words| Thrown::new("TypeError", words);
    let number = || args.argument::<u32>(0).map_err(words);
    let sql = || args.argument::<String>(1).map_err(words);
    let parameters = || {
        let value: Option<Value> = args.argument(2).map_err(words)?;
        Parameters::of(&value.unwrap_or(Value::Undefined)).map_err(words)
    };
    let work: Work = match name {
        "open" => {
            let path: String = args.argument(0).map_err(words)?;
            let mode: (bool, bool) = args.argument(1).map_err(words)?;
            let mode = Mode { writes: mode.0, creates: mode.1 };
            Box::new(move |room, owner| room.open_database(owner, &path, mode).map(Reply::Number))
        }
        "close" => {
            let number = number()?;
            Box::new(move |room, owner| room.close_database(owner, number).map(|()| NOTHING))
        }
        "run" => {
            let (number, sql, parameters) = (number()?, sql()?, parameters()?);
            Box::new(move |room, owner| {
                room.with_database(owner, number, |database, left| {
                    let changed = database.run(&sql, &parameters, left)?;
                    Ok(Reply::Changed { last_id: changed.last_id, changes: changed.changes })
                })
            })
        }
        "query" => {
            let (number, sql, parameters) = (number()?, sql()?, parameters()?);
            let most: Option<usize> = args.argument(3).map_err(words)?;
            let most = most.unwrap_or(ROWS + 1).min(ROWS + 1);
            Box::new(move |room, owner| {
                room.with_database(owner, number, |database, left| {
                    let rows = database.query(&sql, &parameters, most, left)?;
                    if ROWS < rows.count() {
                        let words = format!("expected at most {ROWS} rows at once");
                        return Err(Failure::Told(ffi::SQLITE_TOOBIG, words));
                    }
                    Ok(Reply::Rows(rows))
                })
            })
        }
        "execute" => {
            let (number, sql) = (number()?, sql()?);
            Box::new(move |room, owner| {
                room.with_database(owner, number, |database, left| {
                    database.execute(&sql, left).map(|()| NOTHING)
                })
            })
        }
        _ => return Err(unknown()),
    };
    Ok(start(&request, work))
}

const NOTHING: Reply = Reply::Nothing(Undefined);

fn start(request: &Request, work: Work) -> Running {
    let (desk, session) = (request.desk.clone(), request.invocation.session.clone());
    Box::pin(async move {
        let done = desk.ask_if_wanted(move |desk| work(&desk.room, desk.generation)).await;
        let done = done.unwrap_or_else(|error| Err(io_failure(&error)));
        let encoded = done.map_err(|failure| failure.to_thrown()).and_then(|reply| {
            let encoded = encode(&reply, session.exports());
            encoded.map_err(|error| CallError::from(error).to_thrown())
        });
        encoded.map_err(|thrown| thrown.to_value())
    })
}

fn io_failure(error: &io::Error) -> Failure {
    Failure::Told(ffi::SQLITE_IOERR, error.to_string())
}

impl Databases {
    /// A process has ended: closes what it had open.
    pub(super) fn close_all(&mut self, owner: u32) {
        self.open.retain(|(of, _), _| *of != owner);
    }
}

impl Room {
    fn open_database(&self, owner: u32, path: &str, mode: Mode) -> Result<u32, Failure> {
        let mut databases = self.databases();
        let open = databases.open.keys().filter(|(of, _)| *of == owner).count();
        if OPEN <= open {
            let words = format!("expected at most {OPEN} open databases");
            return Err(Failure::Told(ffi::SQLITE_CANTOPEN, words));
        }
        let database = if path == IN_MEMORY {
            Database::open(None, mode)?
        } else {
            let cannot = |words| Failure::Told(ffi::SQLITE_CANTOPEN, words);
            let file =
                self.with_files(|files| files.database(path, mode.writes && mode.creates)).map_err(cannot)?;
            Database::open(Some(&file), mode)?
        };
        databases.given = databases.given.wrapping_add(1);
        let number = databases.given;
        databases.open.insert((owner, number), database);
        Ok(number)
    }

    fn close_database(&self, owner: u32, number: u32) -> Result<(), Failure> {
        let closed = self.databases().open.remove(&(owner, number));
        closed.map(drop).ok_or_else(not_open)
    }

    /// Does something with an open database, whose file may grow by so many bytes.
    fn with_database(
        &self,
        owner: u32,
        number: u32,
        work: impl FnOnce(&Database, u64) -> Result<Reply, Failure>,
    ) -> Result<Reply, Failure> {
        let databases = self.databases();
        let database = databases.open.get(&(owner, number)).ok_or_else(not_open)?;
        let left = self.with_files(|files| Ok(files.left())).unwrap_or(0);
        let before = database.length();
        let done = work(database, left);
        if before != database.length() {
            // The file has grown or become smaller, by another hand than that of the files' own functions.
            let _measured_later = self.with_files(|files| files.measure());
        }
        done
    }
}

fn not_open() -> Failure {
    Failure::Told(ffi::SQLITE_MISUSE, "Database is closed".to_owned())
}

/// The names of SQLite's codes.
const CODES: &[(i32, &str)] = &[
    (ffi::SQLITE_ERROR, "SQLITE_ERROR"),
    (ffi::SQLITE_INTERNAL, "SQLITE_INTERNAL"),
    (ffi::SQLITE_PERM, "SQLITE_PERM"),
    (ffi::SQLITE_ABORT, "SQLITE_ABORT"),
    (ffi::SQLITE_BUSY, "SQLITE_BUSY"),
    (ffi::SQLITE_LOCKED, "SQLITE_LOCKED"),
    (ffi::SQLITE_NOMEM, "SQLITE_NOMEM"),
    (ffi::SQLITE_READONLY, "SQLITE_READONLY"),
    (ffi::SQLITE_INTERRUPT, "SQLITE_INTERRUPT"),
    (ffi::SQLITE_IOERR, "SQLITE_IOERR"),
    (ffi::SQLITE_CORRUPT, "SQLITE_CORRUPT"),
    (ffi::SQLITE_NOTFOUND, "SQLITE_NOTFOUND"),
    (ffi::SQLITE_FULL, "SQLITE_FULL"),
    (ffi::SQLITE_CANTOPEN, "SQLITE_CANTOPEN"),
    (ffi::SQLITE_PROTOCOL, "SQLITE_PROTOCOL"),
    (ffi::SQLITE_EMPTY, "SQLITE_EMPTY"),
    (ffi::SQLITE_SCHEMA, "SQLITE_SCHEMA"),
    (ffi::SQLITE_TOOBIG, "SQLITE_TOOBIG"),
    (ffi::SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT"),
    (ffi::SQLITE_MISMATCH, "SQLITE_MISMATCH"),
    (ffi::SQLITE_MISUSE, "SQLITE_MISUSE"),
    (ffi::SQLITE_AUTH, "SQLITE_AUTH"),
    (ffi::SQLITE_RANGE, "SQLITE_RANGE"),
    (ffi::SQLITE_NOTADB, "SQLITE_NOTADB"),
];

impl Failure {
    /// As the module that plugins know throws it: `SQLITE_ERROR: no such table: a`.
    fn to_thrown(&self) -> Thrown {
        let (code, words) = match self {
            Failure::Told(code, words) => (*code, words.clone()),
            Failure::Sqlite(rusqlite::Error::SqliteFailure(error, words)) => {
                (error.extended_code & 0xff, words.clone().unwrap_or_else(|| error.to_string()))
            }
            Failure::Sqlite(rusqlite::Error::SqlInputError { error, msg, .. }) => {
                (error.extended_code & 0xff, msg.clone())
            }
            Failure::Sqlite(error) => (ffi::SQLITE_ERROR, error.to_string()),
        };
        let name = CODES.iter().find(|(known, _)| *known == code).map_or("SQLITE_ERROR", |(_, name)| name);
        Thrown::new("Error", format!("{name}: {words}")).with_code(name).with_field("errno", code)
    }
}
