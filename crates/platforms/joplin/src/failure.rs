//! Errors on their way to a plugin.

use plughold::{CallError, RegisterError, Thrown};

use crate::commands::ExecuteError;
use crate::store::data::DataError;
use crate::store::editor::EditorError;
use crate::store::settings::SettingsError;

/// Why a function of the platform refuses.
///
/// Deliberately no [`std::error::Error`], so that each kind of error is turned into what a plugin sees by a rule of its own: a
/// [`DataError`] keeps its `httpCode`, and what another plugin threw stays what it was.
#[derive(Debug)]
pub(crate) struct Failure(Thrown);

impl Failure {
    /// An error in words.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(Thrown::new("Error", message))
    }

    /// The plugin passed what does not fit.
    pub(crate) fn type_error(message: impl Into<String>) -> Self {
        Self(Thrown::new("TypeError", message))
    }

    /// This host has no such user interface.
    pub(crate) fn not_supported(method: &str) -> Self {
        let message = format!("joplin.{method} is not supported: this host has no user interface for it");
        Self(Thrown::new("NotSupported", message).with_code("E_NOT_SUPPORTED"))
    }
}

impl From<Failure> for Thrown {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        let http_code = error.http_code;
        Self(Thrown::from(error).with_field("httpCode", http_code))
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self(error.into())
    }
}

impl From<EditorError> for Failure {
    fn from(error: EditorError) -> Self {
        match error {
            EditorError::Data(error) => error.into(),
            other => Self(other.into()),
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Thrown(thrown) => Self(*thrown),
            other => Self(other.into()),
        }
    }
}

impl From<ExecuteError> for Failure {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Call(error) => error.into(),
            other => Self(other.into()),
        }
    }
}

/// Refuses a text of more than `most` bytes; `what` names it in the message.
pub(crate) fn check_length(what: &str, text: &str, most: usize) -> Result<(), Failure> {
    if text.len() <= most {
        return Ok(());
    }
    Err(Failure::type_error(format!("{what}: expected at most {most} bytes, found {}", text.len())))
}

/// As much of a text as helps in a message.
pub(crate) fn shown(text: &str) -> String {
    const SHOWN_CHARS: usize = 128;
    text.chars().take(SHOWN_CHARS).collect()
}

/// Why none of `what` was registered for a plugin, such as `commands`.
pub(crate) fn not_registered(what: &str, error: &RegisterError) -> Failure {
    match error {
        RegisterError::TooMany { most } => {
            Failure::new(format!("expected at most {most} {what} for a plugin"))
        }
        other => Failure::new(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thrown(failure: impl Into<Failure>) -> Thrown {
        failure.into().into()
    }

    #[test]
    fn errors_keep_what_plugins_look_at() {
        for missing in [thrown(DataError::not_found()), thrown(EditorError::Data(DataError::not_found()))] {
            let shown = serde_json::to_value(&missing).unwrap();
            assert_eq!(
                (missing.message.as_str(), shown["fields"]["httpCode"].as_u64()),
                ("Not Found", Some(404))
            );
        }
        let inner = Thrown::new("RangeError", "too far").with_code("E_FAR");
        assert_eq!(thrown(CallError::Thrown(Box::new(inner.clone()))), inner);
        let unknown = thrown(SettingsError::Unknown { key: "plugin-a.b".into() });
        assert_eq!(unknown.to_string(), "Error: Unknown key: plugin-a.b");
    }

    #[test]
    fn what_needs_a_window_says_so() {
        let refused = Thrown::from(Failure::not_supported("imaging.resize"));
        assert_eq!(
            (refused.name.as_str(), refused.code.as_deref()),
            ("NotSupported", Some("E_NOT_SUPPORTED"))
        );
        assert_eq!(
            refused.message,
            "joplin.imaging.resize is not supported: this host has no user interface for it"
        );
    }

    #[test]
    fn lengths() {
        assert!(check_length("name", "abc", 3).is_ok());
        let refused = Thrown::from(check_length("name", "abcd", 3).unwrap_err());
        assert_eq!(refused.to_string(), "TypeError: name: expected at most 3 bytes, found 4");
    }
}
