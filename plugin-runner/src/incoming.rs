//! Messages of the host, checked and decoded.
//!
//! A message is decoded to values of the engine before any of its JavaScript runs: by then the socket must be free,
//! because an `import` may read from it in the middle of a turn.

use crate::calls_in::{CallIn, Callee};
use crate::calls_out::{self, Waiting};
use crate::decode::{self, Undecodable};
use crate::engine::{Js, Value};
use crate::load::{Entry, Load};
use crate::session::Session;
use crate::{serve, streams};
use plughold_protocol::record::{Outcome, Refusal, Released, Target, Unwanted};
use plughold_protocol::{Message, Role};

/// What a message wants to be done.
pub(crate) enum Task {
    /// Load the plugin.
    Load(Box<Load>),
    /// Call and answer.
    Call(Box<CallIn>),
    /// Call.
    Notify { callee: Callee, arguments: Js<Vec<Value>> },
    /// Give the plugin an answer.
    Return { id: u64, waiting: Waiting, outcome: Js },
    /// The host no longer wants an answer.
    Cancel { id: u64, why: Unwanted },
    /// The host no longer holds functions.
    Release(Vec<Released>),
    /// The host has room for more calls.
    Credit { amount: u64 },
    /// Go on with a stream.
    Stream(streams::Event),
    /// The time asked for has come.
    Wake { now_us: Option<u64> },
    /// Show that the loop turns.
    Ping { nonce: u64 },
    /// Finish, and leave the state if it is wanted.
    Stop { grace_us: u64, want_state: bool },
    /// Tell the state.
    Suspend { id: u64 },
    /// The host refuses to go on.
    Rejected { text: String },
}

/// Why the session cannot go on.
pub(crate) struct Violation {
    /// The reason, for the host's code.
    pub(crate) why: Refusal,
    /// The reason, for a person.
    pub(crate) words: String,
}

impl Violation {
    /// Bytes that have no meaning.
    pub(crate) fn malformed(words: String) -> Violation {
        Violation { why: Refusal::Malformed, words }
    }

    /// A message that may not be sent, or not now.
    pub(crate) fn order(words: String) -> Violation {
        Violation { why: Refusal::Order, words }
    }
}

/// The next task of what was read already; if there is none, a source of the plugin that is to be asked.
pub(crate) fn next(session: &Session) -> Option<Result<Task, Violation>> {
    loop {
        let mut receiver = session.receiver.borrow_mut();
        if let Some(body) = receiver.take_kept() {
            return Some(message(&body).and_then(|message| task(session, message)));
        }
        match receiver.next() {
            Ok(Some(body)) => return Some(message(body).and_then(|message| task(session, message))),
            Err(error) => return Some(Err(Violation::malformed(format!("the host sent {error}")))),
            Ok(None) => {}
        }
        if !streams::has_work(session) {
            return None;
        }
        // Whoever reads gets each chunk when it is there, and is heard before the next one is made.
        serve::flush(session);
        if !receiver.is_behind(session.page) {
            return streams::next_work(session).map(|event| Ok(Task::Stream(event)));
        }
        receiver.wait();
    }
}

/// Decodes a message that the host may send.
pub(crate) fn message(body: &[u8]) -> Result<Message<'_>, Violation> {
    let message = Message::decode(body).map_err(|error| Violation::malformed(error.to_string()))?;
    if !message.may_send(Role::Host) {
        return Err(Violation::order(format!("a host may not send {}", message.name())));
    }
    Ok(message)
}

