//! What SQL and files of strangers may not do.

use super::database::{Database, Failure, Mode};
use super::values::Parameters;
use crate::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const ALL: Mode = Mode { writes: true, creates: true };
const LEFT: u64 = 1 << 20;

fn none() -> Parameters {
    Parameters::of(&Value::Undefined).unwrap()
}

fn database() -> (TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("a.db");
    let database = Database::open(Some(&path), ALL).unwrap();
    (folder, database)
}

/// What a statement gives as JSON, or why it gives nothing.
fn rows(database: &Database, sql: &str) -> String {
    match database.query(sql, &none(), 1_000, LEFT) {
        Ok(rows) => serde_json::to_value(&rows).unwrap()["rows"].as_str().unwrap().to_owned(),
        Err(failure) => failure.to_thrown().message,
    }
}

fn done(outcome: Result<(), Failure>) -> String {
    outcome.map_or_else(|failure| failure.to_thrown().message, |()| "done".to_owned())
}

#[test]
fn values_go_in_and_come_out() {
    let (_folder, database) = database();
    done(database.execute("CREATE TABLE a (b, c, d, e)", LEFT));
    let values = Value::Array(vec![1.5.into(), "ü\"".into(), Value::Null, Value::Bytes(vec![1, 2].into())]);
    let parameters = Parameters::of(&values).unwrap();
    let changed = database.run("INSERT INTO a VALUES (?, ?, ?, ?)", &parameters, LEFT).unwrap();
    assert_eq!((changed.last_id, changed.changes), (1, 1));
    assert_eq!(rows(&database, "SELECT * FROM a"), r#"[1.5,"ü\"",null,[0]]"#);
    assert_eq!(
        rows(&database, "SELECT 1e999, -1e999, 9007199254740993, 2.0"),
        "[1e999,-1e999,9007199254740993,2.0]"
    );
    assert_eq!(rows(&database, "SELECT 1; SELECT 2"), "[1]", "only the first statement");
    assert_eq!(rows(&database, "-- nothing"), "");
    let named = Value::Object(vec![("$b".to_owned(), 2.into())]);
    let named = Parameters::of(&named).unwrap();
    assert_eq!(database.run("UPDATE a SET b = $b", &named, LEFT).unwrap().changes, 1);
    let failure = database.run("UPDATE a SET c = 1", &named, LEFT).unwrap_err();
    assert_eq!(failure.to_thrown().message, "SQLITE_RANGE: expected no parameter $b: the statement has none");
    assert_eq!(rows(&database, "SELECT * FROM none"), "SQLITE_ERROR: no such table: none");
}

#[test]
fn nothing_reaches_beyond_the_file() {
    let (folder, database) = database();
    let outside = folder.path().join("outside.db");
    let outside = outside.to_str().unwrap();
    let refused = [
        format!("ATTACH '{outside}' AS other"),
        "ATTACH '' AS other".to_owned(),
        "ATTACH ? AS other".to_owned(),
        format!("VACUUM INTO '{outside}'"),
        "DETACH main".to_owned(),
        "SELECT load_extension('x')".to_owned(),
        "SELECT fts3_tokenizer('simple')".to_owned(),
        "CREATE VIRTUAL TABLE t USING fts5(a)".to_owned(),
        "CREATE VIRTUAL TABLE t USING rtree(a, b, c)".to_owned(),
        "CREATE VIRTUAL TABLE temp.t USING dbstat".to_owned(),
        "PRAGMA writable_schema = 1".to_owned(),
        "PRAGMA trusted_schema = 1".to_owned(),
        "PRAGMA temp_store_directory = '/tmp'".to_owned(),
        "PRAGMA data_store_directory = '/tmp'".to_owned(),
        "PRAGMA max_page_count = 1000000000".to_owned(),
        "PRAGMA hard_heap_limit = 1".to_owned(),
        "PRAGMA soft_heap_limit = 1".to_owned(),
        "PRAGMA lock_proxy_file = 'x'".to_owned(),
        "PRAGMA module_list".to_owned(),
        "SELECT readfile('/etc/passwd')".to_owned(),
    ];
    for sql in refused {
        let words = done(database.execute(&sql, LEFT));
        assert!(words.starts_with("SQLITE_"), "{sql}: {words}");
    }
    assert!(!Path::new(outside).exists());
    // What programs write without needing it does nothing.
    for sql in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA locking_mode = NORMAL",
        "PRAGMA mmap_size = 1000000",
        "PRAGMA synchronous = OFF",
    ] {
        assert_eq!(done(database.execute(sql, LEFT)), "done", "{sql}");
    }
    assert_eq!(rows(&database, "PRAGMA user_version"), "[0]");
    let left = std::fs::read_dir(folder.path()).unwrap().flatten();
    assert_eq!(Vec::from_iter(left.map(|entry| entry.file_name())), ["a.db"]);
}

