//! A simulated runner: it keeps the rules of the protocol, and checks that the host keeps them.

use super::Checked;
use super::faults::{Fault, Faults};
use super::random::Random;
use super::tube::Tube;
use crate::launch::ControlPage;
use plughold_protocol::pack::{Reader, Token, Writer};
use plughold_protocol::page::State;
use plughold_protocol::record::{Level, Outcome, Released};
use plughold_protocol::{Message, limits, value, version};
use plughold_wire::{Bounds, Exports, Imports, Inbox, Outbox, Window, scan};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The runner of one process.
pub(super) struct Runner {
    tube: Arc<Tube>,
    page: Arc<ControlPage>,
    pub(super) faults: Faults,
    /// It keeps the rules. One that does not is allowed everything, and nothing that it sees is checked.
    pub(super) is_honest: bool,
    heard: Inbox,
    pub(super) said: Outbox,
    /// The turn that it does not come out of.
    pub(super) stuck: Option<Stuck>,
    /// Room for calls to the host, and those without an answer, with the host's calls on whose behalf they were made.
    room: Window,
    pub(super) own: BTreeMap<u64, Option<u64>>,
    pub(super) last_call: u64,
    /// The calls that it does nothing but wait for.
    pub(super) blocked: Vec<u64>,
    /// The host's calls without an answer, and all that there ever were.
    pub(super) served: BTreeMap<u64, Served>,
    seen: BTreeSet<u64>,
    /// Those of them that were cancelled.
    cancelled: BTreeSet<u64>,
    /// What it holds of the host.
    pub(super) imports: Imports<()>,
    pub(super) held: Vec<u64>,
    /// What the host holds of it: functions, each of which is a number.
    pub(super) exports: Exports<u32, u32>,
    /// Streams to the host, with the credit that they have.
    pub(super) sending: BTreeMap<u64, i64>,
    pub(super) last_stream: u64,
    /// Streams from the host, with the credit that was given.
    pub(super) reading: BTreeMap<u64, i64>,
    /// The numbers of the calls that it was asked for, with their ids; of those that it has answered; and of those that it has
    /// answered with a result.
    asked: BTreeMap<u64, u64>,
    pub(super) done: BTreeSet<u64>,
    /// The ids of calls that it has answered by itself: the host may hear that before it hears of a long call on their behalf,
    /// which belongs to nothing then.
    pub(super) left: BTreeSet<u64>,
    pub(super) answered: BTreeSet<u64>,
    /// It has broken a rule, and has to be refused.
    pub(super) is_guilty: bool,
    pub(super) is_greeted: bool,
    /// It was given its code.
    pub(super) is_loaded: bool,
    /// It has said how its code ran.
    pub(super) is_ready: bool,
    /// The host has asked it to finish.
    pub(super) is_to_stop: bool,
}

/// A turn that does not end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stuck {
    pub(super) turn: u64,
    /// It never looks whether it is to end.
    pub(super) is_deaf: bool,
}

/// A call of the host that the plugin works on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Served {
    /// What the caller wants to hear.
    pub(super) number: u64,
    /// The plugin's own call on whose behalf it was made.
    pub(super) parent: Option<u64>,
    pub(super) is_cancelled: bool,
}

impl Runner {
    pub(super) fn new(
        tube: Arc<Tube>,
        page: Arc<ControlPage>,
        in_flight: u32,
        faults: Faults,
        is_honest: bool,
    ) -> Runner {
        Runner {
            tube,
            page,
            faults,
            is_honest,
            heard: Inbox::new(limits::LOAD),
            said: Outbox::new(),
            stuck: None,
            room: Window::new(in_flight),
            own: BTreeMap::new(),
            last_call: 0,
            blocked: Vec::new(),
            served: BTreeMap::new(),
            seen: BTreeSet::new(),
            cancelled: BTreeSet::new(),
            imports: Imports::new(),
            held: Vec::new(),
            exports: Exports::new(),
            sending: BTreeMap::new(),
            last_stream: 0,
            reading: BTreeMap::new(),
            asked: BTreeMap::new(),
            done: BTreeSet::new(),
            left: BTreeSet::new(),
            answered: BTreeSet::new(),
            is_guilty: false,
            is_greeted: false,
            is_loaded: false,
            is_ready: false,
            is_to_stop: false,
        }
    }

    // -- Turns --------------------------------------------------------------------------------------------------

