//! A call to a plugin, in flight.

use crate::Plugin;
use crate::callback::Reference;
use crate::callback::routed::Routed;
use crate::clock;
use crate::error::CallError;
use crate::figures::account::Kind;
use crate::figures::{Account, Slot};
use crate::session::berths::{Admission, Berth, Coming};
use crate::session::chain::{Called, Link};
use crate::session::{Session, Ticket};
use crate::text::clean_line;
use crate::value::{Encoded, Incoming, encode_arguments};
use plughold_protocol::limits;
use plughold_protocol::record::{Target as WireTarget, Unwanted};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::time::Sleep;

/// What a call is for; it keeps a function alive until the call has ended.
#[derive(Debug)]
pub(crate) enum Target {
    Function(Arc<Reference>),
    Method(Arc<Reference>, String),
    Property(Arc<Reference>, String),
    Export(String),
}

impl Target {
    /// In words, for traces and errors.
    pub(crate) fn called(&self) -> Called {
        match self {
            Target::Function(_) => Called::Function,
            Target::Method(object, name) | Target::Property(object, name) => {
                let class = object.description().map_or("", |description| &description.class);
                // The plugin chooses the name, and it stands in errors and traces of others.
                Called::name(format!("{class}.{}", clean_line(name, limits::NAME)))
            }
            Target::Export(name) => Called::name(name.as_str()),
        }
    }

    /// Where its calls are counted, under the name that [`called`](Target::called) gives where it has one.
    pub(crate) fn slot_in(&self, account: &mut Account, called: &Called) -> Slot {
        let kind = match self {
            Target::Function(function) => {
                let (kind, name) = function.origin().place.as_kind();
                return account.slot(kind, name);
            }
            Target::Export(_) => Kind::Export,
            Target::Method(..) | Target::Property(..) => Kind::Member,
        };
        match called {
            Called::Name(name) => account.slot(kind, name),
            Called::Function => account.slot(kind, ""),
        }
    }

    /// What has to be held until the call has ended.
    pub(crate) fn reference(&self) -> Option<&Arc<Reference>> {
        match self {
            Target::Function(reference) | Target::Method(reference, _) | Target::Property(reference, _) => {
                Some(reference)
            }
            Target::Export(_) => None,
        }
    }

    /// As it is sent.
    pub(crate) fn on_the_wire(&self) -> WireTarget<'_> {
        match self {
            Target::Function(reference) => WireTarget::Function(reference.id()),
            Target::Method(object, name) => WireTarget::Method(object.id(), name),
            Target::Property(object, name) => WireTarget::Property(object.id(), name),
            Target::Export(name) => WireTarget::Export(name),
        }
    }
}

/// A call to a plugin. It is sent when it is first polled, and cancelled when it is dropped before its end.
///
/// Gives what the function returned, or a [`CallError`]: exactly one of them, whatever happens to the plugin.
#[must_use = "a call does nothing unless awaited"]
#[derive(Debug)]
pub struct Call<R> {
    state: State,
    limit: Option<Duration>,
    /// When it was sent and how long it may take, once it was.
    sent: Option<(Instant, Duration)>,
    returns: PhantomData<fn() -> R>,
}

#[derive(Debug)]
enum State {
    Refused(CallError),
    Prepared {
        session: Arc<Session>,
        target: Target,
        args: Encoded,
        parent: Option<Arc<Link>>,
    },
    /// Of an export: it goes to the process that is the plugin when it is sent.
    Routed(Box<Routed>),
    Sent(Sent),
    Done,
}

/// A call that is on its way.
pub(super) struct Sent {
    stage: Stage,
    deadline: Pin<Box<Sleep>>,
    /// Right before it was sent.
    begun: Instant,
    after: Duration,
    /// Completes when whoever this call is made for does not want it any more.
    cancelled: Option<Pin<Box<dyn Future<Output = Unwanted> + Send + Sync>>>,
}

/// How far it is.
#[derive(Debug)]
enum Stage {
    /// Other calls that a plugin makes have taken all berths that there are.
    Waiting(Box<Unsent>),
    Sent(Ticket),
}

