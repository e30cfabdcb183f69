//! `hitchy.json`: the file that makes a folder a plugin, and what it says.

use serde_json::{Map, Value, json};

/// The beacon of a plugin, and of an application.
pub const BEACON: &str = "hitchy.json";

/// What a plugin's beacon says, with everything filled in that Hitchy fills in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Beacon {
    /// All of it, as plugins see it: unknown keys are kept.
    pub meta: Map<String, Value>,
    /// The role that the plugin takes unless another claims it.
    pub static_role: String,
    /// Roles that have to come before it.
    pub dependencies: Vec<Value>,
    /// Roles that have to come after it.
    pub dependants: Vec<Value>,
}

/// Reads the beacon of the plugin in a folder of this name. An empty one says nothing; one that is neither an object nor an
/// array of JSON is none: Hitchy drops such a plugin in silence.
pub fn read(text: &str, folder: &str) -> Option<Beacon> {
    let text = text.trim_start_matches('\u{feff}');
    let mut meta = match text.trim() {
        "" => Map::new(),
        text => match serde_json::from_str(text).ok()? {
            Value::Object(meta) => meta,
            // An array has none of the keys.
            Value::Array(_) => Map::new(),
            _ => return None,
        },
    };
    meta.entry("name").or_insert_with(|| folder.into());
    let name = meta.get("name").cloned();
    meta.entry("role").or_insert_with(|| name.unwrap_or_default());
    let [dependencies, dependants] = ["dependencies", "dependants"].map(|key| {
        let roles = list(meta.get(key));
        meta.insert(key.to_owned(), roles.clone().into());
        roles
    });
    meta.insert("$valid".to_owned(), json!(true));
    let static_role = match meta.get("role") {
        Some(Value::String(role)) if !role.is_empty() => role.clone(),
        _ => folder.to_owned(),
    };
    Some(Beacon { meta, static_role, dependencies, dependants })
}

impl Beacon {
    /// The plugin was loaded, and this is the `$meta` that it exports: it is merged into what the beacon says, so that
    /// dependencies are added to those of the beacon. Gives the role that it claims with it, if it does.
    pub fn merge(&mut self, exported: &Map<String, Value>) -> Option<String> {
        merge_objects(&mut self.meta, exported);
        self.dependencies = list(self.meta.get("dependencies"));
        self.dependants = list(self.meta.get("dependants"));
        match exported.get("role") {
            Some(Value::String(role)) if !role.is_empty() => Some(role.clone()),
            Some(Value::Number(role)) if role.as_f64() != Some(0.0) => Some(role.to_string()),
            Some(Value::Bool(true)) => Some("true".to_owned()),
            _ => None,
        }
    }
}

/// Keys that would change what other objects are.
const SKIPPED: [&str; 3] = ["__proto__", "constructor", "prototype"];

/// Merges as Hitchy does: objects key by key, lists by appending, and everything else by replacing. Nothing takes the place
/// of a list but what is appended to it.
fn merge_objects(target: &mut Map<String, Value>, source: &Map<String, Value>) {
    for (key, value) in source.iter().filter(|(key, _)| !SKIPPED.contains(&key.as_str())) {
        let place = target.entry(key.clone()).or_insert(Value::Null);
        match (place, value) {
            (Value::Array(list), Value::Array(more)) => list.extend(more.iter().cloned()),
            (Value::Array(_), Value::Null) => {}
            (Value::Array(list), one) => list.push(one.clone()),
            (Value::Object(target), Value::Object(source)) => merge_objects(target, source),
            (Value::Object(target), Value::Array(items)) => {
                let items = items.iter().enumerate().map(|(place, item)| (place.to_string(), item.clone()));
                merge_objects(target, &items.collect());
            }
            (place, value) => *place = value.clone(),
        }
    }
}

/// What is missing or false is no role, what is no list is one role.
pub(crate) fn list(value: Option<&Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => Vec::new(),
        Some(Value::String(text)) if text.is_empty() => Vec::new(),
        Some(Value::Number(number)) if number.as_f64() == Some(0.0) => Vec::new(),
        Some(Value::Array(values)) => values.clone(),
        Some(value) => vec![value.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Value>) {
        assert_eq!(read(text, "folder").map(|beacon| Value::Object(beacon.meta)), expected, "{text}");
    }

    #[test]
    fn what_is_missing_is_filled_in() {
        let filled = |name: &str, role: &str, dependencies: Value| json!({ "name": name, "role": role, "dependencies": dependencies, "dependants": [], "$valid": true });
        check(" \n", Some(filled("folder", "folder", json!([]))));
        check(r#"{"name": "n"}"#, Some(filled("n", "n", json!([]))));
        check(r#"{"role": "r", "dependencies": "x"}"#, Some(filled("folder", "r", json!(["x"]))));
        check(r#"{"dependencies": null}"#, Some(filled("folder", "folder", json!([]))));
        check("[1]", Some(filled("folder", "folder", json!([]))));
        for none in ["{", "null", "1", "\"text\"", "true", &"[".repeat(10_000)] {
            check(none, None);
        }
    }

    #[test]
    fn what_a_plugin_exports_is_merged() {
        let merged = |beacon: &str, exported: Value| {
            let mut beacon = read(beacon, "f").unwrap();
            let role = beacon.merge(exported.as_object().unwrap());
            let Beacon { dependencies, static_role, .. } = &beacon;
            let own = beacon.meta.get("own").cloned().unwrap_or_default();
            (json!([role, static_role, dependencies, own]), beacon.meta.contains_key("__proto__"))
        };
        let check = |beacon: &str, exported: Value, expected: Value| {
            assert_eq!(merged(beacon, exported.clone()), (expected, false), "{beacon} {exported}");
        };
        check(
            r#"{"dependencies": ["a"]}"#,
            json!({"dependencies": ["b"]}),
            json!([null, "f", ["a", "b"], null]),
        );
        check(
            r#"{"dependencies": ["a"]}"#,
            json!({"dependencies": "b", "role": "r"}),
            json!(["r", "f", ["a", "b"], null]),
        );
        check(
            r#"{"dependencies": ["a"]}"#,
            json!({"dependencies": null, "role": ""}),
            json!([null, "f", ["a"], null]),
        );
        check(r#"{"own": {"x": 1}}"#, json!({"own": {"y": [2]}}), json!([null, "f", [], {"x": 1, "y": [2]}]));
        check(
            r#"{"own": {"x": 1}}"#,
            json!({"own": ["z"], "__proto__": {}}),
            json!([null, "f", [], {"x": 1, "0": "z"}]),
        );
        check(r#"{"own": {"x": 1}}"#, json!({"own": 5}), json!([null, "f", [], 5]));
        check(r#"{"own": [1]}"#, json!({"own": {"a": 1}}), json!([null, "f", [], [1, {"a": 1}]]));
    }

    #[test]
    fn a_role_that_is_nothing_is_the_folders_name() {
        for role in ["\"\"", "null", "false", "0"] {
            assert_eq!(
                read(&format!(r#"{{"role": {role}}}"#), "folder").unwrap().static_role,
                "folder",
                "{role}"
            );
        }
    }
}