/// What a message wants to be done, with its values decoded.
pub(crate) fn task(session: &Session, message: Message) -> Result<Task, Violation> {
    Ok(match message {
        Message::Load { prelude, source, manifest, grants, state } => {
            if session.plugin.borrow().is_loaded() {
                return Err(Violation::order("a second Load".to_owned()));
            }
            Task::Load(Box::new(Load {
                prelude: prelude.to_owned(),
                entry: Entry {
                    name: source.name.to_owned(),
                    kind: source.kind,
                    text: source.text.to_owned(),
                },
                manifest: strict(decode::value(session, manifest))?,
                grants: grants.into_iter().map(str::to_owned).collect(),
                state: state.map(|state| strict(decode::value(session, state))).transpose()?,
            }))
        }
        Message::Call { id, target, args, deadline_us, parent, .. } => {
            let calls = session.calls_in.borrow();
            if calls.has(id) {
                return Err(Violation::order(format!("a second call {id} before the first was answered")));
            }
            let most = session.limits.in_flight;
            if most as usize <= calls.len() {
                return Err(Violation {
                    why: Refusal::Limit,
                    words: format!("more than {most} calls in flight"),
                });
            }
            drop(calls);
            let callee = callee(target)?;
            let (arguments, abort) = match strict(decode::arguments(session, args))? {
                Ok(arguments) => (Ok(arguments.values), arguments.abort),
                Err(thrown) => (Err(thrown), None),
            };
            Task::Call(Box::new(CallIn { id, callee, arguments, parent, deadline_us, abort }))
        }
        Message::Notify { target, args, .. } => {
            let arguments = strict(decode::arguments(session, args))?.map(|arguments| arguments.values);
            Task::Notify { callee: callee(target)?, arguments }
        }
        Message::Return { id, outcome, .. } => {
            let Some(waiting) = calls_out::answered(session, id) else {
                return Err(Violation::order(format!("a Return for the unknown call {id}")));
            };
            let outcome = match outcome {
                Outcome::Returned(value) | Outcome::Threw(value) if waiting.is_given_up() => {
                    decode::discard(session, value);
                    Ok(Value::UNDEFINED)
                }
                Outcome::Returned(value) => strict(decode::value(session, value))?,
                Outcome::Threw(error) => {
                    strict(decode::value(session, error))?.and_then(|error| Err(crate::engine::Thrown(error)))
                }
            };
            let outcome = outcome.map_err(|thrown| waiting.with_place(session, thrown));
            Task::Return { id, waiting, outcome }
        }
        Message::Cancel { id, why } => Task::Cancel { id, why: why.unwrap_or(Unwanted::Dropped) },
        Message::Release { references } => Task::Release(references),
        Message::Credit { stream: None, amount } => Task::Credit { amount },
        Message::Wake { now_us } => Task::Wake { now_us },
        Message::Ping { nonce } => Task::Ping { nonce },
        Message::Pong { .. } => return Err(Violation::order("a Pong without a Ping".to_owned())),
        Message::Stop { grace_us, want_state } => Task::Stop { grace_us, want_state },
        Message::Suspend { id } => Task::Suspend { id },
        Message::Reject { text, .. } => Task::Rejected { text: text.to_owned() },
        other => match streams::event(session, &other)? {
            Some(event) => Task::Stream(event),
            None => return Err(Violation::order(format!("{} is not expected now", other.name()))),
        },
    })
}

fn callee(target: Target) -> Result<Callee, Violation> {
    match target {
        Target::Function(id) => Ok(Callee::Function(id)),
        Target::Export(name) => Ok(Callee::Export(name.to_owned())),
        Target::Method(id, name) => Ok(Callee::Method(id, name.to_owned())),
        Target::Property(id, name) => Ok(Callee::Property(id, name.to_owned())),
        Target::Api(_) | Target::Service(_) => {
            Err(Violation::order("a call of something that a runner does not have".to_owned()))
        }
    }
}

/// What the plugin may see of a value that was not decoded is its own matter; what it may not see ends the session.
pub(crate) fn strict<T>(decoded: Result<T, Undecodable>) -> Result<Js<T>, Violation> {
    match decoded {
        Ok(value) => Ok(Ok(value)),
        Err(undecodable) => match undecodable.into_thrown() {
            Ok(thrown) => Ok(Err(thrown)),
            Err(words) => Err(Violation::malformed(words)),
        },
    }
}
