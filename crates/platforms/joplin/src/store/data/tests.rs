//! Rules of the data API, as rows.

use serde_json::json;

use super::testing::{Notes, id_of, parts, path, titles};
use super::*;
use crate::store::limits::{MAX_FOLDER_DEPTH, MAX_TEXT_BYTES};

#[test]
fn an_item_from_beginning_to_end() {
    let notes = Notes::new();
    let made =
        notes.try_post("notes", json!({ "title": "T", "body": "B", "is_todo": true, "no_such": 1 })).unwrap();
    let id = id_of(&made);
    assert!(items::is_id(&id), "{id}");
    assert_eq!(made.as_object().unwrap().len(), NOTES.columns.len());
    assert_eq!(
        (&made["title"], &made["is_todo"], &made["markup_language"]),
        (&json!("T"), &json!(1), &json!(1))
    );
    assert_eq!(
        (&made["parent_id"], &made["created_time"]),
        (&json!(notes.folder), &made["user_updated_time"])
    );
    assert!(0 < made["created_time"].as_i64().unwrap());

    let address = format!("notes/{id}");
    assert_eq!(
        notes.get(&address, json!(null)),
        json!({ "id": id, "parent_id": notes.folder, "title": "T", "deleted_time": 0 })
    );
    assert_eq!(
        notes.get(&address, json!({ "fields": ["body", "order"] })),
        json!({ "body": "B", "order": 0 })
    );
    assert_eq!(notes.get(&address, json!({ "fields": "*" })), made);

    let changed = notes.put(&address, json!({
        "body": "C", "latitude": 48.2, "id": "x", "created_time": 5, "updated_time": 5, "user_created_time": 7
    }));
    assert_eq!(
        (&changed["body"], &changed["title"], &changed["latitude"]),
        (&json!("C"), &json!("T"), &json!(48.2))
    );
    assert_eq!((&changed["id"], &changed["created_time"]), (&made["id"], &made["created_time"]));
    assert_eq!(changed["user_created_time"], 7);
    assert!(made["updated_time"].as_i64() <= changed["updated_time"].as_i64());

    notes.delete(&address, json!({ "permanent": "1" }));
    assert_eq!(notes.try_get(&address, json!(null)), Err((404, "Not Found".into())));
}

