//! Says anything: well-formed messages of all kinds in random order, about things that it was really given, and now and
//! then about things that it was not.
//!
//! The last line of the plugin's source is `// SEED LIES`: it lies once in so many messages on the average. It goes on
//! until the host stops it, or ends it for a lie.

mod values;

use crate::Behaviour;
use crate::runner::{Runner, call};
use plughold_protocol::message::Message;
use plughold_protocol::record::{LogLevel, Outcome, Released, Target};
use plughold_protocol::{limits, value};
use plughold_wire::testing::ScriptedPeer;
use plughold_wire::{Bounds, scan};
use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use values::{NAMES, Random, contains_stream};

pub(crate) const BEHAVIOURS: &[Behaviour] =
    &[("says-anything", say_anything), ("says-anything-too", say_anything)];

/// Functions of the API that there are at least.
const FUNCTIONS: u32 = 12;

/// Calls of its own that it leaves open at most: enough that answers come late, and that nothing waits for room.
const OPEN: usize = 200;

/// Messages a second that need no credit, well below what a host bears.
const UNCREDITED: f64 = limits::MESSAGE_RATE as f64 / 2.0;

/// What the other side has said so far.
#[derive(Default)]
struct Seen {
    /// Calls of the host that have no answer.
    asked: Vec<u64>,
    /// Its calls, answered or not.
    all_asked: Vec<u64>,
    /// Own calls without an answer, and whether they block.
    open: BTreeMap<u64, bool>,
    /// What it holds of the host, and how often.
    held: BTreeMap<u64, u32>,
    /// Streams of the host, and the credit that they have.
    incoming: BTreeMap<u64, i64>,
    /// Own streams and their credit.
    outgoing: BTreeMap<u64, i64>,
    is_reading_module: bool,
}

/// Whoever says it.
struct Speaker {
    random: Random,
    lies: u32,
    seen: Arc<Mutex<Seen>>,
    last_call: u64,
    last_stream: u64,
    /// Streams that stand in the message that is being made: they are open once it is sent.
    introduced: Vec<u64>,
    began: Instant,
    uncredited: f64,
}

fn say_anything(runner: &mut Runner) {
    let source = runner.load();
    let mut numbers =
        source.lines().last().unwrap().split_ascii_whitespace().skip(1).map(|word| word.parse().unwrap());
    let (seed, lies) = (numbers.next().unwrap(), numbers.next().unwrap());
    let seen: Arc<Mutex<Seen>> = Arc::default();
    listen(runner.socket.try_clone().unwrap(), runner.page, seen.clone());
    let (random, lies) = (Random(seed), u32::try_from(lies).unwrap());
    let mut speaker = Speaker {
        random,
        lies,
        seen,
        last_call: 0,
        last_stream: 0,
        introduced: Vec::new(),
        began: Instant::now(),
        uncredited: 0.0,
    };
    // It may say everything before it is ready as well.
    for _ in 0..seed % 50 {
        speaker.say(runner);
    }
    let ready = Message::Ready { exports: vec!["work"], compile_us: 0, evaluate_us: 0, activate_us: 0 };
    speaker.send(runner, &ready);
    loop {
        speaker.say(runner);
    }
}

