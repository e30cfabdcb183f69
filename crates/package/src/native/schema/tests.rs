//! The schema and the reader give the same verdict wherever a schema can know.

use super::MANIFEST_SCHEMA;
use crate::package::Package;
use crate::testing::Folder;
use jsonschema::Validator;
use serde_json::{Value, json};

fn schema() -> Validator {
    jsonschema::validator_for(&serde_json::from_str(MANIFEST_SCHEMA).unwrap()).unwrap()
}

fn read(manifest: &Value) -> Result<(), String> {
    let folder = Folder::new(&[("plughold.json", &manifest.to_string()), ("main.js", ""), ("lib/x.mjs", "")]);
    Package::open(folder.path()).map(drop).map_err(|problems| problems.to_string())
}

/// The smallest manifest with other values for some keys; null takes a key out.
fn with(keys: &Value) -> Value {
    let mut manifest = json!({ "id": "a", "name": "A", "version": "1.0.0" });
    let map = manifest.as_object_mut().unwrap();
    for (key, value) in keys.as_object().unwrap() {
        match value {
            Value::Null => drop(map.remove(key)),
            value => drop(map.insert(key.clone(), value.clone())),
        }
    }
    manifest
}

#[track_caller]
fn check(schema: &Validator, keys: &Value, is_good: bool) {
    let manifest = with(keys);
    let read = read(&manifest);
    assert_eq!(read.is_ok(), is_good, "the reader, of {manifest}: {read:?}");
    assert_eq!(schema.is_valid(&manifest), is_good, "the schema, of {manifest}");
}

#[test]
fn good_manifests() {
    let schema = schema();
    for keys in [
        json!({}),
        json!({ "$schema": "x", "description": "two\nlines", "author": "Ann", "main": "./lib/x.mjs", "type": "module" }),
        json!({ "permissions": ["notes.read", { "name": "net.fetch", "reason": "to look" }] }),
        json!({ "permissions": ["fs.read:data/My Notes/**", { "name": "net.fetch:https://*.api.example" }] }),
        json!({ "dependencies": { "other": "^1.2", "more": "*", "x": ">=1, <2.0.0-rc.1", "y": "~1.2.3" } }),
        json!({ "limits": { "memory": "32 MiB", "stack": 1_048_576 }, "plughold": ">=0.1" }),
        json!({ "version": "1.0.0-beta.1+build.5", "activation": "needed" }),
        json!({ "settings": {
            "language": { "type": "string", "label": "L", "default": "en", "choices": ["en", "de"] },
            "interval": { "type": "integer", "label": "L", "default": 5, "minimum": 1, "maximum": 60 },
            "factor": { "type": "number", "label": "L", "description": "x", "minimum": 0.5 },
            "token": { "type": "string", "label": "L", "secret": true },
            "loud": { "type": "boolean", "label": "L", "default": true }
        } }),
    ] {
        check(&schema, &keys, true);
    }
    let example = include_str!("../../../../../examples/plugins/word-count/plughold.json");
    let example: Value = jsonc_parser::parse_to_serde_value(example, &Default::default()).unwrap();
    assert!(schema.is_valid(&example));
}

#[test]
fn wrong_manifests() {
    let schema = schema();
    for keys in [
        json!({ "id": null }),
        json!({ "name": null }),
        json!({ "version": null }),
        json!({ "id": "a b" }),
        json!({ "id": "-a" }),
        json!({ "id": "x".repeat(129) }),
        json!({ "name": " " }),
        json!({ "name": "a\u{1b}[2J" }),
        json!({ "name": "a\u{202e}" }),
        json!({ "name": 5 }),
        json!({ "version": "1.0" }),
        json!({ "version": "v1.0.0" }),
        json!({ "version": "01.0.0" }),
        json!({ "description": "a\u{7}" }),
        json!({ "main": "main.ts" }),
        json!({ "main": "../main.js" }),
        json!({ "main": "/main.js" }),
        json!({ "type": "commonjs" }),
        json!({ "permissions": "notes.read" }),
        json!({ "permissions": [7] }),
        json!({ "permissions": ["notes read"] }),
        json!({ "permissions": ["fs.read:"] }),
        json!({ "permissions": ["fs.read:%2e%2e/**"] }),
        json!({ "permissions": ["a", "a"] }),
        json!({ "permissions": [{ "reason": "x" }] }),
        json!({ "permissions": [{ "name": "a", "why": "x" }] }),
        json!({ "dependencies": ["other"] }),
        json!({ "dependencies": { "a b": "*" } }),
        json!({ "dependencies": { "other": "latest" } }),
        json!({ "dependencies": { "other": "1.2.3.4" } }),
        json!({ "dependencies": { "other": ">=" } }),
        json!({ "dependencies": { "other": 1 } }),
        json!({ "limits": { "memory": "lots" } }),
        json!({ "limits": { "memory": 1.5 } }),
        json!({ "limits": { "cpu": 1 } }),
        json!({ "plughold": "new" }),
        json!({ "activation": "never" }),
        json!({ "nmae": "A" }),
        json!({ "settings": [] }),
        json!({ "settings": { "a b": { "type": "boolean", "label": "L" } } }),
        json!({ "settings": { "a": true } }),
        json!({ "settings": { "a": { "type": "boolean" } } }),
        json!({ "settings": { "a": { "label": "L" } } }),
        json!({ "settings": { "a": { "type": "colour", "label": "L" } } }),
        json!({ "settings": { "a": { "type": "boolean", "label": "L", "default": "yes" } } }),
        json!({ "settings": { "a": { "type": "boolean", "label": "L", "choices": ["a"] } } }),
        json!({ "settings": { "a": { "type": "integer", "label": "L", "default": 1.5 } } }),
        json!({ "settings": { "a": { "type": "string", "label": "L", "choices": [] } } }),
        json!({ "settings": { "a": { "type": "string", "label": "L", "choices": ["x", "x"] } } }),
        json!({ "settings": { "a": { "type": "string", "label": "L", "secret": 1 } } }),
        json!({ "settings": { "a": { "type": "number", "label": "L", "minimum": "1" } } }),
    ] {
        check(&schema, &keys, false);
    }
}

/// A schema cannot know these: they need the package itself, or two places at once.
#[test]
fn what_only_the_reader_knows() {
    let schema = schema();
    for keys in [
        json!({ "main": "absent.js" }),
        json!({ "dependencies": { "a": "*" } }),
        json!({ "permissions": ["x", { "name": "x" }] }),
        json!({ "limits": { "memory": "1 B" } }),
        json!({ "settings": { "a": { "type": "string", "label": "L", "default": "z", "choices": ["x"] } } }),
        json!({ "settings": { "a": { "type": "integer", "label": "L", "default": 9, "maximum": 3 } } }),
        json!({ "settings": { "a": { "type": "integer", "label": "L", "minimum": 9, "maximum": 3 } } }),
    ] {
        let manifest = with(&keys);
        assert!(read(&manifest).is_err() && schema.is_valid(&manifest), "{manifest}");
    }
}
