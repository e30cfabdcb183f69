//! A call on its way to what needs a permission.

use super::access::Allowed;
use super::decision::Refusal;
use crate::Thrown;
use crate::api::{Invocation, Running};
use plughold_package::Scope;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Different things that one call may use by [`Cx::allows`](crate::Cx::allows). A function that looks at more of them does
/// so in several calls.
const USED: usize = 1_000;

/// What a call rests on: when one of it is withdrawn, the call ends.
#[derive(Debug, Default)]
pub(crate) struct Resting {
    /// What the called function needs. Most calls have nothing else, and this takes no memory of its own.
    needed: OnceLock<Arc<Scope>>,
    /// What the function has asked for by itself.
    used: Mutex<Vec<Arc<Scope>>>,
}

impl Resting {
    /// From now on the call rests on this too. False when it rests on too much already.
    #[must_use]
    pub(crate) fn on(&self, scope: &Arc<Scope>) -> bool {
        let is_first = self.needed.set(scope.clone()).is_ok();
        let has_room = is_first || {
            let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            let is_known = self.needed.get() == Some(scope) || used.contains(scope);
            if !is_known && used.len() < USED {
                used.push(scope.clone());
                true
            } else {
                is_known
            }
        };
        // Before the look at what was decided: either that look sees a withdrawal, or whoever withdraws sees this.
        fence(Ordering::SeqCst);
        has_room
    }

    /// What the called function or reference itself needs.
    pub(crate) fn needed(&self) -> Option<&Arc<Scope>> {
        self.needed.get()
    }

    /// Something of it for which that holds.
    pub(crate) fn find(&self, is: &dyn Fn(&Scope) -> bool) -> Option<Arc<Scope>> {
        fence(Ordering::SeqCst);
        let needed = self.needed.get().filter(|scope| is(scope)).cloned();
        needed.or_else(|| {
            let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            used.iter().find(|scope| is(scope)).cloned()
        })
    }
}

impl Invocation {
    /// From now on the call rests on this. A notification has no answer that could say so, and goes on.
    pub(crate) fn rest_on(&self, scope: &Arc<Scope>) -> bool {
        self.call.is_none() || self.cancellation.resting.on(scope)
    }
}

/// Starts what a plugin holds and was given under a permission, unless that is denied by now.
pub(crate) fn given_under(
    scope: &Arc<Scope>,
    invocation: Invocation,
    start: impl FnOnce(Invocation) -> Result<Running, Thrown>,
) -> Result<Running, Thrown> {
    let _ = invocation.rest_on(scope);
    let access = invocation.session.access();
    if access.is_denied(scope) {
        return Err(access.refuse(scope, Refusal::Denied));
    }
    start(invocation)
}

/// Starts what needs a permission, if the plugin has it; waits first if somebody is to be asked. In `known` is kept at which
/// version of the decisions the plugin was found to have it, for those that are called often.
pub(crate) fn guarded(
    scope: &Arc<Scope>,
    known: Option<&AtomicU64>,
    invocation: Invocation,
    start: impl FnOnce(Invocation) -> Result<Running, Thrown> + Send + 'static,
) -> Result<Running, Thrown> {
    // The call is new, and rests on nothing else.
    let _ = invocation.rest_on(scope);
    let version = invocation.session.access().version();
    if known.is_some_and(|known| known.load(Ordering::Relaxed) == version) {
        return start(invocation);
    }
    let access = invocation.session.access().clone();
    access.used(scope, invocation.call);
    match access.allows(scope) {
        Allowed::Yes => {
            if let Some(known) = known {
                known.store(version, Ordering::Relaxed);
            }
            start(invocation)
        }
        Allowed::No(why) => Err(access.refuse(scope, why)),
        Allowed::Undecided => {
            let (awaited, scope) = (access.wait(scope), scope.clone());
            Ok(Box::pin(async move {
                let cancellation = invocation.cancellation.clone();
                let decided = tokio::select! {
                    biased;
                    decided = awaited.decided() => decided,
                    // Nobody wants it any more; whoever is asked may go on thinking.
                    _ = cancellation.cancelled() => return Err(crate::CallError::Cancelled.to_thrown().to_value()),
                };
                let started = match decided {
                    Ok(()) => start(invocation),
                    Err(why) => Err(access.refuse(&scope, why)),
                };
                match started {
                    Ok(running) => running.await,
                    Err(thrown) => Err(thrown.to_value()),
                }
            }))
        }
    }
}
