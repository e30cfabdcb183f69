//! Rules of settings, as rows.

use serde_json::json;

use super::*;
use crate::store::limits::{MAX_SECTIONS_PER_PLUGIN, MAX_SETTINGS_PER_PLUGIN};

const PLUGIN: &str = "org.example.notes";

fn settings() -> Settings {
    Settings::new(Store::in_memory().unwrap(), AppSettings::default())
}

fn declare(items: Value) -> Result<Declared, String> {
    let declared = Declared::new(PLUGIN);
    declare_more(&declared, items).map(|()| declared)
}

fn declare_more(declared: &Declared, items: Value) -> Result<(), String> {
    declared.register(items.as_object().unwrap()).map_err(|error| error.to_string())
}

#[test]
fn defaults() {
    let check = |item: Value, expected: Value| {
        let settings = settings();
        let declared = declare(json!({ "k": item })).unwrap();
        assert_eq!(settings.value(&declared, "k").unwrap(), expected, "{item}");
    };
    for (number, empty) in
        [json!(0), json!(""), json!(false), json!([]), json!({}), json!(null)].iter().enumerate()
    {
        check(json!({ "type": number + 1, "value": null }), empty.clone());
        check(json!({ "type": number + 1 }), empty.clone());
    }
    check(json!({ "type": 1, "value": 7 }), json!(7));
    check(json!({ "type": 1.0, "value": "7" }), json!(7));
    check(json!({ "type": 1, "value": "seven" }), json!(0));
    check(json!({ "type": 2, "value": 7 }), json!("7"));
    check(json!({ "type": 3, "value": "true" }), json!(true));
    check(json!({ "type": 4, "value": [1] }), json!([1]));
    check(json!({ "type": 5, "value": "{\"a\":1}" }), json!({ "a": 1 }));
    check(json!({ "type": 2, "value": "c", "isEnum": true, "options": { "a": "A" } }), json!("c"));
}

#[test]
fn malformed_declarations() {
    let check = |item: Value, expected: &str| {
        let error = declare(json!({ "k": item })).unwrap_err();
        assert_eq!(error, format!("setting \"plugin-{PLUGIN}.k\": {expected}"), "{item}");
    };
    check(json!(5), "expected an object, found a number");
    check(json!({}), "type: expected a whole number from 1 to 6, found nothing");
    check(json!({ "type": "2" }), "type: expected a whole number from 1 to 6, found a text");
    check(json!({ "type": 0 }), "type: expected a whole number from 1 to 6, found 0");
    check(json!({ "type": 7 }), "type: expected a whole number from 1 to 6, found 7");
    check(json!({ "type": -1 }), "type: expected a whole number from 1 to 6, found -1");
    check(json!({ "type": 1.5 }), "type: expected a whole number from 1 to 6, found 1.5");
    check(json!({ "type": 1, "isEnum": true }), "options: expected an object, found nothing");
    check(json!({ "type": 1, "isEnum": true, "options": [] }), "options: expected an object, found a list");
    check(
        json!({ "type": 2, "value": "x".repeat(MAX_SETTING_BYTES) }),
        "expected at most 1048576 bytes, found 1048597",
    );
}

#[test]
fn keys() {
    let check = |key: &str, expected: Option<&str>| {
        let found = declare(json!({ key: { "type": 1 } })).err();
        let expected =
            expected.map(|reason| format!("setting key {:?}: {reason}", format!("plugin-{PLUGIN}.{key}")));
        assert_eq!(found, expected, "{key}");
    };
    let spare = MAX_SETTING_KEY_CHARS - format!("plugin-{PLUGIN}.").len();
    check("a_B-9.c", None);
    check("", None);
    check(&"k".repeat(spare), None);
    check(&"k".repeat(spare + 1), Some("expected at most 128 characters, found 129"));
    for key in ["a b", "a/b", "é", "a\n"] {
        check(key, Some("expected only letters, digits, \"_\", \"-\" and \".\""));
    }
}

#[test]
fn declarations_are_kept_whole_or_not_at_all() {
    let declared = Declared::new(PLUGIN);
    declare_more(&declared, json!({ "a": { "type": 1 }, "b": { "type": 9 } })).unwrap_err();
    assert!(declared.items().is_empty());
}