#[test]
fn what_takes_too_much_is_ended() {
    let (_folder, database) = database();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
    let words = "SQLITE_INTERRUPT: expected a statement that takes less than 5 s and 128 MiB";
    assert_eq!(rows(&database, &format!("{endless} SELECT max(i) FROM n")), words);
    let hungry = format!("{endless} SELECT i FROM n, (SELECT randomblob(1000000) AS b) ORDER BY b || i");
    assert_eq!(rows(&database, &hungry), words);
    assert_eq!(rows(&database, "SELECT zeroblob(9000000)"), "SQLITE_TOOBIG: string or blob too big");
    // It goes on with the next one.
    assert_eq!(rows(&database, "SELECT 1"), "[1]");
}

#[test]
fn what_a_single_function_does_ends_soon() {
    let memory = Database::open(None, ALL).unwrap();
    let long = "replace(hex(zeroblob(2000000)), '0', 'a')";
    let half = "replace(hex(zeroblob(1000000)), '0', 'a')";
    for (sql, expected) in [
        (format!("SELECT instr({long}, {half} || 'b')"), "[0]"),
        (format!("SELECT length(replace({long}, {half} || 'b', 'c'))"), "[4000000]"),
        (
            format!("SELECT length(trim({long}, {half} || 'b'))"),
            "SQLITE_ERROR: expected at most 256 bytes of characters to trim",
        ),
    ] {
        let began = Instant::now();
        assert_eq!(rows(&memory, &sql), expected, "{sql}");
        assert!(began.elapsed() < Duration::from_secs(30), "{sql}");
    }
    for sql in ["SELECT json_patch('{}', '{}')", "SELECT jsonb_patch('{}', '{}')", "SELECT unhex('00', ' ')"]
    {
        assert!(rows(&memory, sql).starts_with("SQLITE_"), "{sql}");
    }
}

#[test]
fn functions_of_our_own_give_what_sqlite_gives() {
    let memory = Database::open(None, ALL).unwrap();
    let plain = rusqlite::Connection::open_in_memory().unwrap();
    let values = [
        "NULL",
        "''",
        "'a'",
        "'aba'",
        "'ääbä'",
        "'bä'",
        "12.5",
        "2",
        "x''",
        "x'6162'",
        "x'62'",
        "x'ff62'",
        "'  a b '",
    ];
    let check = |call: String| {
        let expected: String =
            plain.query_row(&format!("SELECT typeof({call}) || hex({call})"), [], |row| row.get(0)).unwrap();
        let found = memory.query(&format!("SELECT typeof({call}) || hex({call})"), &none(), 1, LEFT).unwrap();
        let found = serde_json::to_value(&found).unwrap()["rows"].as_str().unwrap().to_owned();
        assert_eq!(found, format!("[{}]", serde_json::Value::String(expected)), "{call}");
    };
    for one in values {
        for function in ["trim", "ltrim", "rtrim"] {
            check(format!("{function}({one})"));
        }
        for other in values {
            for function in ["instr", "trim", "ltrim", "rtrim"] {
                check(format!("{function}({one}, {other})"));
            }
            for third in ["NULL", "''", "'xyz'", "7"] {
                check(format!("replace({one}, {other}, {third})"));
            }
        }
    }
}

