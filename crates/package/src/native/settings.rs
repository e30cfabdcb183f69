//! Settings: what a user may change about a plugin, as its manifest declares it.
//!
//! ```json
//! "settings": {
//!   "language": { "type": "string", "label": "Language", "default": "en", "choices": ["en", "de"] },
//!   "interval": { "type": "integer", "label": "Minutes between two looks", "default": 5, "minimum": 1, "maximum": 60 },
//!   "token": { "type": "string", "label": "Access token", "secret": true },
//!   "loud": { "type": "boolean", "label": "Say everything" }
//! }
//! ```

use std::collections::HashSet;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::{Range, Ranged};
use serde::Serialize;

use super::{line, text};
use crate::document::{Fields, kind};
use crate::limits;
use crate::problem::quoted;

/// Something that a user may change.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Setting {
    /// The name under which the plugin reads it.
    pub key: String,
    /// What users see beside it. One line.
    pub label: String,
    /// More about it; may be empty.
    pub description: String,
    /// What it holds.
    #[serde(flatten)]
    pub kind: SettingKind,
}

/// What a setting holds. A default that the manifest does not give is empty, false, or the number nearest to zero.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
#[non_exhaustive]
pub enum SettingKind {
    /// A text.
    #[serde(rename = "string")]
    Text {
        /// Its value until somebody changes it.
        default: String,
        /// The only values that it may have; any if there are none.
        choices: Vec<String>,
        /// Whether it is hidden where it is shown, and kept with care.
        secret: bool,
    },
    /// A number with or without a fraction.
    Number(Numbers<f64>),
    /// A whole number.
    Integer(Numbers<i64>),
    /// Yes or no.
    #[serde(rename = "boolean")]
    Flag {
        /// Its value until somebody changes it.
        default: bool,
    },
}

/// Which numbers a setting may have.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Numbers<N> {
    /// The value until somebody changes it.
    pub default: N,
    /// The least.
    pub minimum: Option<N>,
    /// The greatest.
    pub maximum: Option<N>,
}

/// The types of settings by their names.
const TYPES: [&str; 4] = ["string", "number", "integer", "boolean"];

