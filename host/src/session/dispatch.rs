//! What a plugin calls, what it answers and what it gives back: checked, then passed on to whoever it is for.

use crate::api::Invocation;
use crate::figures::Place;
use crate::figures::account::Kind;
use crate::session::cancellation::{Cancellation, thrown_by_children};
use crate::session::chain::{Called, Link, Made};
use crate::session::connection::{Connection, Violation, malformed, order};
use crate::session::held::Held;
use crate::session::serving::{Opening, Subject, Weight};
use crate::value::{Incoming, Thrown};
use crate::{CallError, clock, text};
use plughold_protocol::limits;
use plughold_protocol::record::{Outcome, Refusal, Released, Target};
use plughold_wire::{Bounds, Reference as Found, scan, scan_arguments};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// What a call of the plugin says beside its target and arguments.
pub(super) struct Head {
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) deadline_us: Option<u64>,
    pub(super) blocking: bool,
}

/// What a plugin may call.
enum Callee {
    /// A function of the API.
    Function { index: usize, name: Arc<str> },
    /// A service of this library.
    Service { name: Arc<str> },
    /// A function or object that it was given.
    Held(Held),
}

impl Callee {
    /// As plugins write it, for traces and errors.
    fn name(&self) -> Arc<str> {
        match self {
            Callee::Function { name, .. } | Callee::Service { name } => name.clone(),
            Callee::Held(held) => held.name().clone(),
        }
    }

    /// What its calls are counted under.
    fn subject(&self) -> Subject<'_> {
        match self {
            Callee::Function { index, name } => Subject::Api(*index, name),
            Callee::Service { name } => Subject::Other(Kind::Service, name),
            Callee::Held(held) => Subject::Other(held.kind(), held.name()),
        }
    }
}

impl<S> Connection<S> {
    /// The plugin calls.
    pub(super) fn call(
        &self,
        head: Head,
        target: Target,
        args: &[u8],
        now: Instant,
    ) -> Result<(), Violation> {
        let Head { id, parent, deadline_us, blocking } = head;
        let callee = self.callee(target)?;
        let (session, bytes) = (&self.session, args.len());
        let opening = Opening { id, bytes, parent, deadline_us, subject: callee.subject(), now };
        let cancellation = session.serving.open(opening).map_err(order)?;
        let (args, nodes) = self.arguments(&callee, args)?;
        session.counters.calls_in.fetch_add(1, Ordering::Relaxed);
        if blocking {
            let called = Called::Name(callee.name());
            let blocked = session.waiting().block(session.key(), session.plugin(), id, called);
            session.serving.block(id, blocked).map_err(order)?;
        }
        if !session.serving.take_nodes(id, nodes) {
            let words = "the application works on too much for this plugin already";
            session.respond(id, Err(Thrown::new("Error", words).with_code("E_BUSY").to_value()));
            return Ok(());
        }
        let made = Made {
            session: session.key(),
            plugin: session.plugin().clone(),
            id: Some(id),
            called: Called::Name(callee.name()),
            deadline: deadline_us.and_then(|us| clock::now().checked_add(Duration::from_micros(us))),
            blocks: blocking,
            cancellation: cancellation.clone(),
        };
        // A parent that is answered already, or never was, is none. The call is among the open ones by now: should its
        // parent end after this look, it ends with it.
        let parent = match parent.map(|parent| session.link(parent)) {
            None => None,
            Some(Ok(parent)) => parent,
            Some(Err(why)) => {
                session.respond(id, Err(thrown_by_children(why).to_value()));
                return Ok(());
            }
        };
        if parent.as_ref().is_some_and(|parent| !parent.has_room()) {
            let thrown = CallError::Depth { most: limits::CHAIN }.to_thrown();
            session.respond(id, Err(thrown.to_value()));
            return Ok(());
        }
        let link = Link::from_plugin(made, parent);
        self.start(callee, Some(id), Weight { bytes, nodes }, link, cancellation, args);
        Ok(())
    }