#[test]
fn many_short_statements_are_bounded_together() {
    let memory = Database::open(None, ALL).unwrap();
    let words = "SQLITE_INTERRUPT: expected a statement that takes less than 5 s and 128 MiB";
    // Each takes milliseconds in a single instruction, all of them minutes.
    let many = "SELECT length(hex(zeroblob(4000000)));".repeat(20_000);
    assert_eq!(done(memory.execute(&many, LEFT)), words);
}

#[test]
fn temporary_tables_are_bounded() {
    let memory = Database::open(None, ALL).unwrap();
    assert_eq!(done(memory.execute("CREATE TEMP TABLE a (b)", LEFT)), "done");
    let outcomes = Vec::from_iter(
        (0..20).map(|_| done(memory.execute("INSERT INTO a VALUES (zeroblob(4000000))", LEFT))),
    );
    assert_eq!(outcomes[0], "done");
    assert_eq!(outcomes[19], "SQLITE_FULL: database or disk is full");
}

#[test]
fn larger_pages_give_no_more_room() {
    let (folder, database) = database();
    let fill = format!("CREATE TABLE a (b); {}", "INSERT INTO a VALUES (zeroblob(60000));".repeat(200));
    let words = done(database.execute(&format!("PRAGMA page_size = 65536; {fill}"), LEFT));
    assert_eq!(words, "SQLITE_FULL: database or disk is full");
    assert!(database.length() <= 2 * LEFT, "{}", database.length());
    assert_eq!(rows(&database, "PRAGMA page_size"), "[4096]");

    // Somebody gives the open file another page size.
    let made = folder.path().join("made.db");
    rusqlite::Connection::open(&made)
        .unwrap()
        .execute_batch("PRAGMA page_size = 65536; CREATE TABLE c (d)")
        .unwrap();
    let empty = folder.path().canonicalize().unwrap().join("empty.db");
    let database = Database::open(Some(&empty), ALL).unwrap();
    std::fs::write(&empty, std::fs::read(&made).unwrap()).unwrap();
    assert_eq!(done(database.execute(&fill, LEFT)), "SQLITE_FULL: database or disk is full");
    assert!(database.length() <= 2 * LEFT, "{}", database.length());
}

#[test]
fn what_is_written_ahead_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("a.db");
    let trusted = rusqlite::Connection::open(&path).unwrap();
    trusted.pragma_update(None, "journal_mode", "wal").unwrap();
    trusted.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(400000))").unwrap();
    drop(trusted);
    let (one, other) = (Database::open(Some(&path), ALL).unwrap(), Database::open(Some(&path), ALL).unwrap());
    // Whoever reads an old state keeps all newer ones apart.
    assert_eq!(rows(&other, "BEGIN"), "");
    assert_eq!(rows(&other, "SELECT count(*) FROM t"), "[1]");
    let most = 4 << 20;
    let mut outcome = String::new();
    for _ in 0..40 {
        outcome =
            done(one.execute("UPDATE t SET a = randomblob(400000)", u64::saturating_sub(most, one.length())));
    }
    assert_eq!(outcome, "SQLITE_FULL: database or disk is full");
    let length = std::fs::metadata(folder.path().join("a.db-wal")).unwrap().len();
    assert!(length < most + (1 << 20), "{length}");
    let much = "UPDATE t SET a = randomblob(400000);".repeat(100);
    assert_eq!(done(one.execute(&much, 1 << 20)), "SQLITE_FULL: database or disk is full");
    // Nobody reads it any more: there is room again.
    assert_eq!(rows(&other, "ROLLBACK"), "");
    assert_eq!(done(one.execute("UPDATE t SET a = 1", 0)), "done");
}