#[test]
fn too_many_declarations() {
    let items = |range: std::ops::Range<usize>| {
        Value::Object(range.map(|number| (format!("k{number}"), json!({ "type": 1 }))).collect())
    };
    let declared = declare(items(0..MAX_SETTINGS_PER_PLUGIN)).unwrap();
    declare_more(&declared, items(0..1)).unwrap();
    let one_more = items(MAX_SETTINGS_PER_PLUGIN..MAX_SETTINGS_PER_PLUGIN + 1);
    let error = declare_more(&declared, one_more).unwrap_err();
    assert_eq!(error, "expected at most 10000 settings for a plugin");

    for number in 0..MAX_SECTIONS_PER_PLUGIN {
        declared.register_section(&format!("s{number}"), &json!({ "label": "S" })).unwrap();
    }
    declared.register_section("s0", &json!({ "label": "T" })).unwrap();
    let error = declared.register_section("one.more", &json!({})).unwrap_err();
    assert!(matches!(error, SettingsError::TooMany { what: "sections", .. }));
    assert_eq!(declared.sections()["s0"], json!({ "label": "T" }));
}

#[test]
fn setting_a_value() {
    /// Declares a setting, sets it, and compares whether it changed and what it is.
    fn check(item: Value, value: Value, expected: Result<(bool, Value), &str>) {
        let settings = settings();
        let declared = declare(json!({ "k": item })).unwrap();
        let found = settings
            .set_value(&declared, "k", &value)
            .map(|changed| (changed, settings.value(&declared, "k").unwrap()));
        let expected = expected.map_err(|reason| format!("value of setting \"plugin-{PLUGIN}.k\": {reason}"));
        assert_eq!(found.map_err(|error| error.to_string()), expected, "{item} {value}");
    }
    let int = json!({ "type": 1, "value": 5, "minimum": 2, "maximum": 9 });
    check(int.clone(), json!(6), Ok((true, json!(6))));
    check(int.clone(), json!(5), Ok((false, json!(5))));
    check(int.clone(), json!("5"), Ok((false, json!(5))));
    check(int.clone(), json!(6.9), Ok((true, json!(6))));
    check(int.clone(), json!(1), Ok((true, json!(2))));
    check(int.clone(), json!(10), Ok((true, json!(9))));
    check(int.clone(), json!("six"), Err("expected a whole number, found a text"));
    check(int.clone(), json!([]), Err("expected a whole number, found a list"));
    check(json!({ "type": 1 }), json!(1e300), Err("expected a whole number, found a number"));
    check(json!({ "type": 1 }), json!(-0.5), Ok((true, json!(-1))));

    check(json!({ "type": 2 }), json!("a"), Ok((true, json!("a"))));
    check(json!({ "type": 2, "value": "a" }), json!(null), Ok((true, json!(""))));
    check(json!({ "type": 2 }), json!({}), Err("expected a text, found an object"));
    check(json!({ "type": 2 }), json!("x".repeat(MAX_SETTING_BYTES - 2)), {
        Ok((true, json!("x".repeat(MAX_SETTING_BYTES - 2))))
    });
    check(
        json!({ "type": 2 }),
        json!("x".repeat(MAX_SETTING_BYTES - 1)),
        Err("expected at most 1048576 bytes, found 1048577"),
    );

    check(json!({ "type": 3 }), json!(true), Ok((true, json!(true))));
    check(json!({ "type": 3 }), json!("yes"), Err("expected true or false, found a text"));
    check(json!({ "type": 4 }), json!([1, { "a": 2 }]), Ok((true, json!([1, { "a": 2 }]))));
    check(json!({ "type": 4 }), json!("[1]"), Ok((true, json!([1]))));
    check(json!({ "type": 4 }), json!({}), Err("expected a list, found an object"));
    check(json!({ "type": 5 }), json!([]), Err("expected an object, found a list"));
    check(json!({ "type": 6 }), json!(5), Ok((false, json!(null))));

    let colour = json!({ "type": 2, "value": "r", "isEnum": true, "options": { "r": "Red", "g": "Green" } });
    check(colour.clone(), json!("g"), Ok((true, json!("g"))));
    check(colour, json!("b"), Err("expected one of \"g\", \"r\", found \"b\""));
    let level = json!({ "type": 1, "isEnum": true, "options": { "1": "One", "2": "Two" } });
    check(level.clone(), json!("2"), Ok((true, json!(2))));
    check(level, json!(3), Err("expected one of \"1\", \"2\", found \"3\""));
}