pub(super) fn settings(fields: &mut Fields<'_, '_>) -> Vec<Setting> {
    let Some(object) = object(fields, "settings") else { return Vec::new() };
    let count = object.properties.len();
    if limits::LIST < count {
        let message = format!("\"settings\" has {count} keys, expected at most {}", limits::LIST);
        fields.problem(object.range, message);
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut settings = Vec::new();
    for property in &object.properties {
        let key = property.name.as_str();
        if !is_key(key) {
            let message = format!("expected the name of a setting such as \"colour\", found {}", quoted(key));
            fields.problem_with_help(
                property.range,
                message,
                format!("letters, digits, \".\", \"_\" and \"-\", at most {} of them", limits::PERMISSION),
            );
        } else if !seen.insert(key) {
            fields.problem(property.range, format!("the key {} stands here a second time", quoted(key)));
        } else if let Value::Object(object) = &property.value {
            let mut inner = Fields { document: fields.document, object, problems: fields.problems };
            settings.extend(setting(&mut inner, key));
        } else {
            let message = format!("a setting must be an object, found {}", kind(&property.value));
            fields.problem(property.value.range(), message);
        }
    }
    settings
}

/// The field as an object.
pub(super) fn object<'d, 't>(fields: &mut Fields<'d, 't>, key: &str) -> Option<&'d Object<'t>> {
    match fields.get(key)? {
        Value::Object(object) => Some(object),
        other => {
            fields.problem(other.range(), format!("\"{key}\" must be an object, found {}", kind(other)));
            None
        }
    }
}

fn is_key(key: &str) -> bool {
    let allowed = |found: char| found.is_ascii_alphanumeric() || matches!(found, '.' | '_' | '-');
    !key.is_empty() && key.len() <= limits::PERMISSION && key.chars().all(allowed)
}

fn setting(fields: &mut Fields<'_, '_>, key: &str) -> Option<Setting> {
    for required in ["type", "label"] {
        if fields.get(required).is_none() {
            fields.problem(fields.object.range, format!("a setting needs the key \"{required}\""));
        }
    }
    let (name, range) = fields.text("type", limits::LINE)?;
    let own: &[&str] = match name.as_str() {
        "string" => &["default", "choices", "secret"],
        "number" | "integer" => &["default", "minimum", "maximum"],
        "boolean" => &["default"],
        _ => {
            let message = format!("\"type\" must be one of {}, found {}", TYPES.join(", "), quoted(&name));
            fields.problem(range, message);
            return None;
        }
    };
    let known: Vec<&str> = ["type", "label", "description"].into_iter().chain(own.iter().copied()).collect();
    fields.only(&known);
    let kind = match name.as_str() {
        "string" => words(fields),
        "number" => SettingKind::Number(numbers(fields, as_number)?),
        "integer" => SettingKind::Integer(numbers(fields, as_integer)?),
        _ => SettingKind::Flag { default: flag(fields, "default") },
    };
    let description = text(fields, "description").unwrap_or_default();
    Some(Setting { key: key.to_owned(), label: line(fields, "label")?, description, kind })
}

fn words(fields: &mut Fields<'_, '_>) -> SettingKind {
    let mut choices: Vec<String> = Vec::new();
    if let Some(list) = fields.list("choices") {
        if list.elements.is_empty() {
            fields.problem(list.range, "\"choices\" is empty");
        }
        for element in &list.elements {
            match fields.as_text(element, "a choice", limits::LINE) {
                Some((choice, range)) if choices.contains(&choice) => {
                    fields
                        .problem(range, format!("the choice {} stands here a second time", quoted(&choice)));
                }
                choice => choices.extend(choice.map(|(choice, _)| choice)),
            }
        }
    }
    let default = fields.text("default", limits::TEXT);
    if let Some((default, range)) = &default
        && !choices.is_empty()
        && !choices.contains(default)
    {
        fields.problem(*range, format!("the default {} is none of the choices", quoted(default)));
    }
    let default = default.map(|(default, _)| default).or(choices.first().cloned()).unwrap_or_default();
    SettingKind::Text { default, secret: flag(fields, "secret"), choices }
}

fn numbers<N: PartialOrd + Copy + Default>(
    fields: &mut Fields<'_, '_>,
    read: fn(&mut Fields<'_, '_>, &str) -> Option<(N, Range)>,
) -> Option<Numbers<N>> {
    let [minimum, maximum, default] = ["minimum", "maximum", "default"].map(|key| read(fields, key));
    if let (Some((minimum, _)), Some((maximum, range))) = (minimum, maximum)
        && maximum < minimum
    {
        fields.problem(range, "\"maximum\" is less than \"minimum\"");
        return None;
    }
    let (minimum, maximum) = (minimum.map(|(number, _)| number), maximum.map(|(number, _)| number));
    let is_outside = |number: N| {
        minimum.is_some_and(|minimum| number < minimum) || maximum.is_some_and(|maximum| maximum < number)
    };
    if let Some((default, range)) = default {
        if is_outside(default) {
            fields.problem(range, "the default is out of range");
        }
        return Some(Numbers { default, minimum, maximum });
    }
    let zero = N::default();
    let nearest = minimum.filter(|minimum| zero < *minimum).or(maximum.filter(|maximum| *maximum < zero));
    Some(Numbers { default: nearest.unwrap_or(zero), minimum, maximum })
}

fn as_number(fields: &mut Fields<'_, '_>, key: &str) -> Option<(f64, Range)> {
    number(fields, key, "a number")
}

fn as_integer(fields: &mut Fields<'_, '_>, key: &str) -> Option<(i64, Range)> {
    number(fields, key, "a whole number")
}

fn number<N: std::str::FromStr>(fields: &mut Fields<'_, '_>, key: &str, what: &str) -> Option<(N, Range)> {
    let value = fields.get(key)?;
    let parsed = match value {
        Value::NumberLit(number) => number.value.parse().ok(),
        _ => None,
    };
    if parsed.is_none() {
        let found = match value {
            Value::NumberLit(number) => number.value.to_owned(),
            other => kind(other).to_owned(),
        };
        fields.problem(value.range(), format!("\"{key}\" must be {what}, found {found}"));
    }
    parsed.map(|number| (number, value.range()))
}

fn flag(fields: &mut Fields<'_, '_>, key: &str) -> bool {
    match fields.get(key) {
        None => false,
        Some(Value::BooleanLit(flag)) => flag.value,
        Some(other) => {
            fields.problem(other.range(), format!("\"{key}\" must be true or false, found {}", kind(other)));
            false
        }
    }
}
