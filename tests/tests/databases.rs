//! Databases of plugins: the module `sqlite3` on files in their data folders.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, Limits, Plugin};
use plughold_tests::{TestHost, patiently};

async fn text(plugin: &Plugin, export: &str) -> String {
    let called = patiently(export, plugin.call::<_, String>(export, ())).await;
    called.unwrap_or_else(|error| format!("{error:?}"))
}

const SOURCE: &str = "
const sqlite3 = require('sqlite3').verbose();
const fs = require('fs');
const called = (target, name, ...args) => new Promise((fulfil, reject) => {
  target[name](...args, function (error, value) { error ? reject(error) : fulfil([value, this]); });
});
const failed = (error) => error.code + ' | ' + error.message;
const open = (...args) => new Promise((fulfil, reject) => {
  const database = new sqlite3.Database(...args, (error) => (error ? reject(error) : fulfil(database)));
});
exports.go = async () => {
  const seen = [];
  const database = await open('notes.db');
  await called(database, 'exec', 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, body BLOB)');
  const [, made] = await called(database, 'run', 'INSERT INTO notes (text, body) VALUES (?, ?)', ['one', Buffer.from([1, 2])]);
  const [, second] = await called(database, 'run', 'INSERT INTO notes (text) VALUES ($text)', { $text: 'two' });
  seen.push(made.lastID, second.lastID, second.changes);
  const [row] = await called(database, 'get', 'SELECT * FROM notes WHERE id = ?', 1);
  seen.push(row.text, Buffer.isBuffer(row.body), row.body.length);
  const [rows] = await called(database, 'all', 'SELECT id, text FROM notes ORDER BY id');
  seen.push(JSON.stringify(rows));
  const each = [];
  const count = await new Promise((fulfil) => database.each('SELECT id FROM notes', (error, found) => each.push(found.id), (error, all) => fulfil(all)));
  seen.push(each.join(), count);
  const statement = database.prepare('INSERT INTO notes (text) VALUES (?)');
  await called(statement, 'run', 'three');
  seen.push(statement.lastID);
  seen.push(await called(database, 'get', 'SELECT * FROM none').catch(failed));
  seen.push((await called(database, 'get', 'SELECT 1 AS one WHERE 0'))[0]);
  await called(database, 'close');
  seen.push(await called(database, 'get', 'SELECT 1').catch(failed));
  const again = await open('/plugin-data/notes.db', sqlite3.OPEN_READONLY);
  seen.push((await called(again, 'get', 'SELECT count(*) AS n FROM notes'))[0].n);
  seen.push(await called(again, 'run', 'DELETE FROM notes').catch(failed));
  seen.push(fs.existsSync('notes.db'));
  return seen.map(String).join('\\n');
};
exports.refused = async () => {
  const refused = [];
  for (const path of ['/etc/passwd', '../x.db', '/main.js', 'none/x.db', 'a\\0b', '/plugin-data', 'file:/etc/passwd?mode=ro', 'tmp']) {
    refused.push(await open(path).then(() => path + ' was opened', (error) => error.code));
  }
  const database = await open(':memory:');
  for (const sql of [`ATTACH '/tmp/x' AS x`, `VACUUM INTO '/tmp/x'`, `SELECT load_extension('x')`]) {
    refused.push(await called(database, 'exec', sql).catch(failed));
  }
  return refused.join('\\n');
};
exports.many = async () => {
  let opened = 0;
  try { for (;;) { await open(':memory:'); opened += 1; } } catch (error) { return opened + ' ' + failed(error); }
};
exports.full = async () => {
  const database = await open('full.db');
  await called(database, 'exec', 'CREATE TABLE a (b)');
  let error;
  for (let i = 0; i < 1000 && !error; i += 1) await called(database, 'run', 'INSERT INTO a VALUES (randomblob(20000))').catch((thrown) => { error = thrown; });
  const code = (() => { try { fs.writeFileSync('more', 'x'.repeat(200000)); return 'written'; } catch (thrown) { return thrown.code; } })();
  return [failed(error), code].join('\\n');
};
exports.tampered = async () => {
  const database = await open('broken.db');
  await called(database, 'exec', 'CREATE TABLE a (b); INSERT INTO a VALUES (randomblob(100000))');
  fs.truncateSync('broken.db', 5000);
  const first = await called(database, 'all', 'SELECT length(b) FROM a').then(() => 'read', (error) => error.code);
  fs.writeFileSync('broken.db', 'x'.repeat(9999));
  const second = await called(database, 'run', 'INSERT INTO a VALUES (1)').then(() => 'written', (error) => error.code);
  return [first, second, 'alive'].join(' ');
};
";

fn host() -> (TestHost, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("data");
    let mut limits = Limits::default();
    limits.files = 1 << 20;
    (TestHost::built(Api::new(()), |builder| builder.data(path).limits(limits)), data)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_keeps_a_database() {
    let (mut host, _data) = host();
    let plugin = host.load("keeper", SOURCE).await;
    let expected = "1\n2\n1\none\ntrue\n2\n[{\"id\":1,\"text\":\"one\"},{\"id\":2,\"text\":\"two\"}]\n1,2\n2\n3\n\
                    SQLITE_ERROR | SQLITE_ERROR: no such table: none\nundefined\n\
                    SQLITE_MISUSE | SQLITE_MISUSE: Database is closed\n3\n\
                    SQLITE_READONLY | SQLITE_READONLY: attempt to write a readonly database\ntrue";
    assert_eq!(text(&plugin, "go").await, expected);
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_reaches_nothing_else() {
    let (mut host, _data) = host();
    let plugin = host.load("keeper", SOURCE).await;
    let refused = text(&plugin, "refused").await;
    let lines = Vec::from_iter(refused.lines());
    assert_eq!(lines.len(), 11, "{refused}");
    assert!(lines[..8].iter().all(|line| *line == "SQLITE_CANTOPEN"), "{refused}");
    assert!(lines[8..].iter().all(|line| line.starts_with("SQLITE_")), "{refused}");
    assert_eq!(
        text(&plugin, "many").await,
        "7 SQLITE_CANTOPEN | SQLITE_CANTOPEN: expected at most 8 open databases"
    );
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_no_more_than_its_quota_and_survives_its_own_tampering() {
    let (mut host, data) = host();
    let plugin = host.load("keeper", SOURCE).await;
    assert_eq!(text(&plugin, "full").await, "SQLITE_FULL | SQLITE_FULL: database or disk is full\nENOSPC");
    let length = std::fs::metadata(data.path().join("data/keeper/files/full.db")).unwrap().len();
    assert!(length <= 1 << 20, "{length}");
    host.finish().await;

    let (mut host, _data) = self::host();
    let plugin = host.load("keeper", SOURCE).await;
    let outcome = text(&plugin, "tampered").await;
    assert!(outcome.ends_with("alive"), "{outcome}");
    host.finish().await;
}
