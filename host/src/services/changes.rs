//! `plugins.onChange(id, callback)`: hearing of another plugin that goes or comes.

use super::{Request, plugins};
use crate::api::{Invocation, Running};
use crate::permissions::guard::guarded;
use crate::registrations::IfOwn;
use crate::service::Registry;
use crate::value::{Undefined, encode};
use crate::{CallError, Callback, PluginId, Registrations, Thrown};
use plughold_package::Dependency;
use serde::Serialize;
use std::future::ready;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How often one process of a plugin may listen. It has few dependencies, and one place or two that want to know of each.
const MOST: usize = 1_000;

/// Who wants to hear of which plugin. A process that has not taken over so far hears as well: what it misses it would never
/// learn.
#[derive(Debug)]
pub(crate) struct Watchers {
    all: Registrations<Watcher, u64>,
    last: AtomicU64,
}

#[derive(Debug)]
struct Watcher {
    watched: Dependency,
    callback: Callback<(Change,), Undefined>,
    /// The active generation that the watcher knows of, none if it knows that the plugin is not active.
    known: Mutex<Option<u32>>,
}

/// What a watcher is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    id: String,
    is_active: bool,
    /// Counts its processes.
    generation: u32,
}

impl Default for Watchers {
    fn default() -> Watchers {
        Watchers { all: Registrations::at_most(MOST), last: AtomicU64::new(0) }
    }
}

impl Watchers {
    /// A plugin may have become active or not, or another process of it may have taken over: whoever does not know it yet is
    /// told.
    pub(crate) fn look(&self, registry: &Registry, changed: &PluginId) {
        for watcher in self.all.of_everybody().iter().filter(|watcher| watcher.watched.id == *changed) {
            watcher.look(registry);
        }
    }
}

impl Watcher {
    fn look(&self, registry: &Registry) {
        // Held until it is told, so that what happens in order is told in order.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let change = Change::now(registry, &self.watched);
        let active = change.active();
        if *known != active && self.callback.notify((change,)).is_ok() {
            *known = active;
        }
    }
}

impl Change {
    /// How things are with the plugin that is needed. One that does not fit is as good as none.
    fn now(registry: &Registry, needed: &Dependency) -> Change {
        let id = needed.id.as_str();
        let (is_active, generation) = registry.get(id).map_or((false, 0), |plugin| plugin.presence());
        let is_active = is_active && registry.misfit(needed).is_none();
        Change { id: id.to_owned(), is_active, generation }
    }

    fn active(&self) -> Option<u32> {
        self.is_active.then_some(self.generation)
    }
}

/// Listens to a plugin that the manifest declares as a dependency, if its use was granted, and gives what ends that.
pub(super) fn on_change(request: Request) -> Result<Running, Thrown> {
    let Request { plugins, invocation, args, .. } = request;
    let argument_error = |words| Thrown::new("TypeError", words);
    let id: String = args.argument(0).map_err(argument_error)?;
    let callback = args.argument(1).map_err(argument_error)?;
    let (permission, plugins) = (plugins::permission_to_use(&invocation, &id)?, plugins.clone());
    guarded(&permission, None, invocation, move |invocation| {
        let needed = plugins::declared(&invocation, &id)?.clone();
        listen(&plugins, needed, callback, &invocation)
    })
}

fn listen(
    plugins: &Registry,
    needed: Dependency,
    callback: Callback<(Change,), Undefined>,
    invocation: &Invocation,
) -> Result<Running, Thrown> {
    let watchers = plugins.watchers();
    let known = Mutex::new(Change::now(plugins, &needed).active());
    let (session, number) = (&invocation.session, watchers.last.fetch_add(1, Ordering::Relaxed));
    let watcher = Watcher { watched: needed, callback, known };
    let registration = watchers.all.put(session.seat(), number, watcher, IfOwn::Refuse)?;
    // What changed between the look and the registration was told to nobody.
    if let Some(watcher) = watchers.all.own_of(session.seat(), &number) {
        watcher.look(plugins);
    }
    let encoded =
        encode(&registration, session.exports()).map_err(|error| CallError::from(error).to_thrown())?;
    Ok(Box::pin(ready(Ok(encoded))))
}
