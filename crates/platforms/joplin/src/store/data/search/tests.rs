//! What searches find, as rows.

use serde_json::json;

use crate::store::data::testing::Notes;

fn library() -> Notes {
    let notes = Notes::new();
    let trips = notes.post("folders", json!({ "title": "Trips" }));
    let italy = notes.post("folders", json!({ "title": "Italy 100%", "parent_id": trips }));
    notes.post(
        "notes",
        json!({ "title": "apple", "body": "red fruit and a green one", "tags": "food,fruit" }),
    );
    notes.post("notes", json!({ "title": "banana", "body": "yellow fruit", "tags": "food", "is_todo": 1 }));
    notes.post("notes", json!({
        "title": "rome", "body": "fruit red, not red fruit; l'été", "parent_id": italy, "is_todo": 1, "todo_completed": 9,
        "source_url": "https://example.org/rome", "user_created_time": 1_600_000_000_000_i64
    }));
    notes.post(
        "notes",
        json!({ "title": "tokyo", "body": "日本の東京 <!-- mark --> 50%_off", "parent_id": trips }),
    );
    notes
}

#[test]
fn searching_for_words() {
    let notes = library();
    let check = |text: &str, expected: &str| assert_eq!(notes.found(text), expected, "{text}");
    check("fruit", "apple banana rome");
    check("FRUIT yellow", "banana");
    check("\"red fruit\"", "apple rome");
    check("\"fruit red\"", "rome");
    check("\"red green\"", "");
    check("fru", "");
    check("fru*", "apple banana rome");
    check("fruit -yellow", "apple rome");
    check("-fruit", "tokyo");
    check("-fru*", "tokyo");
    check("ete", "rome");
    check("title:apple", "apple");
    check("title:fruit", "");
    check("body:fruit title:b*", "banana");
    check("-title:apple fruit", "banana rome");
    check("body:\"red fruit\"", "apple rome");
    check("東京", "tokyo");
    check("<!--", "tokyo");
    check("/\"<!-- mark\"", "tokyo");
    check("/ruit", "apple banana rome");
    check("/50%_o", "tokyo");
    check("/0%off", "");
    check("*", "apple banana rome tokyo");
    check("any:1 yellow green", "apple banana");
    check("any:1 yellow 東京 -fruit", "banana tokyo");
}

#[test]
fn searching_with_filters() {
    let notes = library();
    let check = |text: &str, expected: &str| assert_eq!(notes.found(text), expected, "{text}");
    check("tag:food", "apple banana");
    check("tag:FOOD tag:fruit", "apple");
    check("tag:fo*", "apple banana");
    check("tag:*", "apple banana");
    check("-tag:*", "rome tokyo");
    check("any:1 tag:fruit title:rome", "apple rome");
    check("notebook:trips", "rome tokyo");
    check("notebook:\"italy 100%\"", "rome");
    check("notebook:tr%", "");
    check("notebook:tr*", "rome tokyo");
    check("notebook:home notebook:\"italy 100%\"", "apple banana rome");
    check("any:1 notebook:trips fruit 東京", "rome tokyo");
    check("-notebook:trips", "apple banana");
    check("type:todo", "banana rome");
    check("type:note", "apple tokyo");
    check("iscompleted:0", "banana");
    check("iscompleted:1", "rome");
    check("sourceurl:https*", "rome");
    check("created:2020", "apple banana rome tokyo");
    check("created:20200913 -created:20200914", "rome");
    check("created:202010 fruit", "apple banana");
    check("-created:day-1", "rome");
    check("updated:week-1 tag:fruit", "apple");
    check("due:day+1", "");
}

#[test]
fn malformed_searches() {
    let notes = library();
    let check = |text: &str, expected: &str| {
        assert_eq!(
            notes.try_get("search", json!({ "query": text })),
            Err((400, expected.to_string())),
            "{text}"
        );
    };
    check("type:page", "type: expected note or todo, found another text");
    check("iscompleted:2", "iscompleted: expected 0 or 1, found another text");
    let date = "created: expected a day such as 20240131, 2024 or week-1, found another text";
    for text in ["soon", "20", "20241", "2024013", "202401311", "day-x", "hour-1", "day-99999", "day--1"] {
        check(&format!("created:{text}"), date);
    }
}

