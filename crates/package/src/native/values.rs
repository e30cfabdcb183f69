//! Values of settings: what a plugin reads until somebody changes it, and what it may be changed to.

use serde_json::Value;

use super::settings::{Numbers, Setting, SettingKind};
use crate::limits;
use crate::problem::quoted;

/// Why a value is none of a setting. The values of secret settings are not told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// It is of another type.
    #[error("the setting \"{key}\" is {expected}, found {found}")]
    Type {
        /// The setting.
        key: String,
        /// What it is.
        expected: &'static str,
        /// What the value is.
        found: &'static str,
    },
    /// It is none of the choices.
    #[error("the setting \"{key}\" must be one of {}, found {found}", choices.join(", "))]
    Choice {
        /// The setting.
        key: String,
        /// What it may be.
        choices: Vec<String>,
        /// What the value is, cut and escaped.
        found: String,
    },
    /// It is less than the least or more than the most.
    #[error("the setting \"{key}\" must be {allowed}, found {found}")]
    Range {
        /// The setting.
        key: String,
        /// The bounds, in words.
        allowed: String,
        /// What the value is.
        found: String,
    },
    /// It is longer than 16 KiB.
    #[error("the setting \"{key}\" has {length} bytes, expected at most {}", limits::TEXT)]
    Long {
        /// The setting.
        key: String,
        /// Its length in bytes.
        length: usize,
    },
}

impl Setting {
    /// Its value until somebody changes it.
    pub fn default_value(&self) -> Value {
        match &self.kind {
            SettingKind::Text { default, .. } => default.as_str().into(),
            SettingKind::Number(numbers) => numbers.default.into(),
            SettingKind::Integer(numbers) => numbers.default.into(),
            SettingKind::Flag { default } => (*default).into(),
        }
    }

    /// Tells whether it may have a value.
    ///
    /// # Errors
    ///
    /// Another type than its own, none of its choices, a number out of its range, and a text that is too long.
    pub fn check(&self, value: &Value) -> Result<(), SettingError> {
        let key = || self.key.clone();
        let other = |expected| SettingError::Type { key: key(), expected, found: kind(value) };
        match &self.kind {
            SettingKind::Flag { .. } => value.as_bool().map(drop).ok_or_else(|| other("true or false")),
            SettingKind::Number(numbers) => {
                let number = value.as_f64().ok_or_else(|| other("a number"))?;
                self.within(number, numbers)
            }
            SettingKind::Integer(numbers) => {
                let number = whole(value).ok_or_else(|| other("a whole number"))?;
                self.within(number, numbers)
            }
            SettingKind::Text { choices, secret, .. } => {
                let text = value.as_str().ok_or_else(|| other("a text"))?;
                if limits::TEXT < text.len() {
                    return Err(SettingError::Long { key: key(), length: text.len() });
                }
                if choices.is_empty() || choices.iter().any(|choice| choice == text) {
                    return Ok(());
                }
                let found = if *secret { "another text".to_owned() } else { quoted(text) };
                Err(SettingError::Choice { key: key(), choices: choices.clone(), found })
            }
        }
    }

    fn within<N: PartialOrd + ToString + Copy>(
        &self,
        number: N,
        numbers: &Numbers<N>,
    ) -> Result<(), SettingError> {
        let is_low = numbers.minimum.is_some_and(|minimum| number < minimum);
        let is_high = numbers.maximum.is_some_and(|maximum| maximum < number);
        if !is_low && !is_high {
            return Ok(());
        }
        let least = numbers.minimum.map(|minimum| format!("at least {}", minimum.to_string()));
        let most = numbers.maximum.map(|maximum| format!("at most {}", maximum.to_string()));
        let allowed = Vec::from_iter(least.into_iter().chain(most)).join(" and ");
        Err(SettingError::Range { key: self.key.clone(), allowed, found: number.to_string() })
    }
}

/// A whole number, also one that JSON writes with a fraction of zero.
fn whole(value: &Value) -> Option<i64> {
    /// From here on not every whole number has a place among the others.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    value.as_i64().or_else(|| {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Package;
    use crate::testing::Folder;

    #[track_caller]
    fn check(declared: &str, rows: &[(&str, &str)]) {
        let manifest = format!(
            r#"{{"id": "a", "name": "A", "version": "1.0.0", "settings": {{"s": {{"label": "S", {declared}}}}}}}"#
        );
        let folder = Folder::new(&[("p/plughold.json", &manifest), ("p/main.js", "")]);
        let package = Package::open(folder.path().join("p")).unwrap();
        let setting = &package.settings[0];
        assert_eq!(setting.check(&setting.default_value()), Ok(()));
        for (value, expected) in rows {
            let value = serde_json::from_str(value).unwrap();
            let found = setting.check(&value).map_or_else(|error| error.to_string(), |()| "ok".to_owned());
            assert_eq!(found, *expected, "{value}");
        }
    }

    #[test]
    fn values_are_checked() {
        check(
            r#""type": "string""#,
            &[
                (r#""""#, "ok"),
                ("1", r#"the setting "s" is a text, found a number"#),
                ("null", r#"the setting "s" is a text, found null"#),
            ],
        );
        check(
            r#""type": "string", "choices": ["en", "de"]"#,
            &[(r#""de""#, "ok"), (r#""fr""#, r#"the setting "s" must be one of en, de, found "fr""#)],
        );
        check(
            r#""type": "string", "secret": true, "choices": ["x"]"#,
            &[(r#""hunter2""#, r#"the setting "s" must be one of x, found another text"#)],
        );
        check(
            r#""type": "integer", "minimum": 1, "maximum": 60"#,
            &[
                ("1", "ok"),
                ("60.0", "ok"),
                ("0", r#"the setting "s" must be at least 1 and at most 60, found 0"#),
                ("1.5", r#"the setting "s" is a whole number, found a number"#),
                ("1e300", r#"the setting "s" is a whole number, found a number"#),
            ],
        );
        check(
            r#""type": "number", "maximum": 0.5"#,
            &[("0.5", "ok"), ("-3", "ok"), ("1", r#"the setting "s" must be at most 0.5, found 1"#)],
        );
        check(
            r#""type": "boolean", "default": true"#,
            &[("false", "ok"), ("0", r#"the setting "s" is true or false, found a number"#)],
        );
        let long = format!("{:?}", "x".repeat(limits::TEXT + 1));
        check(
            r#""type": "string""#,
            &[(&long, r#"the setting "s" has 16385 bytes, expected at most 16384"#)],
        );
    }

    #[test]
    fn settings_as_json() {
        let manifest = r#"{"id": "a", "name": "A", "version": "1.0.0", "settings": {
            "language": {"type": "string", "label": "Language", "choices": ["en", "de"]},
            "interval": {"type": "integer", "label": "Minutes", "default": 5, "minimum": 1},
            "loud": {"type": "boolean", "label": "Say everything", "description": "Much."}}}"#;
        let folder = Folder::new(&[("p/plughold.json", manifest), ("p/main.js", "")]);
        let package = Package::open(folder.path().join("p")).unwrap();
        expect_test::expect![[r#"
            {"key":"language","label":"Language","description":"","type":"string","default":"en","choices":["en","de"],"secret":false}
            {"key":"interval","label":"Minutes","description":"","type":"integer","default":5,"minimum":1,"maximum":null}
            {"key":"loud","label":"Say everything","description":"Much.","type":"boolean","default":false}"#]]
        .assert_eq(
            &package
                .settings
                .iter()
                .map(|setting| serde_json::to_string(setting).unwrap())
                .collect::<Vec<_>>()
                .join("\n"),
        );
    }
}