/// A call that waits for a berth.
struct Unsent {
    coming: Coming,
    session: Arc<Session>,
    target: Target,
    args: Encoded,
    parent: Option<Arc<Link>>,
}

impl<R> Call<R> {
    pub(crate) fn new<A: Serialize>(
        session: Arc<Session>,
        target: Target,
        args: &A,
        parent: Option<Arc<Link>>,
    ) -> Call<R> {
        let named = match &target {
            Target::Method(_, name) | Target::Property(_, name) | Target::Export(name) => name.len(),
            Target::Function(_) => 0,
        };
        if limits::NAME < named {
            return Call::refused(CallError::Arguments(format!("a name of {named} bytes")));
        }
        match encode_arguments(args, session.exports()) {
            Ok(args) => Call::prepared(session, target, args, parent),
            Err(error) => Call::refused(error.into()),
        }
    }

    /// Of what a plugin exports, in whatever process it has then.
    pub(crate) fn routed<A: Serialize>(
        plugin: &Plugin,
        target: Target,
        args: &A,
        parent: Option<Arc<Link>>,
    ) -> Call<R> {
        match Routed::new(plugin, target, args, parent) {
            Ok(routed) => {
                Call { state: State::Routed(Box::new(routed)), limit: None, sent: None, returns: PhantomData }
            }
            Err(error) => Call::refused(error),
        }
    }

    /// Of arguments that are encoded already.
    pub(crate) fn prepared(
        session: Arc<Session>,
        target: Target,
        args: Encoded,
        parent: Option<Arc<Link>>,
    ) -> Call<R> {
        let state = State::Prepared { session, target, args, parent };
        Call { state, limit: None, sent: None, returns: PhantomData }
    }

    pub(crate) fn refused(error: CallError) -> Call<R> {
        Call { state: State::Refused(error), limit: None, sent: None, returns: PhantomData }
    }

    /// Ends the call with [`CallError::Deadline`] after this time, or earlier when it is made on behalf of a call that ends
    /// earlier. The plugin learns the deadline with the call, and is told when it has passed.
    pub fn within(mut self, limit: Duration) -> Call<R> {
        self.limit = Some(limit);
        self
    }
}

impl<R> Call<R> {
    /// The answer as it came, for whoever passes it on.
    pub(crate) async fn raw(mut self) -> Result<Incoming, CallError> {
        poll_fn(|context| self.poll_answer(context)).await
    }

    fn go_on(&mut self, sent: Sent) {
        self.sent = Some((sent.begun, sent.after));
        self.state = State::Sent(sent);
    }

    /// A call further down the chain ends at the same moment, and its plugin may pass the error on before the timer of this
    /// one is heard: what the caller set is what it is told.
    fn own_deadline(&self, error: CallError) -> CallError {
        match (&error, self.sent) {
            (CallError::Thrown(thrown), Some((begun, after)))
                if thrown.code.as_deref() == Some("E_DEADLINE")
                    && after <= clock::now().saturating_duration_since(begun) =>
            {
                CallError::Deadline { after }
            }
            _ => error,
        }
    }

    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Result<Incoming, CallError>> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Refused(error) => return Poll::Ready(Err(error)),
                State::Prepared { session, target, args, parent } => {
                    let limit = self.limit.unwrap_or(session.call_limit());
                    match send(session, target, args, limit, parent) {
                        Ok(sent) => self.go_on(sent),
                        Err(error) => return Poll::Ready(Err(error)),
                    }
                }
                State::Routed(mut routed) => match routed.poll(self.limit, context) {
                    Poll::Ready(Ok(sent)) => self.go_on(sent),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => {
                        self.state = State::Routed(routed);
                        return Poll::Pending;
                    }
                },
                State::Sent(mut sent) => {
                    let polled = sent.poll(context);
                    if polled.is_pending() {
                        self.state = State::Sent(sent);
                    }
                    return polled;
                }
                // A future that is polled after its end: there is no second answer.
                State::Done => return Poll::Pending,
            }
        }
    }
}

