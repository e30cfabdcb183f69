//! What a function of the application knows of the call that it serves.

use crate::api::Invocation;
use crate::callback::{Call, Callback};
use crate::session::Session;
use crate::{PluginId, Thrown};
use plughold_package::Package;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// What a function of the application knows of the call that it serves: who calls, until when, and the application's
/// state. Cheap to clone.
pub struct Cx<S> {
    state: Arc<S>,
    invocation: Arc<Invocation>,
}

impl<S> Cx<S> {
    pub(crate) fn new(state: Arc<S>, invocation: Invocation) -> Cx<S> {
        Cx { state, invocation: Arc::new(invocation) }
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.invocation.session
    }

    /// The state that was given to [`Api::new`](crate::Api::new).
    pub fn state(&self) -> &S {
        &self.state
    }

    /// The plugin that calls. It is known by its socket, never by what it says.
    pub fn plugin(&self) -> &PluginId {
        self.session().plugin()
    }

    /// Counts the processes of this plugin.
    pub fn generation(&self) -> u32 {
        self.session().generation()
    }

    /// What the plugin is on disk.
    pub fn package(&self) -> &Arc<Package> {
        &self.invocation.package
    }

    /// When the plugin gives up waiting, if it said so.
    pub fn deadline(&self) -> Option<Instant> {
        self.invocation.deadline
    }

    /// Whether the plugin has cancelled this call or is gone.
    pub fn is_cancelled(&self) -> bool {
        self.invocation.cancellation.is_cancelled()
    }

    /// Completes once the plugin has cancelled this call or is gone. The call may go on; its answer is not wanted.
    ///
    /// A function that waits before it stores what a plugin registers looks at [`is_cancelled`](Cx::is_cancelled) while it
    /// holds the lock of the store: then [`Api::when_gone`](crate::Api::when_gone) finds everything that was stored.
    pub async fn cancelled(&self) {
        self.invocation.cancellation.cancelled().await;
    }

    /// Calls a plugin's function on behalf of the call that is being served. The plugin that made that call is told
    /// which one it was.
    pub fn call<A: Serialize, R: DeserializeOwned>(&self, callback: &Callback<A, R>, args: A) -> Call<R> {
        // Numbers of calls belong to one process; to another it would name a call of its own.
        let parent = self.invocation.call.filter(|_| callback.is_of(self.session().key()));
        callback.call_with(args, parent)
    }

    /// Keeps the plugin in the state `starting` until what this returns is dropped: for platforms whose plugins go on
    /// starting after their code has run. It has no effect on a plugin that is active already.
    pub fn hold_activation(&self) -> ActivationHold {
        self.session().activation.hold();
        ActivationHold { session: self.session().clone() }
    }
}

impl<S> Clone for Cx<S> {
    fn clone(&self) -> Cx<S> {
        Cx { state: self.state.clone(), invocation: self.invocation.clone() }
    }
}

impl<S> fmt::Debug for Cx<S> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Cx").field("plugin", self.plugin()).field("call", &self.invocation.call).finish()
    }
}

/// Keeps a plugin in the state `starting`; see [`Cx::hold_activation`]. Dropping it lets the plugin become active.
#[derive(Debug)]
pub struct ActivationHold {
    session: Arc<Session>,
}

impl ActivationHold {
    /// The plugin cannot be activated: it becomes `failed` with this error. Of a plugin that is active already it is
    /// reported as [`Event::Uncaught`](crate::Event::Uncaught).
    pub fn fail(self, thrown: impl Into<Thrown>) {
        self.session.activation.fail(thrown.into());
    }
}

impl Drop for ActivationHold {
    fn drop(&mut self) {
        self.session.activation.release();
    }
}