    /// Wakes up and handles what it reads, at most so many bytes. Afterwards it sleeps. False if there is nothing to read,
    /// or it cannot.
    pub(super) fn wake(&mut self, most: usize) -> Checked<bool> {
        if self.stuck.is_some() || self.tube.is_empty() {
            return Ok(false);
        }
        self.begin_turn();
        let spare = self.heard.spare();
        let room = spare.len().min(most);
        let count = self.tube.read(&mut spare[..room]);
        self.heard.filled(count);
        let mut heard = std::mem::replace(&mut self.heard, Inbox::new(limits::LOAD));
        let mut result = Ok(());
        while result.is_ok() {
            result = match heard.next() {
                Ok(None) => break,
                Ok(Some(body)) => Message::decode(body)
                    .map_err(|error| format!("the host said no message: {error}"))
                    .and_then(|message| self.hear(&message)),
                Err(error) => Err(format!("the host said no frame: {error}")),
            };
        }
        self.heard = heard;
        self.end_turn();
        if self.is_honest { result.map(|()| true) } else { Ok(true) }
    }

    fn begin_turn(&mut self) -> u64 {
        self.page.begin_turn(0)
    }

    fn end_turn(&mut self) {
        if self.blocked.is_empty() {
            self.page.end_turn();
        } else {
            self.page.set_state(State::Waiting);
        }
    }

    /// Reads something and does not come out of the turn.
    pub(super) fn get_stuck(&mut self, is_deaf: bool) {
        if self.stuck.is_none() && !self.tube.is_empty() {
            let turn = self.begin_turn();
            self.stuck = Some(Stuck { turn, is_deaf });
        }
    }

    /// Comes out of its turn by itself.
    pub(super) fn get_loose(&mut self) {
        if self.stuck.take().is_some() {
            self.end_turn();
        }
    }

    /// Ends its turn if the host has asked for that.
    pub(super) fn look_at_page(&mut self) {
        if self.stuck.is_some_and(|stuck| !stuck.is_deaf && self.page.must_stop(stuck.turn)) {
            self.get_loose();
        }
    }

    // -- What the host says -------------------------------------------------------------------------------------