#[test]
fn unknown_keys() {
    let (settings, declared) = (settings(), Declared::new(PLUGIN));
    let check = |found: Result<Value, SettingsError>, key: &str| {
        assert_eq!(found.unwrap_err().to_string(), format!("Unknown key: {key}"));
    };
    let full = format!("plugin-{PLUGIN}.nothing");
    check(settings.value(&declared, "nothing"), &full);
    check(settings.values(&declared, &["nothing".into()]).map(Value::Object), &full);
    check(settings.set_value(&declared, "nothing", &json!(1)).map(Value::Bool), &full);
    check(settings.global_value(&declared, &full), &full);
    check(settings.global_value(&declared, "nothing"), "nothing");
    declare_more(&declared, json!({ "nothing": { "type": 1 } })).unwrap();
    assert_eq!(settings.global_value(&declared, &full).unwrap(), json!(0));
    check(settings.value(&Declared::new(PLUGIN), "nothing"), &full);
}

#[test]
fn several_values() {
    let settings = settings();
    let items = json!({ "a": { "type": 1, "value": 1 }, "b": { "type": 2, "value": "x" } });
    let declared = declare(items).unwrap();
    let values = settings.values(&declared, &["b".into(), "a".into()]).unwrap();
    assert_eq!(Value::Object(values), json!({ "a": 1, "b": "x" }));
    let error = settings.values(&declared, &vec!["a".into(); MAX_SETTINGS_PER_CALL + 1]).unwrap_err();
    assert!(matches!(error, SettingsError::TooMany { .. }));
}

#[test]
fn no_plugin_sees_anothers_settings() {
    let settings = settings();
    let secret = json!({ "token": { "type": 2, "value": "secret" } });
    let check = |asking: &str, key: &str, expected: Option<&str>| {
        let declared = Declared::new(asking);
        declared.register(secret.as_object().unwrap()).unwrap();
        let found = settings.global_value(&declared, key).ok();
        assert_eq!(found, expected.map(Value::from), "{asking} {key}");
    };
    check("org.example", "plugin-org.example.token", Some("secret"));
    check("org.example.notes", "plugin-org.example.notes.token", Some("secret"));
    check("org.example", "plugin-org.example.notes.token", None);
    check("org.example.notes", "plugin-org.example.token", None);
    check("", "plugin-org.example.token", None);
}

#[test]
fn application_settings() {
    let directories = Directories { profile: "/home/a/notes".into(), ..Directories::default() };
    let values = [("locale", json!("de_DE")), ("no.such.key", json!(1))];
    let app = AppSettings { directories, values: values.map(|(key, value)| (key.to_string(), value)).into() };
    let settings = Settings::new(Store::in_memory().unwrap(), app);
    let declared = Declared::new(PLUGIN);
    let check = |key: &str, expected: Option<Value>| {
        assert_eq!(settings.global_value(&declared, key).ok(), expected, "{key}");
    };
    check("locale", Some(json!("de_DE")));
    check("dateFormat", Some(json!("DD/MM/YYYY")));
    check("profileDir", Some(json!("/home/a/notes")));
    check("noteVisiblePanes", Some(json!(["editor", "viewer"])));
    check("markdown.plugin.katex", Some(json!(true)));
    check("style.editor.fontSize", Some(json!(15)));
    check("sync.target", Some(json!(0)));
    check("sync.5.password", None);
    check("no.such.key", None);
    let mut keys: Vec<_> = AppSettings::keys().collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), count, "a key is in the table twice");
}

#[test]
fn values_stay_when_the_store_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.sqlite");
    let open = || Settings::new(Store::open(&path).unwrap(), AppSettings::default());

    let settings = open();
    let declared = declare(json!({ "k": { "type": 1, "value": 1 } })).unwrap();
    assert!(settings.set_value(&declared, "k", &json!(2)).unwrap());
    drop(settings);

    let settings = open();
    let declared = Declared::new(PLUGIN);
    assert!(settings.value(&declared, "k").is_err(), "it is not declared yet");
    declare_more(&declared, json!({ "k": { "type": 1, "value": 1 } })).unwrap();
    assert_eq!(settings.value(&declared, "k").unwrap(), json!(2));
    declare_more(&declared, json!({ "k": { "type": 4, "value": ["new"] } })).unwrap();
    assert_eq!(settings.value(&declared, "k").unwrap(), json!(["new"]), "what was set is no list");
}