#[test]
fn refusals() {
    let notes = Notes::new();
    let note = notes.post("notes", json!({}));
    let folder = &notes.folder;
    let tag = notes.post("tags", json!({ "title": "work" }));
    let absent = "0".repeat(32);
    let not_found = || Err((404, "Not Found".to_string()));
    let not_allowed = || Err((405, "Method Not Allowed".to_string()));

    for address in
        ["events", "notes/0", "folders/0/notes", "tags/0/notes", "notes/0/tags", "notes/0/resources"]
    {
        assert_eq!(notes.try_get(address, json!({})), not_found(), "GET {address}");
    }
    assert_eq!(notes.try_get(&format!("tags/{tag}/notes/{note}"), json!({})), not_allowed());
    for address in [
        "search",
        &format!("notes/{note}"),
        &format!("notes/{note}/tags"),
        &format!("folders/{folder}/notes"),
    ] {
        assert_eq!(notes.try_post(address, json!({})), not_allowed(), "POST {address}");
    }
    for address in ["notes", "search", &format!("tags/{tag}/notes")] {
        assert_eq!(notes.try_put(address, json!({})), not_allowed(), "PUT {address}");
    }
    for address in ["notes", "search", &format!("folders/{folder}/notes")] {
        assert_eq!(
            notes.try_delete(address, json!({})).map(|()| json!(null)),
            not_allowed(),
            "DELETE {address}"
        );
    }
    for address in ["notes", "folders", "tags", "resources"] {
        let address = format!("{address}/{absent}");
        assert_eq!(notes.try_put(&address, json!({})), not_found(), "PUT {address}");
        assert_eq!(
            notes.try_delete(&address, json!({})).map(|()| json!(null)),
            not_found(),
            "DELETE {address}"
        );
    }

    let check = |found: Result<Value, (u16, String)>, expected: &str| {
        assert_eq!(found, Err((400, expected.to_string())));
    };
    check(
        notes.try_get("notes", json!({ "fields": "id,nothing" })),
        "fields: expected a field of notes, found \"nothing\"",
    );
    check(
        notes.try_get("notes", json!({ "fields": "folder_id" })),
        "fields: expected a field of notes, found \"folder_id\"",
    );
    check(
        notes.try_get("tags", json!({ "fields": "body" })),
        "fields: expected a field of tags, found \"body\"",
    );
    check(notes.try_get("notes", json!({ "order_by": "1; DROP TABLE notes" })), {
        "order_by: expected a field of notes, found \"1; DROP TABLE notes\""
    });
    check(notes.try_get("search", json!({})), "Missing \"query\" parameter");
    check(notes.try_get("search", json!({ "query": "a", "type": "page" })), {
        "type: expected note, folder, tag or resource, found another text"
    });
    check(notes.try_post("notes", json!([])), "body: expected an object, found a list");
    check(notes.try_post("notes", json!({ "title": [] })), "notes.title: expected a text, found a list");
    check(
        notes.try_post("notes", json!({ "id": "abc" })),
        "id: expected 32 hexadecimal digits in lower case",
    );
    check(
        notes.try_post("notes", json!({ "id": note })),
        &format!("id: expected one that is free, found {note} in use"),
    );
    check(
        notes.try_post("notes", json!({ "parent_id": "x" })),
        "notes.parent_id: expected the id of a folder, found \"x\"",
    );
    check(notes.try_put(&format!("notes/{note}"), json!({ "parent_id": "" })), {
        "notes.parent_id: expected the id of a folder, found none"
    });
    check(notes.try_post(&format!("tags/{tag}/notes"), json!({})), "Missing note ID");
    check(notes.try_delete(&format!("tags/{tag}/notes"), json!({})).map(|()| json!(null)), "Missing note ID");
    let long = "x".repeat(MAX_TEXT_BYTES + 1);
    check(notes.try_post("notes", json!({ "body": long })), {
        "notes.body: expected at most 33554432 bytes, found 33554433"
    });
    let empty = Store::in_memory().unwrap();
    check(
        post(&empty, &path("notes"), &Query::default(), &json!({})).map_err(parts),
        "Cannot find folder for note",
    );
}

#[test]
fn ids_may_be_chosen() {
    let notes = Notes::new();
    let id = "0123456789abcdef0123456789abcdef";
    assert_eq!(notes.post("notes", json!({ "id": id })), id);
    assert_ne!(notes.post("notes", json!({ "id": "" })), "");
}

#[test]
fn pages_are_exact() {
    let check = |count: usize, limit: u32, page: u32, expected: (usize, bool)| {
        let notes = Notes::new();
        for _ in 0..count {
            notes.post("notes", json!({}));
        }
        let found = notes.get("notes", json!({ "limit": limit, "page": page }));
        let items = found["items"].as_array().unwrap().len();
        assert_eq!((items, found["has_more"].as_bool().unwrap()), expected, "{count} {limit} {page}");
    };
    check(0, 10, 1, (0, false));
    check(5, 5, 1, (5, false));
    check(6, 5, 1, (5, true));
    check(6, 5, 2, (1, false));
    check(10, 5, 2, (5, false));
    check(10, 5, 3, (0, false));
    check(3, 1, 1_000_000, (0, false));
    check(101, 100, 1, (100, true));
}

#[test]
fn pages_do_not_overlap_when_items_are_equal() {
    let notes = Notes::new();
    for number in 0..7 {
        notes.post("notes", json!({ "title": "same", "body": number.to_string() }));
    }
    let mut bodies = Vec::new();
    for page in 1..=3 {
        let found =
            notes.get("notes", json!({ "limit": 3, "page": page, "order_by": "title", "fields": "body" }));
        bodies.extend(
            found["items"].as_array().unwrap().iter().map(|item| item["body"].as_str().unwrap().to_string()),
        );
    }
    assert_eq!(bodies, ["0", "1", "2", "3", "4", "5", "6"]);
}