    fn hear(&mut self, message: &Message) -> Checked {
        match message {
            Message::Hello { token, .. } => {
                self.is_greeted = true;
                self.say(&Message::Welcome {
                    protocol: version::CURRENT,
                    features: vec![],
                    token,
                    engine: "none",
                    version: "0.0.0",
                });
                self.say(&Message::Locked { level: Level::D, layers: vec![] });
                Ok(())
            }
            Message::Call { id, target, args, parent, .. } => {
                if !self.seen.insert(*id) {
                    return Err(format!("call {id} arrived twice"));
                }
                self.check_callable(target)?;
                self.receive(args)?;
                if parent.is_some_and(|parent| self.last_call < parent) {
                    return Err(format!("call {id} has a parent that was never made"));
                }
                let served = Served { number: first_number(args), parent: *parent, is_cancelled: false };
                self.served.insert(*id, served);
                self.asked.insert(served.number, *id);
                Ok(())
            }
            Message::Notify { target, args, .. } => {
                self.check_callable(target)?;
                self.receive(args)
            }
            Message::Return { id, outcome, .. } => {
                if self.own.remove(id).is_none() {
                    return Err(format!("an answer to call {id}, which is none or answered already"));
                }
                self.room.give_back();
                self.blocked.retain(|blocked| blocked != id);
                let (Outcome::Returned(bytes) | Outcome::Threw(bytes)) = outcome;
                self.receive(bytes)
            }
            Message::Cancel { id, .. } => {
                if !self.seen.contains(id) {
                    return Err(format!("call {id} was cancelled before it was made"));
                }
                if !self.cancelled.insert(*id) {
                    return Err(format!("call {id} was cancelled twice"));
                }
                if let Some(served) = self.served.get_mut(id) {
                    served.is_cancelled = true;
                }
                Ok(())
            }
            Message::Release { references } => references.iter().try_for_each(|Released { id, count }| {
                self.exports.release(*id, *count).map(drop).map_err(|error| error.to_string())
            }),
            Message::StreamData { id, data } => self.take_chunk(*id, data.len()),
            Message::StreamEnd { id, .. } => match self.reading.remove(id) {
                Some(_) => Ok(()),
                None => Err(format!("the end of stream {id}, which is not open")),
            },
            Message::StreamStop { id } => {
                if self.sending.remove(id).is_some() && !self.faults.strike(Fault::StreamEndLost) {
                    self.say(&Message::StreamEnd { id: *id, error: None });
                }
                Ok(())
            }
            Message::Credit { stream: Some(id), amount } => {
                // Of one that has ended meanwhile it is too late.
                if let Some(credit) = self.sending.get_mut(id) {
                    *credit += *amount as i64;
                    if limits::STREAM_WINDOW as i64 * 2 < *credit {
                        return Err(format!("stream {id} was given {credit} bytes of credit"));
                    }
                }
                Ok(())
            }
            Message::Load { .. } if std::mem::replace(&mut self.is_loaded, true) => {
                Err("the plugin's code arrived twice".to_owned())
            }
            Message::Stop { .. } => {
                self.is_to_stop = true;
                Ok(())
            }
            Message::Reject { text, .. } => Err(format!("the host refuses what keeps the rules: {text}")),
            Message::Ping { nonce } => {
                self.say(&Message::Pong { nonce: *nonce });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn check_callable(&self, target: &plughold_protocol::record::Target) -> Checked {
        match target {
            plughold_protocol::record::Target::Function(id) if self.exports.get(*id).is_none() => {
                Err(format!("function {id} is called after it was released"))
            }
            _ => Ok(()),
        }
    }

    /// Counts what a value of the host refers to.
    fn receive(&mut self, bytes: &[u8]) -> Checked {
        let scan =
            scan(bytes, &Bounds::default()).map_err(|error| format!("a value of the host: {error}"))?;
        for reference in scan.references {
            let id = reference.id;
            match reference.kind {
                value::FUNCTION | value::OBJECT if self.imports.receive(id).is_none() => {
                    self.imports.insert(id, ());
                    self.held.push(id);
                }
                value::HOME if self.exports.get(id).is_none() => {
                    return Err(format!("function {id} comes home after it was released"));
                }
                value::STREAM if self.reading.insert(id, 0).is_some() => {
                    return Err(format!("stream {id} is introduced twice"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn take_chunk(&mut self, id: u64, length: usize) -> Checked {
        let Some(credit) = self.reading.get_mut(&id) else {
            return Err(format!("a chunk of stream {id}, which is not open"));
        };
        if *credit <= 0 {
            return Err(format!("a chunk of stream {id} without credit"));
        }
        *credit -= (length + limits::STREAM_CHUNK) as i64;
        Ok(())
    }

    /// Whether it was told that nobody wants the answer to the call of this number; none if it was never asked.
    pub(super) fn is_unwanted(&self, number: u64) -> Option<bool> {
        Some(self.cancelled.contains(self.asked.get(&number)?))
    }

    /// Its calls on behalf of those that were cancelled: they have their answers as soon as both sides have heard each other.
    pub(super) fn orphans(&self) -> usize {
        let parents = self.own.values().flatten();
        parents.filter(|parent| self.cancelled.contains(parent) && !self.left.contains(parent)).count()
    }

    // -- What it says -------------------------------------------------------------------------------------------

    /// Sends a message, unless a fault is planted there.
    pub(super) fn say(&mut self, message: &Message) {
        let (lost, doubled) = match message {
            Message::Return { .. } => (Fault::ReturnLost, Fault::ReturnDoubled),
            Message::Release { .. } => (Fault::ReleaseLost, Fault::ReleaseDoubled),
            _ => (Fault::None, Fault::None),
        };
        if self.faults.strike(lost) {
            return;
        }
        if self.faults.strike(doubled) {
            self.push(message);
        }
        self.push(message);
    }

    /// Nothing but an answer may overtake a long message.
    pub(super) fn push(&mut self, message: &Message) {
        if self.said.has_bulk() && !matches!(message, Message::Return { .. }) {
            self.said.push_behind_bulk(message);
        } else {
            self.said.push(message);
        }
    }

    /// Whether it may work on a call now: one that waits for an answer serves only what belongs to that.
    pub(super) fn can_serve(&self, served: &Served) -> bool {
        self.blocked.is_empty() || served.parent.is_some_and(|parent| self.blocked.contains(&parent))
    }

    /// Whether there is room for one more call; it is taken.
    pub(super) fn take_room(&mut self) -> bool {
        self.room.take()
    }

    /// Gives back everything that it holds.
    pub(super) fn let_go(&mut self) {
        for id in std::mem::take(&mut self.held) {
            self.imports.drop_handle(id);
        }
        self.release();
    }

    /// Lets go of one thing of the host.
    pub(super) fn let_go_of_one(&mut self, random: &mut Random) {
        if !self.held.is_empty() {
            let id = self.held.swap_remove(random.below(self.held.len()));
            self.imports.drop_handle(id);
        }
        self.release();
    }

    fn release(&mut self) {
        let references = self.imports.take_dropped();
        if !references.is_empty() {
            self.say(&Message::Release { references });
        }
    }
}

/// The number that stands first in the arguments.
fn first_number(args: &[u8]) -> u64 {
    let mut reader = Reader::new(args);
    match (reader.token(), reader.token()) {
        (Ok(Token::Array(_)), Ok(Token::Unsigned(number))) => number,
        _ => 0,
    }
}

/// A value, written by hand.
pub(super) fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut Writer::new(&mut bytes));
    bytes
}
