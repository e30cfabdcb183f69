//! One declared setting: its type, default and bounds, and which values it takes.

use serde_json::{Map, Value};

use crate::store::limits::MAX_SETTING_BYTES;
use crate::store::table::name_of;

/// A setting as a plugin declared it.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingItem {
    /// What its values are.
    pub kind: SettingType,
    /// Its value until one is set, of `kind`.
    pub default: Value,
    /// The values it may have and their labels, if it is an enumeration.
    pub options: Option<Map<String, Value>>,
    /// The least number it may be.
    pub minimum: Option<f64>,
    /// The greatest number it may be.
    pub maximum: Option<f64>,
    /// Whether people see it.
    pub public: bool,
    /// Whether its value is a secret.
    pub secure: bool,
    /// What it is called.
    pub label: String,
    /// The name of the section that it is shown in.
    pub section: Option<String>,
    /// What it does.
    pub description: Option<String>,
}

/// What the values of a setting are. Plugins write the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingType {
    /// 1: a whole number.
    Int,
    /// 2: a text.
    String,
    /// 3: yes or no.
    Bool,
    /// 4: a list.
    Array,
    /// 5: an object.
    Object,
    /// 6: a button, which has no value.
    Button,
}

impl SettingType {
    /// The type that plugins call by this number.
    pub fn from_number(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::Int,
            2 => Self::String,
            3 => Self::Bool,
            4 => Self::Array,
            5 => Self::Object,
            6 => Self::Button,
            _ => return None,
        })
    }

    /// The value of this type that null stands for.
    pub fn empty(self) -> Value {
        match self {
            Self::Int => 0.into(),
            Self::String => "".into(),
            Self::Bool => false.into(),
            Self::Array => Value::Array(Vec::new()),
            Self::Object => Value::Object(Map::new()),
            Self::Button => Value::Null,
        }
    }

    /// Turns a value into one of this type, forgiving what forms blur: "5" for 5, `"true"` for yes, JSON in a text.
    fn coerce(self, value: &Value) -> Result<Value, String> {
        if value.is_null() {
            return Ok(self.empty());
        }
        let coerced = match (self, value) {
            (Self::Int, Value::Number(number)) => number.as_f64().and_then(whole),
            (Self::Int, Value::Bool(flag)) => Some(i64::from(*flag).into()),
            (Self::Int, Value::String(text)) if text.trim().is_empty() => Some(0.into()),
            (Self::Int, Value::String(text)) => text.trim().parse().ok().and_then(whole),
            (Self::String, Value::String(_)) => Some(value.clone()),
            (Self::String, Value::Number(_) | Value::Bool(_)) => Some(text_of(value).into()),
            (Self::Bool, Value::Bool(_)) => Some(value.clone()),
            (Self::Bool, Value::Number(number)) => Some((number.as_f64() != Some(0.0)).into()),
            (Self::Bool, Value::String(text)) => match text.as_str() {
                "true" | "1" => Some(true.into()),
                "false" | "0" | "" => Some(false.into()),
                _ => None,
            },
            (Self::Array, Value::Array(_)) | (Self::Object, Value::Object(_)) => Some(value.clone()),
            (Self::Array | Self::Object, Value::String(text)) if text.is_empty() => Some(self.empty()),
            (Self::Array, Value::String(text)) => serde_json::from_str(text).ok().filter(Value::is_array),
            (Self::Object, Value::String(text)) => serde_json::from_str(text).ok().filter(Value::is_object),
            (Self::Button, _) => Some(Value::Null),
            _ => None,
        };
        coerced.ok_or_else(|| format!("expected {}, found {}", self.name(), name_of(value)))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Int => "a whole number",
            Self::String => "a text",
            Self::Bool => "true or false",
            Self::Array => "a list",
            Self::Object => "an object",
            Self::Button => "no value",
        }
    }
}

impl SettingItem {
    /// Reads a declaration.
    ///
    /// A default that is not of the declared type becomes the type's empty value, as in Joplin: published plugins have such.
    ///
    /// # Errors
    ///
    /// A sentence on what was expected and what was found.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let map = value.as_object().ok_or_else(|| format!("expected an object, found {}", name_of(value)))?;
        let kind = setting_type(map.get("type"))?;
        let size = value.to_string().len();
        if MAX_SETTING_BYTES < size {
            return Err(format!("expected at most {MAX_SETTING_BYTES} bytes, found {size}"));
        }
        let options = match (flag(map, "isEnum"), map.get("options")) {
            (false, _) => None,
            (true, Some(Value::Object(options))) => Some(options.clone()),
            (true, None | Some(Value::Null)) => {
                return Err("options: expected an object, found nothing".into());
            }
            (true, Some(other)) => {
                return Err(format!("options: expected an object, found {}", name_of(other)));
            }
        };
        let default = kind.coerce(map.get("value").unwrap_or(&Value::Null)).unwrap_or_else(|_| kind.empty());
        Ok(Self {
            kind,
            default,
            options,
            minimum: map.get("minimum").and_then(Value::as_f64),
            maximum: map.get("maximum").and_then(Value::as_f64),
            public: flag(map, "public"),
            secure: flag(map, "secure"),
            label: text(map, "label").unwrap_or_default(),
            section: text(map, "section"),
            description: text(map, "description"),
        })
    }

    /// Turns a value into one that this setting takes: of its type, within its bounds, among its options.
    ///
    /// # Errors
    ///
    /// A sentence on what was expected and what was found.
    pub fn accept(&self, value: &Value) -> Result<Value, String> {
        let value = self.within_bounds(self.kind.coerce(value)?);
        match &self.options {
            Some(options) if !options.contains_key(&text_of(&value)) => {
                Err(format!("expected one of {}, found {}", some_keys(options), shortened(&text_of(&value))))
            }
            _ => Ok(value),
        }
    }

    fn within_bounds(&self, value: Value) -> Value {
        let Some(number) = value.as_f64() else { return value };
        let bound = match (self.minimum, self.maximum) {
            (Some(minimum), _) if number < minimum => minimum.ceil(),
            (_, Some(maximum)) if maximum < number => maximum.floor(),
            _ => return value,
        };
        whole(bound).unwrap_or(value)
    }
}

fn setting_type(value: Option<&Value>) -> Result<SettingType, String> {
    let expected = "type: expected a whole number from 1 to 6";
    let Some(value) = value else { return Err(format!("{expected}, found nothing")) };
    let number = value.as_f64().ok_or_else(|| format!("{expected}, found {}", name_of(value)))?;
    let whole =
        if number.fract() == 0.0 && 0.0 <= number { SettingType::from_number(number as u64) } else { None };
    whole.ok_or_else(|| format!("{expected}, found {number}"))
}

/// A number without its fraction, rounded down; none for what is beyond 64 bits or no number.
fn whole(number: f64) -> Option<Value> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0; // 2^63
    let floor = number.floor();
    (-BEYOND..BEYOND).contains(&floor).then(|| (floor as i64).into())
}

fn flag(map: &Map<String, Value>, key: &str) -> bool {
    map.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn text(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key).and_then(Value::as_str).map(str::to_string)
}

/// A value as JavaScript would write it for the key of an option.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn some_keys(options: &Map<String, Value>) -> String {
    const SHOWN: usize = 10;
    let mut keys: Vec<String> = options.keys().take(SHOWN).map(|key| shortened(key)).collect();
    if SHOWN < options.len() {
        keys.push("…".into());
    }
    keys.join(", ")
}

fn shortened(text: &str) -> String {
    const SHOWN_CHARS: usize = 64;
    format!("{:?}", text.chars().take(SHOWN_CHARS).collect::<String>())
}
