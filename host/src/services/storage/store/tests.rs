//! Batches, bounds, and readers beside the writer.

use super::*;

fn store(most: u64) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), most).unwrap();
    (folder, store)
}

fn set(key: &str, value: &str) -> Change {
    (key.to_owned(), Some(value.to_owned()))
}

fn delete(key: &str) -> Change {
    (key.to_owned(), None)
}

#[test]
fn values_stay_until_they_are_removed() {
    let (folder, mut store) = store(10_000);
    let changed = store.apply(&[set("b", "1"), set("a", "{}"), set("b", "2"), delete("c")]).unwrap();
    assert_eq!(changed, ["a", "b"]);
    assert_eq!(store.apply(&[set("a", "{}")]).unwrap(), [""; 0], "nothing has changed");
    let used = store.usage();
    drop(store);
    let mut store = Store::open(folder.path(), 10_000).unwrap();
    assert_eq!(store.usage(), used);
    assert_eq!(store.get("b").unwrap().as_deref(), Some("2"));
    assert_eq!(store.get("B").unwrap(), None);
    store.apply(&[set("dir/x", "1"), set("dir/ü", "2"), set("dis", "3"), set("di%", "4")]).unwrap();
    assert_eq!(store.keys("dir/").unwrap(), ["dir/x", "dir/ü"]);
    assert_eq!(store.keys("di%").unwrap(), ["di%"]);
    assert_eq!(store.clear("dir/").unwrap(), ["dir/x", "dir/ü"]);
    assert_eq!(store.clear("").unwrap(), ["a", "b", "di%", "dis"]);
    assert_eq!(store.usage(), (0, 10_000));
}

#[test]
fn a_batch_is_stored_whole_or_not_at_all() {
    let (_folder, mut store) = store(1_000);
    store.apply(&[set("a", "1")]).unwrap();
    let before = store.usage();
    let long = format!("\"{}\"", "x".repeat(900));
    let error = store.apply(&[set("a", "2"), set("b", &long)]).unwrap_err();
    assert_eq!(error, StorageError::Quota { most: 1_000, wanted: 2 * (1 + ENTRY) + 1 + 902 });
    let error = store.apply(&[delete("a"), set("c", "no json")]).unwrap_err();
    assert!(matches!(error, StorageError::Value { key, .. } if key == "c"));
    assert_eq!(store.get("a").unwrap().as_deref(), Some("1"));
    assert_eq!(store.keys("").unwrap(), ["a"]);
    assert_eq!(store.usage(), before);
}

#[test]
fn every_bound_has_its_error() {
    let (folder, mut store) = store(10_000);
    let long = "k".repeat(KEY + 1);
    assert_eq!(store.apply(&[set(&long, "1")]), Err(StorageError::Key { most: KEY, found: KEY + 1 }));
    let many = Vec::from_iter((0..=CHANGES).map(|number| delete(&number.to_string())));
    assert_eq!(store.apply(&many), Err(StorageError::Changes { most: CHANGES, found: CHANGES + 1 }));
    let deep = "[".repeat(200) + &"]".repeat(200);
    assert!(matches!(store.apply(&[set("a", &deep)]), Err(StorageError::Value { .. })));
    // Empty values under short keys fill it as well.
    let mut stored = 0;
    while store.apply(&[set(&stored.to_string(), "0")]).is_ok() {
        stored += 1;
    }
    assert!((100..160).contains(&stored), "{stored}");
    // A quota that has become smaller lets one clear up.
    drop(store);
    let mut store = Store::open(folder.path(), 100).unwrap();
    assert!(matches!(store.apply(&[set("0", "11")]), Err(StorageError::Quota { .. })));
    store.apply(&[delete("0"), delete("1")]).unwrap();
}

#[test]
fn others_read_whole_batches_while_it_is_written() {
    let (folder, mut store) = store(1_000_000);
    assert_eq!(Store::look(&folder.path().join("none")), Err(StorageError::Nothing));
    std::thread::scope(|scope| {
        let path = folder.path();
        let reader = scope.spawn(move || {
            loop {
                let seen = Store::look(path).unwrap();
                let values = Vec::from_iter(seen.values());
                assert!(values.windows(2).all(|pair| pair[0] == pair[1]), "{values:?}");
                if values.first().is_some_and(|value| *value == "199") {
                    return;
                }
            }
        });
        for number in 0..200 {
            let value = number.to_string();
            store.apply(&[set("a", &value), set("b", &value), set("c", &value)]).unwrap();
        }
        reader.join().unwrap();
    });
}

#[test]
fn what_is_no_store_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), "this is no database at all, whatever its name says").unwrap();
    let error = Store::open(folder.path(), 100).unwrap_err();
    assert!(matches!(&error, StorageError::Disk(words) if words.contains("not a database")), "{error}");
    let newer = tempfile::tempdir().unwrap();
    drop(Store::open(newer.path(), 100).unwrap());
    Connection::open(newer.path().join(FILE)).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let error = Store::open(newer.path(), 100).unwrap_err();
    assert_eq!(error, StorageError::Disk("expected a store of version 1, found 2".to_owned()));
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let (_folder, mut store) = store(10_000_000);
    store.apply(&[set("a", "1")]).unwrap();
    let before = store.usage();
    // SQLite says the same of a file that may not grow as of a disk that has no room.
    let pages: i64 = store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let bound = |store: &Store, pages: i64| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        store.connection.query_row(&sql, [], |_| Ok(())).unwrap();
    };
    bound(&store, pages);
    let long = format!("\"{}\"", "x".repeat(100_000));
    assert_eq!(store.apply(&[set("a", "2"), set("b", &long)]), Err(StorageError::DiskFull));
    assert_eq!((store.get("a").unwrap().as_deref(), store.usage()), (Some("1"), before));
    bound(&store, pages + 1_000);
    store.apply(&[set("a", "2"), set("b", &long)]).unwrap();
}
