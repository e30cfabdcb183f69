//! What a function of the application knows of the call that it serves.

use crate::api::Invocation;
use crate::callback::{Call, Callback, Remote};
use crate::permissions::{Allowed, Refusal};
use crate::session::Session;
use crate::session::chain::Chain;
use crate::{Plugin, PluginId, Thrown};
use plughold_package::{Package, Scope};
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

    /// When the answer is of no use any more, if that is known: the plugin said so, or it makes this call on behalf of one
    /// to itself that ends then.
    pub fn deadline(&self) -> Option<Instant> {
        self.invocation.link.deadline()
    }

    /// The calls that led to this one, for errors and logs.
    pub fn chain(&self) -> Chain {
        Chain::new(self.invocation.link.clone())
    }

    /// Whether the plugin may use this much of a permission: `cx.allows("fs.read", "data/notes.txt")`,
    /// `cx.allows("net.fetch", "https://api.example/words")`. What can be read in more than one way (`..`, `%2e`, a user
    /// before a host) is not allowed by anything, and neither is what somebody would have to be asked for; see
    /// [`require`](Cx::require).
    ///
    /// From then on this call rests on it: it is cancelled when it is revoked.
    pub fn allows(&self, permission: &str, of: &str) -> bool {
        let Ok(scope) = Scope::wanted(permission, of).map(Arc::new) else { return false };
        let access = self.session().access();
        access.used(&scope, self.invocation.call);
        self.invocation.rest_on(&scope) && access.allows(&scope) == Allowed::Yes
    }

    /// As [`allows`](Cx::allows), and waits while somebody is asked.
    ///
    /// Returns what the plugin is to see: a `PermissionDenied` with the code `E_DENIED`, whose message says what to do.
    ///
    /// ```
    /// use plughold::{Cx, Thrown};
    ///
    /// async fn read(cx: Cx<()>, path: String) -> Result<String, Thrown> {
    ///     cx.require("fs.read", &path).await?;
    ///     Ok(std::fs::read_to_string(path)?)
    /// }
    /// ```
    pub async fn require(&self, permission: &str, of: &str) -> Result<(), Thrown> {
        let access = self.session().access();
        let scope = match Scope::wanted(permission, of) {
            Ok(scope) => Arc::new(scope),
            Err(error) => return Err(access.refuse_malformed(permission, of, &error)),
        };
        if !self.invocation.rest_on(&scope) {
            return Err(access.refuse(&scope, Refusal::TooMany));
        }
        access.used(&scope, self.invocation.call);
        let decided = match access.allows(&scope) {
            Allowed::Yes => Ok(()),
            Allowed::No(why) => Err(why),
            Allowed::Undecided => access.wait(&scope).decided().await,
        };
        decided.map_err(|why| access.refuse(&scope, why))
    }

    /// Whether this call is not wanted any more: the plugin has cancelled it, the call to it on whose behalf it was made has
    /// ended, or the plugin is gone.
    pub fn is_cancelled(&self) -> bool {
        self.invocation.cancellation.is_cancelled()
    }

    /// Completes once this call is not wanted any more: the plugin has cancelled it or is gone, or it made this call to serve
    /// another, whose [`deadline`](Cx::deadline) has passed or which was dropped. In the last case the plugin has its answer
    /// already, an error of the code `E_DEADLINE` or `E_CANCELLED`.
    ///
    /// The function is not ended by that: it may go on and put things in order, but its answer is not wanted, and calls made
    /// by [`call`](Cx::call) give [`CallError::Cancelled`](crate::CallError::Cancelled).
    ///
    /// A function that waits before it stores what a plugin registers looks at [`is_cancelled`](Cx::is_cancelled) while it
    /// holds the lock of the store: then [`Api::when_gone`](crate::Api::when_gone) finds everything that was stored.
    /// [`Registrations`](crate::Registrations) refuse what comes too late by themselves.
    pub async fn cancelled(&self) {
        self.invocation.cancellation.cancelled().await;
    }

    /// Calls a plugin's function on behalf of the call that is being served: it ends no later than that, is cancelled with
    /// it, and is served also by a plugin that waits for the answer to a call which led to this one.
    ///
    /// Besides what [`Callback::call`] gives, it gives [`CallError::Cancelled`](crate::CallError::Cancelled) when the call
    /// that is being served was cancelled, [`CallError::Circle`](crate::CallError::Circle) when plugins would wait for each
    /// other, and [`CallError::Depth`](crate::CallError::Depth) when the chain has become too long. What shall outlive the
    /// call that is being served is called by [`Callback::call`].
    pub fn call<A: Serialize, R: DeserializeOwned>(&self, callback: &Callback<A, R>, args: A) -> Call<R> {
        callback.call_with(args, Some(self.invocation.link.clone()))
    }

    /// Calls a method of a plugin's object, as [`Remote::call`], on behalf of the call that is being served, as
    /// [`call`](Cx::call).
    pub fn call_method<A: Serialize, R: DeserializeOwned>(
        &self,
        object: &Remote,
        method: &str,
        args: A,
    ) -> Call<R> {
        object.call_with(method, args, Some(self.invocation.link.clone()))
    }

    /// Reads a property of a plugin's object, as [`Remote::get`], on behalf of the call that is being served, as
    /// [`call`](Cx::call).
    pub fn get<R: DeserializeOwned>(&self, object: &Remote, accessor: &str) -> Call<R> {
        object.get_with(accessor, Some(self.invocation.link.clone()))
    }

    /// Calls a function that a plugin exports, as [`Plugin::call`](crate::Plugin::call), on behalf of the call that is
    /// being served, as [`call`](Cx::call).
    pub fn call_export<A: Serialize, R: DeserializeOwned>(
        &self,
        plugin: &Plugin,
        export: &str,
        args: A,
    ) -> Call<R> {
        plugin.call_with(export, args, Some(self.invocation.link.clone()))
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