impl<R: DeserializeOwned> Future for Call<R> {
    type Output = Result<R, CallError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(self.poll_answer(context));
        Poll::Ready(answer.and_then(|answer| answer.decode()).map_err(|error| self.own_deadline(error)))
    }
}

/// Sends a call that may take as long as `limit` and as whoever it is made for allows.
pub(super) fn send(
    session: Arc<Session>,
    target: Target,
    args: Encoded,
    limit: Duration,
    parent: Option<Arc<Link>>,
) -> Result<Sent, CallError> {
    let after = parent.as_ref().map_or(limit, |parent| parent.shrink(limit, clock::now()));
    if after.is_zero() {
        return Err(CallError::Deadline { after });
    }
    let cancellation = parent.as_ref().and_then(|parent| parent.cancellation()).cloned();
    if cancellation.as_ref().is_some_and(|cancellation| cancellation.is_cancelled()) {
        return Err(CallError::Cancelled);
    }
    let begun = clock::now();
    // First the call: of a session that has ended there may be no runtime left to sleep on.
    let stage = match session.berths().admit(parent.as_ref()) {
        Admission::Now(berth) => {
            Stage::Sent(session.start_call(target, Encoded { berth, ..args }, after, parent)?)
        }
        Admission::Later(coming) => {
            Stage::Waiting(Box::new(Unsent { coming, session: session.clone(), target, args, parent }))
        }
    };
    let cancelled =
        cancellation.map(|cancellation| -> Pin<Box<dyn Future<Output = Unwanted> + Send + Sync>> {
            Box::pin(async move { cancellation.cancelled().await })
        });
    Ok(Sent { stage, begun, deadline: session.sleep(after), after, cancelled })
}

impl Sent {
    /// An answer that is there counts, whatever else has happened meanwhile.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Incoming, CallError>> {
        if let Poll::Ready(answer) = self.poll_stage(context) {
            return Poll::Ready(answer);
        }
        if self.deadline.as_mut().poll(context).is_ready() {
            self.give_up(Unwanted::Deadline);
            return Poll::Ready(Err(CallError::Deadline { after: self.after }));
        }
        let Some(cancelled) = &mut self.cancelled else { return Poll::Pending };
        let why = ready!(cancelled.as_mut().poll(context));
        self.give_up(why);
        Poll::Ready(Err(CallError::Cancelled))
    }

    fn poll_stage(&mut self, context: &mut Context<'_>) -> Poll<Result<Incoming, CallError>> {
        if let Stage::Waiting(unsent) = &mut self.stage {
            let berth = ready!(unsent.coming.as_mut().poll(context));
            let left = self.after.saturating_sub(clock::now().saturating_duration_since(self.begun));
            self.stage = Stage::Sent(unsent.send(berth, left)?);
        }
        match &mut self.stage {
            Stage::Sent(ticket) => ticket.poll(context),
            Stage::Waiting(_) => Poll::Pending,
        }
    }

    /// Nobody will wait for the answer any more, for this reason.
    fn give_up(&mut self, why: Unwanted) {
        if let Stage::Sent(ticket) = &mut self.stage {
            ticket.give_up(why);
        }
    }
}

impl Unsent {
    /// Sends it, once: what it was made of is gone then.
    fn send(&mut self, berth: Option<Berth>, left: Duration) -> Result<Ticket, CallError> {
        let target = std::mem::replace(&mut self.target, Target::Export(String::new()));
        let args = Encoded { berth, ..std::mem::take(&mut self.args) };
        self.session.start_call(target, args, left, self.parent.take())
    }
}

impl fmt::Debug for Unsent {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Unsent").field("target", &self.target).finish_non_exhaustive()
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Sent")
            .field("stage", &self.stage)
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

/// Waits for the answer of one call. Kept apart from [`Call`] so that `ready!` reads well.
impl Ticket {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Incoming, CallError>> {
        let answer = ready!(self.poll_answer(context));
        self.settle();
        Poll::Ready(answer)
    }
}