#[test]
fn order() {
    let notes = Notes::new();
    for (title, order) in [("Banana", 10), ("apple", 9), ("cherry", -1), ("apricot", 100)] {
        notes.post("notes", json!({ "title": title, "order": order }));
    }
    let check =
        |query: Value, expected: &str| assert_eq!(notes.titles("notes", query.clone()), expected, "{query}");
    check(json!({ "order_by": "title" }), "apple apricot Banana cherry");
    check(json!({ "order_by": "title", "order_dir": "DESC" }), "cherry Banana apricot apple");
    check(json!({ "order_by": "order" }), "cherry apple Banana apricot");
    check(json!({ "order_by": "order", "order_dir": "desc" }), "apricot Banana apple cherry");
}

#[test]
fn the_default_order_is_that_of_changes() {
    let notes = Notes::new();
    let ids: Vec<String> =
        ["a", "b", "c"].iter().map(|title| notes.post("notes", json!({ "title": title }))).collect();
    for (id, time) in ids.iter().zip([30, 10, 20]) {
        notes.backdate(id, time);
    }
    assert_eq!(notes.titles("notes", json!({})), "b c a");
    assert_eq!(notes.titles("notes", json!({ "order_dir": "DESC" })), "a c b");
    assert_eq!(
        notes.titles("search", json!({ "query": "type:note" })),
        "a c b",
        "a search has the latest first"
    );
}

#[test]
fn an_answer_is_bounded() {
    let notes = Notes::new();
    let half = "x".repeat(MAX_TEXT_BYTES / 2);
    for _ in 0..2 {
        notes.post("notes", json!({ "body": half }));
    }
    assert!(notes.try_get("notes", json!({ "fields": "body" })).is_ok());
    notes.post("notes", json!({ "body": "x" }));
    assert_eq!(notes.try_get("notes", json!({ "fields": "body" })).unwrap_err().0, 400);
    assert!(notes.try_get("notes", json!({ "fields": "body", "limit": 2 })).is_ok());
    assert!(notes.try_get("notes", json!({ "fields": "title" })).is_ok());
}

#[test]
fn the_trash() {
    let notes = Notes::new();
    let kept = notes.post("notes", json!({ "title": "kept" }));
    let gone = notes.post("notes", json!({ "title": "gone" }));
    notes.post("notes", json!({ "title": "conflict", "is_conflict": 1 }));
    let address = format!("notes/{gone}");
    notes.delete(&address, json!({ "permanent": "0" }));
    let time = notes.get(&address, json!({}))["deleted_time"].as_i64().unwrap();
    assert!(0 < time);

    let by_title = |mut query: Value| {
        query["order_by"] = json!("title");
        query
    };
    for list in ["notes".to_string(), format!("folders/{}/notes", notes.folder)] {
        assert_eq!(notes.titles(&list, json!({})), "kept", "{list}");
        assert_eq!(notes.titles(&list, by_title(json!({ "include_deleted": "1" }))), "gone kept", "{list}");
        assert_eq!(
            notes.titles(&list, by_title(json!({ "include_conflicts": "1" }))),
            "conflict kept",
            "{list}"
        );
    }
    assert_eq!(notes.found("gone"), "");
    notes.delete(&address, json!({}));
    assert_eq!(notes.get(&address, json!({}))["deleted_time"], time, "it went only once");
    notes.put(&address, json!({ "deleted_time": 0 }));
    assert_eq!(notes.found("gone"), "gone");
    notes.delete(&address, json!({ "permanent": "1" }));
    assert_eq!(notes.titles("notes", json!({ "include_deleted": "1" })), "kept");
    assert_eq!(notes.get(&format!("notes/{kept}"), json!({}))["deleted_time"], 0);
}

#[test]
fn a_folder_takes_along_what_is_in_it() {
    let everything = |notes: &Notes, query: Value| {
        let mut query = query;
        query["order_by"] = json!("title");
        format!("{} / {}", notes.titles("folders", query.clone()), notes.titles("notes", query))
    };
    let notes = Notes::new();
    let outer = notes.post("folders", json!({ "title": "Outer" }));
    let inner = notes.post("folders", json!({ "title": "Inner", "parent_id": outer }));
    notes.post("notes", json!({ "title": "home" }));
    notes.post("notes", json!({ "title": "deep", "parent_id": inner }));
    let earlier = notes.post("notes", json!({ "title": "earlier", "parent_id": outer }));
    notes.put(&format!("notes/{earlier}"), json!({ "deleted_time": 5 }));

    notes.delete(&format!("folders/{outer}"), json!({}));
    assert_eq!(everything(&notes, json!({})), "Home / home");
    assert_eq!(everything(&notes, json!({ "include_deleted": "1" })), "Home Inner Outer / deep earlier home");
    assert_eq!(notes.get(&format!("notes/{earlier}"), json!({}))["deleted_time"], 5);
    notes.delete(&format!("folders/{outer}"), json!({ "permanent": "1" }));
    assert_eq!(everything(&notes, json!({ "include_deleted": "1" })), "Home / home");
    notes.check_index();
}