#[test]
fn what_means_something_to_the_index_is_only_text() {
    let notes = library();
    for text in [
        "\"",
        "\"\"",
        "a\"b",
        "AND",
        "OR",
        "NOT",
        "fruit OR",
        "NEAR(a b)",
        "(",
        ")",
        "^a",
        "{title}: a",
        "a + b",
        ":",
        "-",
        "--",
        "title:",
        "title:\"",
        "\u{0}",
        "'; DROP TABLE notes; --",
        "\\",
        "%",
        "a^b*c",
        "-*",
        "any:",
        "/",
        "/*",
    ] {
        assert!(notes.try_get("search", json!({ "query": text })).is_ok(), "{text:?}");
    }
    let long = format!("{} tag:x notebook:y", "-w* ".repeat(62));
    assert!(notes.try_get("search", json!({ "query": long })).is_ok(), "as many terms as there may be");
}

#[test]
fn what_is_long_is_found_in_no_time() {
    let notes = Notes::new();
    let body = "a".repeat(3_000_000);
    notes.post("notes", json!({ "title": "letters", "body": body, "source_url": &body[..60_000] }));
    notes.post("notes", json!({ "title": "words", "body": "a ".repeat(1_500_000) }));
    let long = "a".repeat(4_000);
    let started = std::time::Instant::now();
    assert_eq!(notes.found(&format!("/{long}b")), "");
    assert_eq!(notes.found(&format!("/{long}")), "letters");
    assert_eq!(notes.found(&format!("sourceurl:{}b", "*a".repeat(2_000))), "");
    assert_eq!(notes.found(&format!("sourceurl:{}", "*a".repeat(2_000))), "letters");
    assert_eq!(notes.found(&"a ".repeat(64)), "words");
    // Compared letter by letter, the first search alone would take ten times as long as all may take.
    assert!(started.elapsed() < std::time::Duration::from_secs(4), "{:?}", started.elapsed());
}

#[test]
fn the_best_match_comes_first() {
    let notes = Notes::new();
    notes.post(
        "notes",
        json!({ "title": "one", "body": "pear and many other words that are not about it at all" }),
    );
    let best = notes.post("notes", json!({ "title": "pear", "body": "pear pear" }));
    notes.backdate(&best, 5);
    notes.post("notes", json!({ "title": "none", "body": "apple" }));
    assert_eq!(notes.titles("search", json!({ "query": "pear" })), "pear one");
    assert_eq!(notes.titles("search", json!({ "query": "pear", "limit": 1, "page": 2 })), "one");
    assert_eq!(notes.titles("search", json!({ "query": "pear", "order_by": "title" })), "one pear");
    assert_eq!(notes.titles("search", json!({ "query": "any:1 pear apple title:pear" })), "pear none one");
}

#[test]
fn the_index_follows_changes() {
    let notes = Notes::new();
    let id = notes.post("notes", json!({ "title": "n", "body": "before" }));
    notes.put(&format!("notes/{id}"), json!({ "body": "after" }));
    assert_eq!((notes.found("before"), notes.found("after")), (String::new(), "n".to_string()));
    notes.put(&format!("notes/{id}"), json!({ "title": "m" }));
    assert_eq!(notes.found("after"), "m");
    notes.check_index();
    notes.delete(&format!("notes/{id}"), json!({ "permanent": "1" }));
    notes.check_index();
}

#[test]
fn searching_for_other_items() {
    let notes = library();
    let check = |item_type: &str, text: &str, expected: &str| {
        let query = json!({ "query": text, "type": item_type, "order_by": "title" });
        assert_eq!(notes.titles("search", query), expected, "{item_type} {text}");
    };
    check("folder", "trips", "Trips");
    check("folder", "trip", "");
    check("folder", "*i*", "Italy 100% Trips");
    check("folder", "italy 100%", "Italy 100%");
    check("folder", "italy%", "");
    check("tag", "f*", "food fruit");
    check("resource", "*", "");
    check("note", "title:apple", "apple");
}
