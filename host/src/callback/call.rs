//! A call to a plugin, in flight.

use crate::callback::Reference;
use crate::error::CallError;
use crate::session::{Session, Ticket};
use crate::value::{Encoded, Incoming, encode_arguments};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Sleep;

/// What a call is for; it keeps a function alive until the call has ended.
#[derive(Debug)]
pub(crate) enum Target {
    Function(Arc<Reference>),
    Export(String),
}

/// A call to a plugin. It is sent when it is first polled, and cancelled when it is dropped before its end.
///
/// Gives what the function returned, or a [`CallError`]: exactly one of them, whatever happens to the plugin.
#[must_use = "a call does nothing unless awaited"]
#[derive(Debug)]
pub struct Call<R> {
    state: State,
    limit: Option<Duration>,
    returns: PhantomData<fn() -> R>,
}

#[derive(Debug)]
enum State {
    Refused(CallError),
    Prepared { session: Arc<Session>, target: Target, args: Encoded, parent: Option<u64> },
    Sent { ticket: Ticket, deadline: Pin<Box<Sleep>>, after: Duration },
    Done,
}

impl<R> Call<R> {
    pub(crate) fn new<A: Serialize>(
        session: Arc<Session>,
        target: Target,
        args: &A,
        parent: Option<u64>,
    ) -> Call<R> {
        let state = match encode_arguments(args, session.key()) {
            Ok(args) => State::Prepared { session, target, args, parent },
            Err(words) => State::Refused(CallError::Arguments(words)),
        };
        Call { state, limit: None, returns: PhantomData }
    }

    pub(crate) fn refused(error: CallError) -> Call<R> {
        Call { state: State::Refused(error), limit: None, returns: PhantomData }
    }

    /// Ends the call with [`CallError::Deadline`] after this time. The plugin learns the deadline with the call, and is
    /// told when it has passed.
    pub fn within(mut self, limit: Duration) -> Call<R> {
        self.limit = Some(limit);
        self
    }
}

impl<R: DeserializeOwned> Future for Call<R> {
    type Output = Result<R, CallError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            match std::mem::replace(&mut this.state, State::Done) {
                State::Refused(error) => return Poll::Ready(Err(error)),
                State::Prepared { session, target, args, parent } => {
                    let after = this.limit.unwrap_or(session.call_limit());
                    // First the call: of a session that has ended there may be no runtime left to sleep on.
                    match session.clone().start_call(target, args, after, parent) {
                        Ok(ticket) => {
                            let deadline = session.sleep(after);
                            this.state = State::Sent { ticket, deadline, after };
                        }
                        Err(error) => return Poll::Ready(Err(error)),
                    }
                }
                State::Sent { mut ticket, mut deadline, after } => {
                    if let Poll::Ready(answer) = ticket.poll(context) {
                        return Poll::Ready(answer.and_then(decode));
                    }
                    if deadline.as_mut().poll(context).is_ready() {
                        return Poll::Ready(Err(CallError::Deadline { after }));
                    }
                    this.state = State::Sent { ticket, deadline, after };
                    return Poll::Pending;
                }
                // A future that is polled after its end: there is no second answer.
                State::Done => return Poll::Pending,
            }
        }
    }
}

fn decode<R: DeserializeOwned>(answer: Incoming) -> Result<R, CallError> {
    answer.decode().map_err(CallError::Result)
}

/// Waits for the answer of one call. Kept apart from [`Call`] so that `ready!` reads well.
impl Ticket {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Incoming, CallError>> {
        let answer = ready!(self.poll_answer(context));
        self.settle();
        Poll::Ready(answer)
    }
}