#[test]
fn a_file_grows_no_further_than_there_is_room() {
    let (_folder, database) = database();
    assert_eq!(done(database.execute("CREATE TABLE a (b)", LEFT)), "done");
    let fill = "INSERT INTO a VALUES (randomblob(100000))";
    let mut outcome = String::new();
    for _ in 0..100 {
        let left = (1_u64 << 20).saturating_sub(database.length());
        outcome = done(database.execute(fill, left));
        if outcome != "done" {
            break;
        }
    }
    assert_eq!(outcome, "SQLITE_FULL: database or disk is full");
    assert!(database.length() <= 1 << 20, "{}", database.length());
    assert_eq!(done(database.execute("DELETE FROM a", 0)), "done", "one can clear up");
    let memory = Database::open(None, ALL).unwrap();
    assert_eq!(done(memory.execute("CREATE TABLE a (b)", 0)), "done");
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO a SELECT randomblob(100000) FROM n";
    assert_eq!(done(memory.execute(endless, 0)), "SQLITE_FULL: database or disk is full");
}

/// A database with a journal that names a file, and that file: with a name as SQLite gives it, and the contents that it looks
/// for before it removes it.
fn with_crafted_journal() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let (path, victim) = (root.join("a.db"), root.join("precious-mj000000900"));
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE a (b)").unwrap();
    drop(database);
    std::fs::write(&victim, format!("{}-journal\0", path.display())).unwrap();
    let name = victim.to_str().unwrap().as_bytes();
    let sum: u32 = name.iter().map(|byte| u32::from(*byte)).sum();
    let length = u32::try_from(name.len()).unwrap();
    // Anything but a journal's own beginning: nothing is rolled back.
    let mut journal = vec![1; 512];
    // The name, its length, its sum, and what a journal ends with that names another.
    journal.extend(name);
    journal.extend(length.to_be_bytes());
    journal.extend(sum.to_be_bytes());
    journal.extend([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
    std::fs::write(root.join("a.db-journal"), &journal).unwrap();
    (folder, path, victim)
}

/// A journal may name another one, which SQLite reads and removes after it has rolled back.
#[test]
fn a_journal_removes_no_file_that_it_names() {
    let (_folder, path, victim) = with_crafted_journal();
    let unguarded = rusqlite::Connection::open(&path).unwrap();
    unguarded.query_row("SELECT count(*) FROM a", [], |_| Ok(())).unwrap();
    assert!(!victim.exists(), "SQLite by itself removes it");

    let (_folder, path, victim) = with_crafted_journal();
    let _opened = Database::open(Some(&path), ALL);
    assert!(victim.exists());
}

#[test]
fn a_file_of_a_stranger_is_refused_or_read_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let path = folder.join("a.db");
    std::fs::write(&path, "this is no database at all, but a text of some length".repeat(20)).unwrap();
    let words = Database::open(Some(&path), ALL).unwrap_err().to_thrown().message;
    assert_eq!(words, "SQLITE_NOTADB: file is not a database");
    std::os::unix::fs::symlink(&path, folder.join("link.db")).unwrap();
    let words = Database::open(Some(&folder.join("link.db")), ALL).unwrap_err().to_thrown().message;
    assert!(words.starts_with("SQLITE_CANTOPEN"), "{words}");

    // One with a virtual table and a view that calls what it may not.
    let made = folder.join("made.db");
    let trusted = rusqlite::Connection::open(&made).unwrap();
    trusted.pragma_update(None, "journal_mode", "wal").unwrap();
    trusted
        .execute_batch(
            "CREATE VIRTUAL TABLE f USING fts5(a); CREATE TABLE t (a); INSERT INTO t VALUES (1);
             CREATE VIEW v AS SELECT load_extension('x');",
        )
        .unwrap();
    drop(trusted);
    let database = Database::open(Some(&made), ALL).unwrap();
    assert_eq!(rows(&database, "SELECT * FROM f"), "SQLITE_ERROR: no such module: fts5");
    assert!(rows(&database, "SELECT * FROM v").starts_with("SQLITE_"));
    assert_eq!(rows(&database, "SELECT * FROM t"), "[1]");
    assert_eq!(done(database.execute("INSERT INTO t VALUES (2)", LEFT)), "done");
    assert!(!folder.join("made.db-shm").exists(), "no file is mapped that a plugin could make shorter");
}
