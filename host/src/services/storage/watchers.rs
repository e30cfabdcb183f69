//! Whoever wants to hear of changes in a plugin's storage.

use super::error::unsendable;
use crate::api::Running;
use crate::registrations::IfOwn;
use crate::services::Request;
use crate::value::encode;
use crate::{Callback, Registrations, Thrown, Undefined};
use serde::Serialize;
use std::future::ready;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often one process of a plugin may listen.
const MOST: usize = 100;

/// Keys that are told of one change. Of more, nobody is told which they are.
const KEYS: usize = 1_000;

/// Those that listen, of all processes of one plugin.
#[derive(Debug)]
pub(crate) struct Watchers {
    all: Registrations<Callback<(Changed,), Undefined>, u64>,
    last: AtomicU64,
}

/// What has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Changed {
    /// The keys; none when there are too many to name.
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<Vec<String>>,
}

impl Default for Watchers {
    fn default() -> Watchers {
        Watchers { all: Registrations::at_most(MOST), last: AtomicU64::new(0) }
    }
}

impl Watchers {
    /// These keys have other values now.
    pub(super) fn tell(&self, keys: Vec<String>) {
        if keys.is_empty() {
            return;
        }
        let changed = Changed { keys: (keys.len() <= KEYS).then_some(keys) };
        for watcher in self.all.of_everybody() {
            // One that is gone, or does not read, misses it: it reads what it wants to know when it wants it.
            let _missed = watcher.notify((changed.clone(),));
        }
    }
}

/// Listens, and gives what ends that.
pub(super) fn watch(request: Request) -> Result<Running, Thrown> {
    let callback = request.args.argument(0).map_err(|words| Thrown::new("TypeError", words))?;
    let (watchers, session) = (&request.desk.room.watchers, &request.invocation.session);
    let number = watchers.last.fetch_add(1, Ordering::Relaxed);
    let registration = watchers.all.put(session.seat(), number, callback, IfOwn::Refuse)?;
    let encoded = encode(&registration, session.exports()).map_err(unsendable)?;
    Ok(Box::pin(ready(Ok(encoded))))
}
