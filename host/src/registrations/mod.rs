//! What an embedder keeps its plugins' registrations in.
//!
//! - [`Registrations`]: things by key; each belongs to one process of a plugin, and goes with it
//! - [`registered`]: one of them, as a reader gets it
//! - [`registration`]: one of them, as a plugin gets it
//! - [`table`]: all of them, by key and by owner

mod error;
mod registered;
mod registration;
mod table;
#[cfg(test)]
mod tests;

pub use error::RegisterError;
pub use registered::Registered;
pub use registration::Registration;

use crate::session::standing::{Keeper, Seat};
use crate::{Cx, PluginId};
use registered::Node;
use std::borrow::Borrow;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
pub(crate) use table::IfOwn;
use table::Table;

/// How many things one process of a plugin may keep in one [`Registrations`], unless
/// [`at_most`](Registrations::at_most) says otherwise: more than any application shows, and few enough that a loop which
/// registers is stopped before it fills the memory.
pub(crate) const MOST: usize = 10_000;

/// Things that plugins registered, by key: commands, views, listeners. Cheap to clone; all clones are one.
///
/// Each belongs to the process of a plugin that registered it, and is there exactly as long as that process stands for
/// its plugin:
///
/// - When the process ends, however it does, its things are gone at once, for everybody.
/// - While a plugin is reloaded, the things of its new process are seen by that process alone
///   ([`own`](Registrations::own), [`seen_by`](Registrations::seen_by)). In the moment in which it takes over everybody sees
///   them instead of the old ones; when the reload fails, the old ones stay.
/// - A key that a plugin has is no other's.
/// - A plugin that has something registered is in use: it does not [rest](crate::Limits::idle).
///
/// ```
/// use plughold::{Api, Callback, Cx, RegisterError, Registration, Registrations};
///
/// type Execute = Callback<Vec<String>, String>;
///
/// /// The state of the application's API.
/// #[derive(Default)]
/// struct App {
///     commands: Registrations<Execute>,
/// }
///
/// /// In a plugin: `const command = await app.register("greet", (name) => "Hello " + name)`, and perhaps
/// /// `await command.dispose()`. An application that gives nothing back drops the `Registration`.
/// async fn register(cx: Cx<App>, name: String, execute: Execute) -> Result<Registration, RegisterError> {
///     cx.state().commands.insert(&cx, name, execute)
/// }
///
/// /// In the application: what a user types.
/// async fn execute(app: &App, name: &str, args: Vec<String>) -> Result<String, Box<dyn std::error::Error>> {
///     let execute = app.commands.get(name).ok_or("there is no such command")?;
///     Ok(execute.call(args).await?)
/// }
///
/// let commands = App::default().commands;
/// for command in commands.iter() {
///     println!("{} of {}", command.key(), command.plugin());
/// }
/// let api = Api::new(App { commands }).function("register", register);
/// # let _ = (api, execute);
/// ```
///
/// Reading is cheap and never waits for code of the application: what is read is a handle, and a lock is held for the
/// look into the table only. Keys are compared under it, so their `Ord` does not come back here. What a process had is
/// dropped outside of it.
pub struct Registrations<V, K = String> {
    shared: Arc<Shared<V, K>>,
}

pub(crate) struct Shared<V, K> {
    most: usize,
    table: Mutex<Table<V, K>>,
}

