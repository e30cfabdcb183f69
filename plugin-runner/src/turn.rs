//! The turn that runs, and those below it.
//!
//! A turn that waits for an answer is put aside while others run on top of it, and goes on under a number of its own:
//! the host's watch counts anew, and a stop ends exactly the turn that it names.

use crate::engine::promise;
use crate::session::Session;
use crate::{arena, source_map, thrown};
use std::cell::{Cell, RefCell};
use std::time::Instant;

/// The number between two turns: a stop that comes too late hits nobody, and not the decoding of the next message.
const NO_TURN: u64 = u64::MAX;

/// The turn that runs, and what all turns have in common.
pub(crate) struct Turn {
    frame: RefCell<Frame>,
    /// How many turns there were.
    begun: Cell<u64>,
    /// How many turns are put aside below this one.
    depth: Cell<u32>,
    /// How many turns in a row the host stopped among promise jobs of which some are left.
    unfinished: Cell<u32>,
}

/// Where something was made that goes on later: a call of the plugin, a timer, a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The turn, counted from 1. It stays the same when the turn goes on after others.
    pub(crate) turn: u64,
    /// The host's call that the turn belonged to, if that had no answer yet.
    pub(crate) call: Option<u64>,
}

/// A turn that is put aside while others run.
pub(crate) struct Aside(Frame);

/// What one turn has of its own.
struct Frame {
    /// As the page shows it: a new one whenever the turn goes on.
    number: u64,
    /// Its place among all turns.
    ordinal: u64,
    /// The host's call that the turn belongs to, with all its promise jobs.
    call: Option<u64>,
    /// The call that the turn's time is counted for, and since when.
    counted: Option<(u64, Instant)>,
    /// Where the host stopped the turn, if it did.
    stopped_at: Option<String>,
    /// Calls that were served in this turn.
    touched: Vec<u64>,
    /// Whether the host was told that it stopped the turn: by an answer, or as an uncaught error.
    is_told: bool,
    /// Whether the turn belongs to the plugin's loading.
    is_loading: bool,
}

impl Frame {
    fn none() -> Frame {
        Frame {
            number: NO_TURN,
            ordinal: 0,
            call: None,
            counted: None,
            stopped_at: None,
            touched: Vec::new(),
            is_told: false,
            is_loading: false,
        }
    }
}

impl Turn {
    /// No turn.
    pub(crate) fn new() -> Turn {
        Turn {
            frame: RefCell::new(Frame::none()),
            begun: Cell::new(0),
            depth: Cell::new(0),
            unfinished: Cell::new(0),
        }
    }

    /// A turn begins that belongs to `call`.
    pub(crate) fn begin(&self, session: &Session, call: Option<u64>, is_loading: bool) {
        if self.depth.get() == 0 {
            // What a turn below noted is still to be looked at.
            arena::clear_engine_exhausted();
            session.unknown_reads.borrow_mut().clear();
        }
        self.begun.set(self.begun.get() + 1);
        let mut frame = self.frame.borrow_mut();
        frame.number = session.page.begin_turn(call.unwrap_or(0));
        frame.ordinal = self.begun.get();
        frame.call = call;
        frame.counted = call.map(|call| (call, Instant::now()));
        frame.stopped_at = None;
        frame.touched.clear();
        frame.is_told = false;
        frame.is_loading = is_loading;
    }

    /// The turn is over: a stop for it hits nobody.
    pub(crate) fn end(&self) {
        self.frame.borrow_mut().number = NO_TURN;
    }

    /// Puts the turn aside: its time stands still, and no stop hits it.
    pub(crate) fn put_aside(&self, session: &Session) -> Aside {
        self.count_spent(session);
        self.depth.set(self.depth.get() + 1);
        Aside(self.frame.replace(Frame::none()))
    }

    /// The turn goes on, under a new number.
    pub(crate) fn go_on(&self, session: &Session, aside: Aside) {
        let mut frame = aside.0;
        frame.number = session.page.begin_turn(frame.call.unwrap_or(0));
        frame.counted = frame.counted.map(|(call, _)| (call, Instant::now()));
        self.depth.set(self.depth.get() - 1);
        self.frame.replace(frame);
    }

    /// How many turns are put aside below the one that runs.
    pub(crate) fn depth(&self) -> u32 {
        self.depth.get()
    }

    /// The turn's number, as the page shows it.
    pub(crate) fn number(&self) -> u64 {
        self.frame.borrow().number
    }

    /// The call of the host that what happens now belongs to, while it has no answer.
    pub(crate) fn parent(&self, session: &Session) -> Option<u64> {
        self.frame.borrow().call.filter(|call| session.calls_in.borrow().has(*call))
    }

    /// Where something is made at this moment.
    pub(crate) fn origin(&self, session: &Session) -> Origin {
        Origin { turn: self.ordinal(), call: self.parent(session) }
    }

    /// The turn's place among all turns, counted from 1.
    pub(crate) fn ordinal(&self) -> u64 {
        self.frame.borrow().ordinal
    }

    /// What follows belongs to another call of the host, or to none.
    pub(crate) fn belong_to(&self, session: &Session, call: Option<u64>) {
        self.count_spent(session);
        let mut frame = self.frame.borrow_mut();
        frame.call = call;
        frame.counted = call.map(|call| (call, Instant::now()));
        frame.touched.extend(call);
    }

    /// A call is served in this turn.
    pub(crate) fn touch(&self, call: u64) {
        self.frame.borrow_mut().touched.push(call);
    }

    /// The calls that were served in this turn so far.
    pub(crate) fn take_touched(&self) -> Vec<u64> {
        std::mem::take(&mut self.frame.borrow_mut().touched)
    }

    /// The encoded error for what the host stopped. Making it means telling it.
    pub(crate) fn interruption(&self, session: &Session) -> Vec<u8> {
        let mut frame = self.frame.borrow_mut();
        frame.is_told = true;
        let stack = frame.stopped_at.clone().unwrap_or_default();
        drop(frame);
        let stack = source_map::rewritten(session, stack);
        thrown::plain("Interrupted", "the turn was stopped by the host", &stack)
    }

    /// Counts the time of the turn so far for the call that it serves.
    pub(crate) fn count_spent(&self, session: &Session) {
        let mut frame = self.frame.borrow_mut();
        if let Some((call, since)) = frame.counted {
            let now = Instant::now();
            let spent_us = now.duration_since(since).as_micros() as u64;
            session.calls_in.borrow_mut().add_spent(call, spent_us);
            frame.counted = Some((call, now));
        }
    }

    /// The host stopped the turn, while this was running.
    pub(crate) fn note_stop(&self, stack: String) {
        self.frame.borrow_mut().stopped_at = Some(stack);
    }

    /// Whether the host stopped this turn.
    pub(crate) fn is_stopped(&self) -> bool {
        self.frame.borrow().stopped_at.is_some()
    }

    /// Whether the host was told that it stopped this turn.
    pub(crate) fn is_told(&self) -> bool {
        self.frame.borrow().is_told
    }

    /// Whether the turn belongs to the plugin's loading.
    pub(crate) fn is_loading(&self) -> bool {
        self.frame.borrow().is_loading
    }

    /// Promise jobs ran, or were stopped.
    pub(crate) fn count_unfinished(&self) {
        let is_unfinished = self.is_stopped() && promise::has_jobs();
        self.unfinished.set(if is_unfinished { self.unfinished.get() + 1 } else { 0 });
    }

    /// How many turns in a row the host stopped among promise jobs of which some are left.
    pub(crate) fn unfinished(&self) -> u32 {
        self.unfinished.get()
    }
}
