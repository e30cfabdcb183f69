//! How a data call fails: a sentence and a code, as over HTTP.

use crate::store::StoreError;

/// Why a data call was refused. Plugins see the message, and the code as the error's `httpCode`.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct DataError {
    /// 400 (malformed), 403 (forbidden), 404 (does not exist), 405 (not for this path), 500 (the store failed), 503 (it took too
    /// long) or 507 (there is no room).
    pub http_code: u16,
    /// What was expected and what was found. Some plugins compare the text "Not Found".
    pub message: String,
    /// The failure of the store behind a 500, 503 or 507.
    source: Option<StoreError>,
}

impl DataError {
    /// 400: the request makes no sense, for the reason in `message`.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self { http_code: 400, message: message.into(), source: None }
    }

    /// 403: the request makes sense, but the plugin may not make it.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self { http_code: 403, message: message.into(), source: None }
    }

    /// 404: there is nothing at the path.
    pub fn not_found() -> Self {
        Self { http_code: 404, message: "Not Found".into(), source: None }
    }

    /// 405: there is something at the path, but not for this method.
    pub fn method_not_allowed() -> Self {
        Self { http_code: 405, message: "Method Not Allowed".into(), source: None }
    }
}

impl From<StoreError> for DataError {
    fn from(source: StoreError) -> Self {
        let (http_code, message) = match &source {
            StoreError::TooLong => (503, source.to_string()),
            StoreError::Full => (507, source.to_string()),
            StoreError::Open { .. } | StoreError::Newer { .. } | StoreError::Sqlite(_) => {
                (500, "the store failed".into())
            }
        };
        Self { http_code, message, source: Some(source) }
    }
}

impl From<rusqlite::Error> for DataError {
    fn from(source: rusqlite::Error) -> Self {
        StoreError::from(source).into()
    }
}
