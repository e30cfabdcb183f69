//! `settings.onChange(callback)`: a plugin hears of it when its settings have changed.

use super::Request;
use crate::api::Running;
use crate::registrations::IfOwn;
use crate::value::encode;
use crate::{CallError, Callback, Json, Registrations, Thrown, Undefined};
use serde_json::{Map, Value};
use std::future::ready;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often one process of a plugin may listen.
const MOST: usize = 10;

/// Those that listen, of all processes of one plugin.
#[derive(Debug)]
pub(crate) struct SettingsWatchers {
    all: Registrations<Callback<(Json,), Undefined>, u64>,
    last: AtomicU64,
}

impl Default for SettingsWatchers {
    fn default() -> SettingsWatchers {
        SettingsWatchers { all: Registrations::at_most(MOST), last: AtomicU64::new(0) }
    }
}

impl SettingsWatchers {
    /// These are the settings now.
    pub(crate) fn tell(&self, settings: &Map<String, Value>) {
        for watcher in self.all.of_everybody() {
            // One that is gone, or does not read, misses it; its next process has them from its start.
            let _missed = watcher.notify((Json(Value::Object(settings.clone())),));
        }
    }
}

/// Listens, and gives what ends that.
pub(super) fn on_change(request: Request) -> Result<Running, Thrown> {
    let callback = request.args.argument(0).map_err(|words| Thrown::new("TypeError", words))?;
    let (watchers, session) = (&request.desk.room.settings, &request.invocation.session);
    let number = watchers.last.fetch_add(1, Ordering::Relaxed);
    let registration = watchers.all.put(session.seat(), number, callback, IfOwn::Refuse)?;
    let encoded =
        encode(&registration, session.exports()).map_err(|error| CallError::from(error).to_thrown())?;
    Ok(Box::pin(ready(Ok(encoded))))
}