/// Hears what the host says, and ends the process when the host wants that.
fn listen(socket: UnixStream, page: &'static plughold_protocol::page::Page, seen: Arc<Mutex<Seen>>) {
    std::thread::spawn(move || {
        let mut peer = ScriptedPeer::new(socket);
        loop {
            page.end_turn();
            let Ok(Some(message)) = peer.receive() else { std::process::exit(0) };
            page.begin_turn(0);
            hear(&Message::decode(&message).unwrap(), &mut lock(&seen));
        }
    });
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hear(message: &Message, seen: &mut Seen) {
    match message {
        Message::Call { id, args, .. } => {
            seen.asked.push(*id);
            seen.all_asked.push(*id);
            note_references(args, seen);
        }
        Message::Notify { args, .. } => note_references(args, seen),
        Message::Return { id, outcome: Outcome::Returned(bytes) | Outcome::Threw(bytes), .. } => {
            seen.open.remove(id);
            note_references(bytes, seen);
        }
        Message::StreamData { id, data } => {
            seen.incoming.entry(*id).and_modify(|credit| *credit -= data.len() as i64);
            note_references(data, seen);
        }
        Message::StreamEnd { id, .. } => {
            seen.incoming.remove(id);
        }
        Message::StreamStop { id } => {
            seen.outgoing.entry(*id).and_modify(|credit| *credit = i64::MIN / 2);
        }
        Message::Credit { stream: Some(id), amount } => {
            seen.outgoing.entry(*id).and_modify(|credit| *credit += *amount as i64);
        }
        Message::Module { .. } => seen.is_reading_module = false,
        Message::Stop { .. } => std::process::exit(0),
        _ => {}
    }
}

fn note_references(bytes: &[u8], seen: &mut Seen) {
    // The host sends nothing that its own rules refuse.
    for reference in scan(bytes, &Bounds::default()).unwrap().references {
        match reference.kind {
            value::FUNCTION | value::OBJECT => *seen.held.entry(reference.id).or_default() += 1,
            value::STREAM => {
                seen.incoming.insert(reference.id, 0);
            }
            _ => {}
        }
    }
}

impl Speaker {
    /// One message.
    fn say(&mut self, runner: &mut Runner) {
        let kind = self.random.below(100);
        match kind {
            0..45 => self.call(runner),
            45..65 => self.answer(runner),
            65..72 => self.release(runner),
            72..80 => self.feed(runner),
            80..88 => self.read(runner),
            _ => self.remark(runner),
        }
    }

    fn lies(&mut self) -> bool {
        0 < self.lies && self.random.below(self.lies) == 0
    }

    /// Sends a message, and opens the streams in it.
    fn send(&mut self, runner: &mut Runner, message: &Message) {
        let introduced = self.introduced.drain(..).map(|id| (id, 0));
        lock(&self.seen).outgoing.extend(introduced);
        // The host may have ended the conversation.
        if runner.peer.send(message).is_err() {
            std::process::exit(0);
        }
    }

    fn call(&mut self, runner: &mut Runner) {
        let (open, blocking) = {
            let seen = lock(&self.seen);
            (seen.open.len(), seen.open.values().filter(|blocks| **blocks).count())
        };
        if OPEN < open {
            return self.answer(runner);
        }
        let args = self.arguments();
        let name = NAMES[self.random.below(NAMES.len() as u32) as usize];
        let target = match (self.random.below(8), self.held()) {
            (0, _) if self.lies() => Target::Api(FUNCTIONS * 1_000),
            (0, _) => Target::Service(if self.random.below(4) == 0 { name } else { "plugins.get" }),
            (1, Some(id)) => Target::Function(id),
            (2, Some(id)) => Target::Method(id, name),
            (3, Some(id)) => Target::Property(id, name),
            _ => Target::Api(self.random.below(FUNCTIONS)),
        };
        if self.random.below(10) == 0 && self.has_room() {
            let parent = self.parent();
            return self.send(runner, &Message::Notify { target, args: &args, parent });
        }
        self.last_call += u64::from(!self.lies()) * u64::from(1 + self.random.below(3));
        let blocks = blocking < limits::NESTED_TURNS as usize && self.random.below(6) == 0;
        let mut message = call(self.last_call, target, &args);
        if let Message::Call { parent, deadline_us, blocking, .. } = &mut message {
            (*parent, *blocking) = (self.parent(), blocks);
            *deadline_us = [None, None, Some(0), Some(u64::MAX), Some(20_000)][self.random.below(5) as usize];
        }
        lock(&self.seen).open.insert(self.last_call, blocks);
        self.send(runner, &message);
    }

    /// A call of the host's that is open, or was, or is its own, or never was.
    fn parent(&mut self) -> Option<u64> {
        let seen = lock(&self.seen);
        let (asked, all_asked) = (self.random.of(&seen.asked), self.random.of(&seen.all_asked));
        match self.random.below(8) {
            0 => None,
            1 => Some(self.last_call),
            2 => Some(self.random.next()),
            3 => all_asked,
            _ => asked,
        }
    }

    fn answer(&mut self, runner: &mut Runner) {
        let mut seen = lock(&self.seen);
        let place = self.random.below(seen.asked.len().max(1) as u32) as usize;
        let asked = (place < seen.asked.len()).then(|| seen.asked.swap_remove(place));
        let lie = self.random.of(&seen.all_asked);
        drop(seen);
        let id = if self.lies() { lie } else { asked };
        let Some(id) = id else { return };
        let bytes = self.value();
        let threw = self.random.below(4) == 0;
        let outcome = if threw { Outcome::Threw(&bytes) } else { Outcome::Returned(&bytes) };
        let spent_us = self.random.next();
        self.send(runner, &Message::Return { id, outcome, spent_us });
    }

    fn release(&mut self, runner: &mut Runner) {
        let most = 1 + self.random.below(4);
        let mut seen = lock(&self.seen);
        let mut references = Vec::new();
        for _ in 0..most {
            let keys = Vec::from_iter(seen.held.keys().copied());
            let Some(id) = self.random.of(&keys) else { break };
            let held = seen.held.get_mut(&id).unwrap();
            let count = 1 + self.random.below(*held);
            *held -= count;
            if *held == 0 {
                seen.held.remove(&id);
            }
            references.push(Released { id, count });
        }
        drop(seen);
        if self.lies() {
            references.push(Released { id: self.random.next() % 100, count: self.random.below(2) });
        }
        if !references.is_empty() {
            self.send(runner, &Message::Release { references });
        }
    }

    /// Chunks and ends of its own streams.
    fn feed(&mut self, runner: &mut Runner) {
        let lies = self.lies();
        let seen = lock(&self.seen);
        let fed = seen.outgoing.iter().filter(|(_, credit)| lies || 0 < **credit).map(|(id, _)| *id);
        let (fed, all) = (Vec::from_iter(fed), Vec::from_iter(seen.outgoing.keys().copied()));
        drop(seen);
        if self.random.below(4) == 0 {
            let Some(id) = self.random.of(&all) else { return };
            let error = self.value();
            let error = (self.random.below(3) == 0).then_some(&*error);
            if error.is_none() {
                self.introduced.clear();
            }
            self.send(runner, &Message::StreamEnd { id, error });
            lock(&self.seen).outgoing.remove(&id);
        } else if let Some(id) = self.random.of(&fed) {
            let data = self.value();
            if limits::STREAM_WINDOW < data.len() {
                return self.introduced.clear();
            }
            lock(&self.seen).outgoing.entry(id).and_modify(|credit| *credit -= data.len() as i64);
            self.send(runner, &Message::StreamData { id, data: &data });
        }
    }

    /// Credit and stops for streams of the host.
    fn read(&mut self, runner: &mut Runner) {
        let lies = self.lies();
        let mut seen = lock(&self.seen);
        let ids = Vec::from_iter(seen.incoming.keys().copied());
        let Some(id) = self.random.of(&ids).or(lies.then(|| self.random.next())) else { return };
        if self.random.below(5) == 0 {
            seen.incoming.remove(&id);
            drop(seen);
            return self.send(runner, &Message::StreamStop { id });
        }
        let credit = seen.incoming.get(&id).copied().unwrap_or_default();
        let room = u32::try_from(limits::STREAM_WINDOW as i64 - credit).unwrap_or_default();
        let amount = if lies { self.random.next() } else { u64::from(1 + self.random.below(room.max(1))) };
        if room == 0 && !lies {
            return;
        }
        seen.incoming.entry(id).and_modify(|credit| *credit = credit.saturating_add_unsigned(amount));
        drop(seen);
        self.send(runner, &Message::Credit { stream: Some(id), amount });
    }

    /// Whatever needs no credit.
    fn remark(&mut self, runner: &mut Runner) {
        if !self.has_room() {
            // Others have their turn meanwhile.
            std::thread::yield_now();
            return;
        }
        let number = self.random.next();
        let seen = lock(&self.seen);
        let own = Vec::from_iter(seen.open.keys().copied());
        let may_read = !seen.is_reading_module;
        drop(seen);
        let own = self.random.of(&own).unwrap_or(number);
        let bytes = self.value();
        let text = "x\u{1b}[2J\n".repeat(self.random.below(20) as usize);
        let delay_us = [None, Some(0), Some(number), Some(1_000)][self.random.below(4) as usize];
        self.introduced.clear();
        let message = match self.random.below(9) {
            0..3 => Message::Cancel { id: own, why: None },
            3 => Message::WakeAfter { delay_us },
            4 => Message::Ping { nonce: number },
            5 => Message::Log { level: LogLevel::Warn, text: &text, place: None },
            6 if !contains_stream(&bytes) => Message::Uncaught { error: &bytes, rejection: true },
            7 if may_read || self.lies() => {
                lock(&self.seen).is_reading_module = true;
                let longest = Some(number).filter(|_| self.random.below(2) == 0);
                Message::ModuleRequest { id: number, specifier: "./../x.js", referrer: &text, longest }
            }
            8 => Message::Credit { stream: None, amount: number },
            _ => Message::Stopped { state: None, leaked: 7, error: None },
        };
        self.send(runner, &message);
    }

    fn has_room(&mut self) -> bool {
        let allowed = UNCREDITED * (0.1 + self.began.elapsed().as_secs_f64());
        let has_room = self.uncredited + 1.0 < allowed;
        self.uncredited += f64::from(u8::from(has_room));
        has_room
    }

    fn held(&mut self) -> Option<u64> {
        if self.lies() {
            return Some(self.random.next());
        }
        let held = Vec::from_iter(lock(&self.seen).held.keys().copied());
        self.random.of(&held)
    }
}