impl<V, K> Registrations<V, K>
where
    V: Send + Sync + 'static,
    K: Ord + Clone + Send + Sync + 'static,
{
    /// Without anything in it.
    pub fn new() -> Registrations<V, K> {
        Registrations::at_most(MOST)
    }

    /// Without anything in it; one process of a plugin has room for `most` things.
    pub fn at_most(most: usize) -> Registrations<V, K> {
        Registrations { shared: Arc::new(Shared { most, table: Mutex::default() }) }
    }

    /// Registers something for the plugin that calls, instead of what this process has registered under the key before.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Taken`] if another plugin has the key, [`RegisterError::TooMany`] if the plugin has registered as
    /// much as it may, [`RegisterError::Gone`] if its process has ended meanwhile or another has taken over.
    pub fn insert<S>(&self, cx: &Cx<S>, key: K, value: V) -> Result<Registration, RegisterError> {
        self.put(cx.session().seat(), key, value, IfOwn::Replace)
    }

    /// As [`insert`](Registrations::insert), but [`RegisterError::Taken`] also if this very process has the key.
    pub fn insert_new<S>(&self, cx: &Cx<S>, key: K, value: V) -> Result<Registration, RegisterError> {
        self.put(cx.session().seat(), key, value, IfOwn::Refuse)
    }

    /// What is registered under the key, by whomever.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<Registered<V, K>>
    where
        K: Borrow<Q>,
    {
        self.shared.lock().current(key)
    }

    /// What the process that calls has registered under the key, also while it is not seen by others.
    pub fn own<S, Q: Ord + ?Sized>(&self, cx: &Cx<S>, key: &Q) -> Option<Registered<V, K>>
    where
        K: Borrow<Q>,
    {
        self.own_of(cx.session().seat(), key)
    }

    /// What the process that calls sees under the key: its [`own`](Registrations::own), or what everybody sees.
    pub fn seen_by<S, Q: Ord + ?Sized>(&self, cx: &Cx<S>, key: &Q) -> Option<Registered<V, K>>
    where
        K: Borrow<Q>,
    {
        self.own(cx, key).or_else(|| self.get(key))
    }

    /// All that the process that calls has registered, in the order in which it did, also while it is not seen by others.
    pub fn all_own<S>(&self, cx: &Cx<S>) -> Vec<Registered<V, K>> {
        self.shared.lock().of(cx.session().seat())
    }

    /// All that is registered at this moment, in the order in which it was. What is registered or goes meanwhile changes
    /// nothing of what is given.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Registered<V, K>> + use<V, K> {
        self.shared.lock().all_current(|_| true).into_iter()
    }

    /// All that a plugin has registered, in the order in which it did.
    pub fn of(&self, plugin: &PluginId) -> Vec<Registered<V, K>> {
        self.shared.lock().all_current(|seat| seat.plugin() == plugin)
    }

    /// Everything of every process that has not ended, also of those that are not seen so far.
    pub(crate) fn of_everybody(&self) -> Vec<Registered<V, K>> {
        self.shared.lock().all_live()
    }

    pub(crate) fn own_of<Q: Ord + ?Sized>(&self, seat: &Seat, key: &Q) -> Option<Registered<V, K>>
    where
        K: Borrow<Q>,
    {
        self.shared.lock().own(seat, key)
    }

    pub(crate) fn put(
        &self,
        seat: &Arc<Seat>,
        key: K,
        value: V,
        if_own: IfOwn,
    ) -> Result<Registration, RegisterError> {
        let put = self.shared.lock().put(seat, key, value, if_own, self.shared.most);
        // What was replaced or refused is dropped here, where no lock is held.
        let put = put.map_err(|(error, _refused)| error)?;
        if put.is_first {
            let keeper: Arc<dyn Keeper> = self.shared.clone();
            if !seat.tell(Arc::downgrade(&keeper)) {
                // It retired meanwhile, and nobody is told a second time.
                self.shared.forget(seat);
                return Err(RegisterError::Gone);
            }
        }
        let shared: Weak<Shared<V, K>> = Arc::downgrade(&self.shared);
        Ok(Registration::new(shared, Arc::downgrade(&put.node)))
    }
}

impl<V, K> Shared<V, K> {
    fn lock(&self) -> MutexGuard<'_, Table<V, K>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V, K> Shared<V, K>
where
    V: Send + Sync + 'static,
    K: Ord + Clone + Send + Sync + 'static,
{
    /// Drops one thing. False if it was gone already.
    fn remove(&self, node: &Arc<Node<V, K>>) -> bool {
        self.lock().remove(node)
    }
}

impl<V, K> Keeper for Shared<V, K>
where
    V: Send + Sync + 'static,
    K: Ord + Clone + Send + Sync + 'static,
{
    fn forget(&self, seat: &Seat) {
        let forgotten = self.lock().take_all(seat);
        drop(forgotten);
    }

    fn keeps(&self, seat: &Seat) -> bool {
        self.lock().keeps(seat)
    }
}

impl<V, K> Clone for Registrations<V, K> {
    fn clone(&self) -> Registrations<V, K> {
        Registrations { shared: self.shared.clone() }
    }
}

impl<V, K> Default for Registrations<V, K>
where
    V: Send + Sync + 'static,
    K: Ord + Clone + Send + Sync + 'static,
{
    fn default() -> Registrations<V, K> {
        Registrations::new()
    }
}

impl<V, K> fmt::Debug for Registrations<V, K> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (things, processes) = self.shared.lock().counts();
        to.debug_struct("Registrations").field("things", &things).field("processes", &processes).finish()
    }
}
