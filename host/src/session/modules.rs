//! Modules that a plugin loads: the host reads them out of the package and sends their text.

use super::connection::Connection;
use crate::aside::run_aside;
use plughold_package::{Package, Syntax};
use plughold_protocol::limits;
use plughold_protocol::message::Message;
use plughold_protocol::record::{Source, SourceKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

impl<S> Connection<S> {
    /// Reads a module out of the package, on a thread that may wait for the disk.
    pub(super) fn module(
        &self,
        id: u64,
        specifier: &str,
        referrer: &str,
        longest: u64,
        reading: Arc<AtomicBool>,
    ) {
        let (session, package) = (self.session.clone(), self.package.clone());
        let (specifier, referrer, is_reading) = (specifier.to_owned(), referrer.to_owned(), reading.clone());
        let longest = longest.min(session.limits().message.saturating_sub(limits::ENVELOPE) as u64);
        let answer = move || {
            let read = read_module(&package, &specifier, &referrer, longest);
            let (source, error) = match &read {
                Ok((name, kind, text)) => (Some(Source { name, kind: *kind, text }), None),
                Err(error) => (None, Some(error.as_str())),
            };
            reading.store(false, Ordering::Release);
            session.send(&Message::Module { id, source, error });
        };
        if let Err(error) = run_aside(answer) {
            is_reading.store(false, Ordering::Release);
            let error = format!("it cannot be read: {error}");
            self.session.send(&Message::Module { id, source: None, error: Some(&error) });
        }
    }
}

/// A file of the package: its name, its kind and its text of at most `longest` bytes; or why there is none, in words.
fn read_module(
    package: &Package,
    specifier: &str,
    referrer: &str,
    longest: u64,
) -> Result<(String, SourceKind, String), String> {
    let name = package.resolve(specifier, referrer).map_err(|error| error.to_string())?;
    let text = package.read_text_bounded(&name, longest).map_err(|error| error.to_string())?;
    let kind = match package.syntax(&name, &text) {
        Syntax::Module => SourceKind::Module,
        Syntax::CommonJs => SourceKind::CommonJs,
        Syntax::Json => SourceKind::Json,
        _ => SourceKind::Script,
    };
    Ok((name, kind, text))
}