    /// The plugin calls, and wants no answer.
    pub(super) fn notify(&self, target: Target, args: &[u8]) -> Result<(), Violation> {
        let callee = self.callee(target)?;
        let (session, bytes) = (&self.session, args.len());
        let cancellation = session.serving.open_notification(bytes).map_err(order)?;
        let (args, nodes) = self.arguments(&callee, args)?;
        if !session.serving.take_notified_nodes(nodes) {
            // Whoever notifies wants no answer, and has none.
            session.serving.close_notification(Weight { bytes, nodes: 0 });
            return Ok(());
        }
        let made = Made {
            session: session.key(),
            plugin: session.plugin().clone(),
            id: None,
            called: Called::Name(callee.name()),
            deadline: None,
            blocks: false,
            cancellation: cancellation.clone(),
        };
        // Nobody waits for a notification: it begins a chain of its own, and does not end with what it was sent from.
        self.start(callee, None, Weight { bytes, nodes }, Link::from_plugin(made, None), cancellation, args);
        Ok(())
    }

    fn start(
        &self,
        callee: Callee,
        call: Option<u64>,
        weight: Weight,
        link: Arc<Link>,
        cancellation: Arc<Cancellation>,
        args: Incoming,
    ) {
        let (session, package) = (self.session.clone(), self.package.clone());
        let invocation = Invocation { session, package, call, weight, link, cancellation };
        match callee {
            Callee::Function { index, .. } => self.functions.invoke(index, invocation, args),
            Callee::Service { name } => self.services.invoke(&name, invocation, args),
            Callee::Held(held) => held.invoke(invocation, args),
        }
    }

    fn callee(&self, target: Target) -> Result<Callee, Violation> {
        match target {
            Target::Api(index) => match self.functions.name(index as usize) {
                Some(name) => Ok(Callee::Function { index: index as usize, name: name.clone() }),
                None => {
                    Err(order(format!("a call of API function {index}; there are {}", self.functions.len())))
                }
            },
            Target::Service(name) => {
                Ok(Callee::Service { name: text::clean_line(name, limits::NAME).into() })
            }
            target => match self.session.held(&target).map_err(order)? {
                Some(held) => Ok(Callee::Held(held)),
                None => Err(order("a call of a function that only the host calls".to_owned())),
            },
        }
    }

    /// The arguments, and of how many elements they are.
    fn arguments(&self, callee: &Callee, args: &[u8]) -> Result<(Incoming, usize), Violation> {
        let (scan, ranges) = scan_arguments(args, &Bounds::default()).map_err(malformed)?;
        self.check_references(&scan.references)?;
        let place = || Place::Argument(callee.name());
        let scope = self.session.scope(args, &scan.references, place).map_err(order)?;
        Ok((Incoming::new(args, scope, ranges), scan.nodes))
    }

    /// The plugin gives references back.
    pub(super) fn release(&self, references: &[Released]) -> Result<(), Violation> {
        let dropped = self.session.exports().release(references);
        dropped.map(drop).map_err(order)
    }

    /// The plugin answers.
    pub(super) fn settle(&self, id: u64, outcome: Outcome, spent_us: u64) -> Result<(), Violation> {
        let (Outcome::Returned(bytes) | Outcome::Threw(bytes)) = outcome;
        let scan = scan(bytes, &Bounds::default()).map_err(malformed)?;
        self.check_references(&scan.references)?;
        let place = || self.session.place_of_result(id);
        let scope = self.session.scope(bytes, &scan.references, place).map_err(order)?;
        let answer = match outcome {
            Outcome::Returned(bytes) => Incoming::new(bytes, scope, Vec::new()),
            Outcome::Threw(bytes) => Incoming::thrown(bytes, scope),
        };
        let has_thrown = matches!(outcome, Outcome::Threw(_));
        if self.session.settle(id, Ok(answer), has_thrown, Duration::from_micros(spent_us)) {
            return Ok(());
        }
        Err(order(format!("an answer to call {id}, which was never made or is answered already")))
    }

    fn check_references(&self, found: &[Found]) -> Result<(), Violation> {
        self.session.check_references(found).map_err(|words| Violation { why: Refusal::Limit, words })
    }

    /// An error of the plugin, in a value that was not looked at yet.
    pub(super) fn thrown(&self, bytes: &[u8]) -> Result<Thrown, Violation> {
        let found = scan(bytes, &Bounds::default()).map_err(malformed)?;
        // References inside of an error are of no use here: given back at once.
        drop(self.session.scope(bytes, &found.references, Place::default).map_err(order)?);
        Ok(Thrown::from_value(bytes).cleaned())
    }
}
