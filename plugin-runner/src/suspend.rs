//! What a plugin leaves to its next generation: the state that its `suspend` gives.
//!
//! It is asked for while the plugin goes on, or as the first thing of its end. That it cannot be had costs nothing else:
//! the plugin goes on, or is deactivated.

use crate::continuation::Continuation;
use crate::encode;
use crate::engine::{Js, Thrown, Value};
use crate::session::Session;
use crate::{calls_in, load, thrown, timers};
use plughold_protocol::Message;
use std::cell::{Cell, RefCell};

/// The plugin's function that gives the state.
const SUSPEND: &str = "suspend";

/// The code of the error that stands for a state which came too late.
const DEADLINE: &str = "E_DEADLINE";

/// What is left to the next generation.
pub(crate) enum Kept {
    /// Nothing: the plugin has no state.
    Nothing,
    /// The encoded state.
    State(Vec<u8>),
    /// Why there is none, encoded.
    Error(Vec<u8>),
}

impl Kept {
    /// The encoded state, if there is one.
    pub(crate) fn state(&self) -> Option<&[u8]> {
        if let Kept::State(state) = self { Some(state) } else { None }
    }

    /// Why there is none, if there should be one.
    pub(crate) fn error(&self) -> Option<&[u8]> {
        if let Kept::Error(error) = self { Some(error) } else { None }
    }

    fn new(session: &Session, outcome: Js) -> Kept {
        let encoded = match outcome {
            Ok(state) if state.is_undefined() => return Kept::Nothing,
            Ok(state) => encode::state(session, &state),
            Err(thrown) => Err(thrown),
        };
        match encoded {
            Ok(state) => Kept::State(state),
            Err(thrown) => Kept::failed(session, &thrown),
        }
    }

    fn failed(session: &Session, thrown: &Thrown) -> Kept {
        Kept::Error(calls_in::encode_thrown(session, thrown))
    }
}

/// How far the last `suspend` of a plugin is that ends.
pub(crate) struct Parting {
    /// Whether it is waited for.
    is_awaited: Cell<bool>,
    kept: RefCell<Kept>,
}

impl Parting {
    /// Nobody asked.
    pub(crate) fn new() -> Parting {
        Parting { is_awaited: Cell::new(false), kept: RefCell::new(Kept::Nothing) }
    }

    /// What the plugin leaves behind.
    pub(crate) fn take_kept(&self) -> Kept {
        self.kept.replace(Kept::Nothing)
    }
}

/// Asks a plugin for its state that goes on. `Suspended` follows now or when its promise is settled.
pub(crate) fn suspend(session: &Session, id: u64) {
    let is_running = session.plugin.borrow().is_running();
    let given = if is_running { load::call_export(session, SUSPEND) } else { Ok(Value::UNDEFINED) };
    Continuation::Suspended.go_on(session, id, given);
}

/// `suspend` is done, or there is none.
pub(crate) fn suspended(session: &Session, id: u64, outcome: Js) {
    let kept = Kept::new(session, outcome);
    session.send(&Message::Suspended { id, state: kept.state(), error: kept.error() });
}

/// Asks a plugin for its state that is to be deactivated after that, for which half of the grace is left.
pub(crate) fn part(session: &Session, grace_us: u64) {
    session.parting.is_awaited.set(true);
    Continuation::Parted.go_on(session, 0, load::call_export(session, SUSPEND));
    if session.parting.is_awaited.get() {
        match Value::continuation(Continuation::Waited, grace_us / 2) {
            Ok(waited) => timers::after(session, grace_us / 2, waited),
            // Without memory for a timer there is no time to wait.
            Err(thrown) => parted(session, Err(thrown)),
        }
    }
}

/// The last `suspend` is done, or there is none.
pub(crate) fn parted(session: &Session, outcome: Js) {
    if session.parting.is_awaited.replace(false) {
        let kept = Kept::new(session, outcome);
        session.parting.kept.replace(kept);
        load::deactivate(session);
    }
}

/// The last `suspend` had its `time_us`: if it is not done, the plugin ends without a state.
pub(crate) fn waited(session: &Session, time_us: u64) {
    if session.parting.is_awaited.replace(false) {
        let words = format!("suspend did not end within {} ms", time_us / 1_000);
        let kept = Kept::failed(session, &thrown::coded(DEADLINE, &words));
        session.parting.kept.replace(kept);
        load::deactivate(session);
    }
}
