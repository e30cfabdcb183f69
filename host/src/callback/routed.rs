//! A call of an export on its way to the process that is the plugin by then.
//!
//! A call is made when it is polled first, and the process that was the plugin when it was prepared may have been replaced
//! since, or be about to: then it goes to the next one, which may have to be started before.

use crate::callback::Target;
use crate::callback::call::{Sent, send};
use crate::clock;
use crate::error::CallError;
use crate::service::Route;
use crate::session::{ExportTable, Link, Session};
use crate::value::{Encoded, encode_arguments, readdress};
use crate::{Plugin, PluginId};
use plughold_protocol::limits;
use serde::Serialize;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::time::Sleep;

/// A call that was not sent yet.
pub(super) struct Routed {
    plugin: Plugin,
    /// The process that it goes to unless another is the plugin by then.
    session: Option<Arc<Session>>,
    target: Target,
    args: Encoded,
    /// Whom the arguments were encoded for.
    table: Arc<ExportTable>,
    parent: Option<Arc<Link>>,
    waking: Option<Waking>,
}

/// The plugin is being started.
struct Waking {
    since: Instant,
    awake: Pin<Box<dyn Future<Output = Result<(), CallError>> + Send + Sync>>,
    deadline: Pin<Box<Sleep>>,
    after: Duration,
}

/// The key of no session: whoever encodes for it exports everything.
const NOBODY: u64 = 0;

impl Routed {
    /// Encodes the arguments now: they are borrowed.
    pub(super) fn new<A: Serialize>(
        plugin: &Plugin,
        target: Target,
        args: &A,
        parent: Option<Arc<Link>>,
    ) -> Result<Routed, CallError> {
        let (session, table) = match plugin.route() {
            Route::To(session) => {
                let table = session.exports().clone();
                (Some(session), table)
            }
            Route::Asleep => (None, ExportTable::new(NOBODY, limits::REFERENCES)),
            Route::Refused(error) => return Err(error),
        };
        let args = encode_arguments(args, &table)?;
        Ok(Routed { plugin: plugin.clone(), session, target, args, table, parent, waking: None })
    }

    /// Sends the call, as soon as there is somebody to send it to.
    pub(super) fn poll(
        &mut self,
        limit: Option<Duration>,
        context: &mut Context<'_>,
    ) -> Poll<Result<Sent, CallError>> {
        let mut waited = Duration::ZERO;
        loop {
            if let Some(waking) = &mut self.waking {
                ready!(waking.poll(context))?;
                waited = clock::now().saturating_duration_since(waking.since);
                self.waking = None;
            }
            if let Some(session) = self.session.take()
                && let Some(_pass) = session.gate.pass()
            {
                let limit = limit.unwrap_or(session.call_limit()).saturating_sub(waited);
                return Poll::Ready(self.send(&session, limit));
            }
            match self.plugin.route() {
                Route::To(session) if session.gate.is_open() => self.session = Some(session),
                // What was to be used is about to go: what comes next is known in a moment.
                Route::To(_) | Route::Asleep => self.wake(limit),
                Route::Refused(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn send(&mut self, session: &Arc<Session>, limit: Duration) -> Result<Sent, CallError> {
        let args = readdress(std::mem::take(&mut self.args), &self.table, session.exports())?;
        let target = std::mem::replace(&mut self.target, Target::Export(String::new()));
        send(session.clone(), target, args, limit, self.parent.take())
    }

    fn wake(&mut self, limit: Option<Duration>) {
        let after = limit.unwrap_or(self.plugin.shared().call_limit());
        // Whoever it is made for may have less time.
        let after = self.parent.as_ref().map_or(after, |parent| parent.shrink(after, clock::now()));
        let deadline = self.plugin.shared().sleep(after);
        self.waking =
            Some(Waking { since: clock::now(), awake: Box::pin(self.plugin.awake()), deadline, after });
    }
}

impl Waking {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        if let Poll::Ready(awake) = self.awake.as_mut().poll(context) {
            return Poll::Ready(awake);
        }
        ready!(self.deadline.as_mut().poll(context));
        Poll::Ready(Err(CallError::Deadline { after: self.after }))
    }
}

impl fmt::Debug for Routed {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plugin: &PluginId = self.plugin.id();
        to.debug_struct("Routed")
            .field("plugin", plugin)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