#[test]
fn folders_as_a_tree() {
    let notes = Notes::new();
    let outer = notes.post("folders", json!({ "title": "Outer" }));
    let b = notes.post("folders", json!({ "title": "b", "parent_id": outer }));
    notes.post("folders", json!({ "title": "A", "parent_id": outer }));
    notes.post("folders", json!({ "title": "c", "parent_id": b }));
    let tree = |query: Value| notes.get("folders", query);
    assert_eq!(
        tree(json!({ "as_tree": 1, "fields": "title" })),
        json!([
            { "title": "Home" },
            { "title": "Outer", "children": [{ "title": "A" }, { "title": "b", "children": [{ "title": "c" }] }] },
        ])
    );
    assert_eq!(
        tree(json!({ "as_tree": "1" }))[0],
        json!({
            "id": notes.folder, "parent_id": "", "title": "Home", "deleted_time": 0
        })
    );
    notes.put(&format!("folders/{b}"), json!({ "deleted_time": 5 }));
    assert_eq!(
        tree(json!({ "as_tree": 1, "fields": "title" })),
        json!([{ "title": "c" }, { "title": "Home" }, { "title": "Outer", "children": [{ "title": "A" }] }])
    );
}

#[test]
fn folders_are_no_cycle_and_not_too_deep() {
    let notes = Notes::new();
    let mut ids = vec![notes.folder.clone()];
    for _ in 1..MAX_FOLDER_DEPTH {
        ids.push(notes.post("folders", json!({ "parent_id": ids.last().unwrap() })));
    }
    let (top, middle, last) = (&ids[0], &ids[10], ids.last().unwrap());
    let too_deep = |found: u32| {
        Err((400, format!("folders.parent_id: expected at most 24 levels of folders, found {found}")))
    };
    let inside = Err((400, "folders.parent_id: expected a folder that is not in this one".to_string()));
    assert_eq!(notes.try_post("folders", json!({ "parent_id": last })), too_deep(25));
    for parent in [top, middle, last] {
        assert_eq!(
            notes.try_put(&format!("folders/{top}"), json!({ "parent_id": parent })),
            inside,
            "{parent}"
        );
    }
    let other = notes.post("folders", json!({}));
    assert_eq!(notes.try_put(&format!("folders/{top}"), json!({ "parent_id": other })), too_deep(25));
    assert_eq!(notes.put(&format!("folders/{middle}"), json!({ "parent_id": "" }))["parent_id"], "");
    assert_eq!(notes.put(&format!("folders/{top}"), json!({ "parent_id": other }))["parent_id"], other);
    assert_eq!(notes.try_put(&format!("folders/{top}"), json!({ "parent_id": "nobody" })), {
        Err((400, "folders.parent_id: expected the id of a folder, found \"nobody\"".to_string()))
    });
}

