//! The permissions of one plugin, through all its processes: the [machine](super::grants) and its surroundings.

use super::decision::{By, Decision, PermissionError, Refusal};
use super::grants::{Action, Grants, Input, Said, Verdict};
use super::office::Office;
use super::uses::Uses;
use crate::session::Session;
use crate::session::rate::Bucket;
use crate::{PluginId, clock};
use plughold_package::{Permission, Scope};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::{Notify, oneshot};

/// Refused calls of one plugin that are told in a second. It may make them by the thousand.
const TOLD: u64 = 10;

/// What was decided for one plugin, by whoever, until it is unloaded.
pub(crate) struct Ledger {
    plugin: PluginId,
    /// Handles of plugins outlive their host, and the host's events shall end with it.
    office: Weak<Office>,
    /// Counts what was decided. Whoever has looked need not look again as long as it is the same.
    version: AtomicU64,
    /// Something was decided.
    decided: Notify,
    /// What the plugin has used, if somebody wants to know.
    uses: Option<Uses>,
    state: Mutex<State>,
}

struct State {
    grants: Grants,
    /// Calls that wait for decisions, by numbers of their own: processes count theirs each from one.
    waiting: HashMap<u64, oneshot::Sender<Result<(), Refusal>>>,
    last: u64,
    /// Ledger as manifests ask for them, with the reasons that people are shown.
    asked: BTreeMap<Scope, Permission>,
    sessions: Vec<Weak<Session>>,
    told: Bucket,
}

/// A call that waits for a decision. Dropping it gives up its place.
pub(crate) struct Awaited {
    permissions: Arc<Ledger>,
    call: u64,
    decided: oneshot::Receiver<Result<(), Refusal>>,
}

impl Ledger {
    pub(crate) fn new(plugin: PluginId, office: Weak<Office>) -> Arc<Ledger> {
        let state = State {
            grants: Grants::default(),
            waiting: HashMap::new(),
            last: 0,
            asked: BTreeMap::new(),
            sessions: Vec::new(),
            told: Bucket::new(TOLD, clock::now()),
        };
        let uses = office.upgrade().filter(|office| office.observes).map(|_| Uses::default());
        Arc::new(Ledger {
            plugin,
            office,
            uses,
            version: AtomicU64::new(1),
            decided: Notify::new(),
            state: Mutex::new(state),
        })
    }

    /// A process of the plugin, whose calls end when what they rest on is withdrawn.
    pub(crate) fn join(&self, session: &Arc<Session>) {
        self.uses.iter().for_each(Uses::begin);
        let mut state = self.lock();
        state.sessions.retain(|session| 0 < session.strong_count());
        state.sessions.push(Arc::downgrade(session));
    }

    /// What the application says of what a manifest asks for.
    pub(crate) fn say(self: &Arc<Self>, permission: &Permission, scope: Scope, said: Said) {
        self.lock().asked.insert(scope.clone(), permission.clone());
        self.on(Input::Said { scope, said });
    }

    /// Grants by hand.
    pub(crate) fn grant(self: &Arc<Self>, scope: Scope) -> Result<(), PermissionError> {
        self.check_room(&scope)?;
        self.on(Input::Granted { scope });
        Ok(())
    }

    /// Revokes by hand.
    pub(crate) fn revoke(self: &Arc<Self>, scope: Scope) -> Result<(), PermissionError> {
        self.check_room(&scope)?;
        self.on(Input::Revoked { scope });
        Ok(())
    }

    /// What was decided about a thing.
    pub(crate) fn verdict(&self, scope: &Scope) -> Verdict {
        self.lock().grants.verdict(scope)
    }

    /// Changes with each decision. Ordered with what calls rest on: either whoever withdraws a decision finds the call, or
    /// the call finds another version.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }

    /// A call waits until somebody has decided.
    pub(crate) fn wait(self: &Arc<Self>, scope: &Scope) -> Awaited {
        let (sender, decided) = oneshot::channel();
        let mut state = self.lock();
        state.last += 1;
        let call = state.last;
        state.waiting.insert(call, sender);
        drop(state);
        let awaited = Awaited { permissions: self.clone(), call, decided };
        self.on(Input::Needed { call, scope: scope.clone() });
        awaited
    }