#[test]
fn tags_are_attached_and_detached() {
    let notes = Notes::new();
    let note = notes.post("notes", json!({ "title": "N" }));
    let work = notes.try_post("tags", json!({ "title": "  WORK " })).unwrap();
    assert_eq!(work["title"], "work");
    let work = id_of(&work);
    let of_tag = format!("tags/{work}/notes");
    let attached = notes.try_post(&of_tag, json!({ "id": note })).unwrap();
    assert_eq!((&attached["note_id"], &attached["tag_id"]), (&json!(note), &json!(work)));
    assert_eq!(notes.try_post(&of_tag, json!({ "id": note })).unwrap(), attached, "again changes nothing");
    assert_eq!(notes.titles(&of_tag, json!({})), "N");
    assert_eq!(notes.titles(&format!("notes/{note}/tags"), json!({ "fields": "title" })), "work");
    assert_eq!(
        notes.get(&format!("notes/{note}/tags"), json!({}))["items"],
        json!([{ "id": work, "parent_id": "", "title": "work" }])
    );

    assert_eq!(notes.try_post(&of_tag, json!({ "id": "nobody" })), Err((404, "Not Found".into())));
    assert_eq!(notes.try_post("tags/0/notes", json!({ "id": note })), Err((404, "Not Found".into())));
    notes.delete(&format!("{of_tag}/{note}"), json!({}));
    assert_eq!(notes.titles(&of_tag, json!({})), "");
    notes.delete(&format!("{of_tag}/{note}"), json!({}));

    notes.post(&of_tag, json!({ "id": note }));
    notes.delete(&format!("tags/{work}"), json!({}));
    assert_eq!(notes.titles(&format!("notes/{note}/tags"), json!({})), "");
}

#[test]
fn titles_of_tags() {
    let notes = Notes::new();
    let work = notes.post("tags", json!({ "title": "work" }));
    let play = notes.post("tags", json!({ "title": "play" }));
    let taken =
        || Err((400, format!("tags.title: expected one that is free, found \"work\" in use by {work}")));
    assert_eq!(notes.try_post("tags", json!({ "title": "Work" })), taken());
    assert_eq!(notes.try_put(&format!("tags/{play}"), json!({ "title": "WORK" })), taken());
    assert!(
        notes.try_put(&format!("tags/{work}"), json!({ "title": "Work" })).is_ok(),
        "its own title is no other's"
    );
    assert!(notes.try_put(&format!("tags/{work}"), json!({})).is_ok());
    let check = |body: Value, expected: &str| {
        assert_eq!(notes.try_post("tags", body), Err((400, expected.to_string())));
    };
    check(json!({}), "tags.title: expected a title");
    check(json!({ "title": "  " }), "tags.title: expected a title, found an empty text");
}

#[test]
fn a_note_brings_its_tags() {
    let notes = Notes::new();
    let work = notes.post("tags", json!({ "title": "work" }));
    let note = notes.post("notes", json!({ "tags": "Work, new , ,new" }));
    let tags = notes.get(&format!("notes/{note}/tags"), json!({ "order_by": "title" }));
    assert_eq!(titles(&tags), "new work");
    assert_eq!(tags["items"][1]["id"], work);
    let many: Vec<String> = (0..101).map(|number| number.to_string()).collect();
    assert_eq!(notes.try_post("notes", json!({ "title": "many", "tags": many.join(",") })), {
        Err((400, "notes.tags: expected at most 100 titles, found 101".to_string()))
    });
    assert_eq!(notes.found("many"), "", "a note that was refused is not there");
}

#[test]
fn resources_of_a_note() {
    let notes = Notes::new();
    let image = notes.post("resources", json!({ "title": "image", "mime": "image/png", "size": 5 }));
    notes.post("resources", json!({ "title": "other" }));
    let note = notes.post("notes", json!({ "body": format!("![](:/{image}) and again :/{image}") }));
    let plain = notes.post("notes", json!({}));
    assert_eq!(
        notes.get(&format!("notes/{note}/resources"), json!({ "fields": "id,title,size" })),
        json!({ "items": [{ "id": image, "title": "image", "size": 5 }], "has_more": false })
    );
    assert_eq!(notes.titles(&format!("notes/{plain}/resources"), json!({})), "");
}

#[test]
fn a_store_opened_again_has_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.sqlite");
    let query = Query::default();
    let store = Store::open(&file).unwrap();
    post(&store, &path("folders"), &query, &json!({ "title": "F" })).unwrap();
    let note =
        post(&store, &path("notes"), &query, &json!({ "title": "T", "body": "words", "tags": "a" })).unwrap();
    drop(store);

    let store = Store::open(&file).unwrap();
    let all = Query { fields: vec!["*".into()], ..Query::default() };
    assert_eq!(get(&store, &path(&format!("notes/{}", id_of(&note))), &all).unwrap(), note);
    let search = Query { search: Some("words tag:a".into()), ..Query::default() };
    assert_eq!(titles(&get(&store, &path("search"), &search).unwrap()), "T");
}