    /// A call was refused, for want of this permission.
    pub(crate) fn refused(&self, permission: &str) {
        let mut state = self.lock();
        if state.told.take(1, clock::now()) {
            self.record(permission, Decision::Refused, None);
        }
    }

    /// What the plugin has used, if somebody wants to know.
    pub(crate) fn uses(&self) -> Option<&Uses> {
        self.uses.as_ref()
    }

    /// Whether the plugin may use something that its manifest does not ask for, because it is observed.
    pub(crate) fn grants_unasked(&self, scope: &Scope) -> bool {
        self.uses.is_some()
            && self.office.upgrade().is_some_and(|office| office.grants_unasked(&self.plugin, scope))
    }

    fn on(self: &Arc<Self>, input: Input) {
        let decides = !matches!(input, Input::Needed { .. } | Input::Ended { .. });
        let mut state = self.lock();
        let actions = state.grants.on(input);
        if decides {
            self.version.fetch_add(1, Ordering::SeqCst);
        }
        let (mut questions, mut answers, mut is_withdrawn) = (Vec::new(), Vec::new(), false);
        for action in actions {
            match action {
                Action::Ask { scope } => questions.push(scope),
                Action::Proceed { call } => answers.push((state.waiting.remove(&call), Ok(()))),
                Action::Refuse { call, why } => answers.push((state.waiting.remove(&call), Err(why))),
                Action::Withdraw => is_withdrawn = true,
                // Under the lock, so that what happens in order is told in order.
                Action::Record { scope, decision, by } => {
                    self.record(&scope.to_string(), decision, Some(by));
                }
            }
        }
        let sessions = if is_withdrawn { state.sessions.clone() } else { Vec::new() };
        drop(state);
        if decides {
            self.decided.notify_waiters();
        }
        for (call, answer) in answers {
            // It may have gone away meanwhile.
            let _ = call.map(|call| call.send(answer));
        }
        for session in sessions.iter().filter_map(Weak::upgrade) {
            session.refuse(&|scope| self.verdict(scope) == Verdict::Denied);
        }
        questions.into_iter().for_each(|scope| self.ask(scope));
    }

    /// Asks somebody, in a task, until there is an answer or somebody has decided by hand.
    fn ask(self: &Arc<Self>, scope: Scope) {
        let asked = self.lock().asked.get(&scope).cloned();
        let question = self.office.upgrade().zip(asked);
        let Some((office, permission)) = question else {
            // The host is gone: nobody is there to be asked.
            return self.on(Input::Answered { scope, is_granted: false });
        };
        let this = self.clone();
        let question = office.question(self.plugin.clone(), permission);
        office.runtime().spawn(async move {
            let mut question = pin!(question);
            let is_granted = loop {
                // Made before the look, so that nothing that is decided in between is missed.
                let decided = this.decided.notified();
                if this.verdict(&scope) != Verdict::Open {
                    break false;
                }
                tokio::select! {
                    is_granted = &mut question => break is_granted,
                    () = decided => {}
                }
            };
            this.on(Input::Answered { scope, is_granted });
        });
    }

    fn record(&self, permission: &str, decision: Decision, by: Option<By>) {
        if let Some(office) = self.office.upgrade() {
            office.record(&self.plugin, permission, decision, by);
        }
    }

    fn check_room(&self, scope: &Scope) -> Result<(), PermissionError> {
        let has_room = self.lock().grants.has_room(scope);
        if has_room { Ok(()) } else { Err(PermissionError::TooMany { permission: scope.to_string() }) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Awaited {
    /// Completes when somebody has decided. The error says why the call may not go on.
    pub(crate) async fn decided(mut self) -> Result<(), Refusal> {
        // The sender is dropped only with this.
        (&mut self.decided).await.unwrap_or(Err(Refusal::Denied))
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        let waits = self.permissions.lock().waiting.remove(&self.call);
        if waits.is_some() {
            self.permissions.on(Input::Ended { call: self.call });
        }
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Ledger").field("plugin", &self.plugin).finish_non_exhaustive()
    }
}
