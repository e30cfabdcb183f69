//! What a simulated plugin does by itself: calls, answers, streams, and what no honest one does.

use super::application::{self, API};
use super::random::Random;
use super::runner::{Runner, Served, written};
use plughold_protocol::pack::Writer;
use plughold_protocol::record::{Level, LogLevel, Outcome, Released, Stage, Target, Unwanted};
use plughold_protocol::{Message, limits, value};

/// Functions that a plugin has. The same ones are passed again and again.
const FUNCTIONS: u32 = 4;

/// Bytes that take a message into the bulk lane.
const LONG: usize = limits::PIECE + 100;

impl Runner {
    /// Does one thing.
    pub(super) fn act(&mut self, random: &mut Random) -> &'static str {
        if !self.is_loaded {
            return "waits for its code";
        }
        if !self.is_ready && random.once_in(2) {
            self.is_ready = true;
            if random.once_in(10) {
                let error = written(|writer| writer.text("no"));
                self.say(&Message::Failed { stage: Stage::Evaluate, error: &error });
                return "fails to load";
            }
            self.say(&Message::Ready { exports: vec![], compile_us: 1, evaluate_us: 1, activate_us: 1 });
            return "is ready";
        }
        match random.below(16) {
            0..=4 => self.answer_one(random),
            5..=8 => self.call(random),
            9 => {
                self.let_go_of_one(random);
                "lets go"
            }
            10 => self.cancel(random),
            11 => self.send_chunk(random),
            12 => self.read_more(random),
            13 => {
                self.say(&Message::Log { level: LogLevel::Info, text: "line", place: None });
                "logs"
            }
            14 => {
                let args = written(|writer| {
                    writer.array(1);
                    self.export(writer, random);
                });
                self.say(&Message::Notify {
                    target: Target::Api(application::GIVE),
                    args: &args,
                    parent: None,
                });
                "notifies"
            }
            _ => {
                self.let_go();
                "lets go of everything"
            }
        }
    }

    /// Answers one call, if there is one that it may work on.
    pub(super) fn answer_one(&mut self, random: &mut Random) -> &'static str {
        let open = self.served.iter().filter(|(_, served)| self.can_serve(served));
        let open = Vec::from_iter(open.map(|(id, served)| (*id, *served)));
        if open.is_empty() {
            return "has nothing to answer";
        }
        let (id, served) = open[random.below(open.len())];
        self.answer(id, served, random);
        "answers"
    }

    fn answer(&mut self, id: u64, served: Served, random: &mut Random) {
        self.served.remove(&id);
        self.done.insert(served.number);
        self.left.insert(id);
        if served.is_cancelled && random.once_in(2) || random.once_in(8) {
            let thrown = written(|writer| writer.text("no"));
            self.say(&Message::Return { id, outcome: Outcome::Threw(&thrown), spent_us: 0 });
            return;
        }
        self.answered.insert(served.number);
        let what = random.below(8);
        let home = self.held.first().copied();
        let result = written(|writer| {
            writer.array(2);
            writer.unsigned(served.number);
            match (what, home) {
                (0, _) => self.export(writer, random),
                (1, Some(home)) => writer.extension(value::HOME, &home.to_le_bytes()),
                (2, _) => self.open_stream(writer),
                (3, _) if random.once_in(20) => writer.bytes(&[7; LONG]),
                _ => writer.nil(),
            }
        });
        self.say(&Message::Return { id, outcome: Outcome::Returned(&result), spent_us: 0 });
    }

    /// Calls the application, as far as there is room.
    fn call(&mut self, random: &mut Random) -> &'static str {
        let served = Vec::from_iter(self.served.iter().filter(|(_, served)| self.can_serve(served)));
        let parent = match served.is_empty() || random.once_in(3) {
            true => None,
            false => Some(*served[random.below(served.len())].0),
        };
        // One that waits does only what belongs to the call that it waits for.
        if !self.blocked.is_empty() && parent.is_none() {
            return "waits";
        }
        if !self.take_room() {
            return "has no room for a call";
        }
        let (name, needs) = API[random.below(API.len())];
        let index = API.iter().position(|(known, _)| *known == name).unwrap_or_default() as u32;
        let home = self.held.first().copied();
        let args = written(|writer| {
            writer.array(1);
            match (needs, home) {
                (application::Needs::Function, _) => self.export(writer, random),
                (application::Needs::Stream, _) => self.open_stream(writer),
                (application::Needs::Anything, Some(home)) if random.once_in(2) => {
                    writer.extension(value::HOME, &home.to_le_bytes());
                }
                (application::Needs::Anything, _) if random.once_in(8) => {
                    // The same one twice, and now and then so much that it takes the other lane.
                    let function = random.below(FUNCTIONS as usize) as u32;
                    writer.array(3);
                    (0..2).for_each(|_| self.export_this(writer, function));
                    writer.bytes(&vec![7; if random.once_in(4) { LONG } else { 1 }]);
                }
                (application::Needs::Anything, _) => writer.unsigned(random.below(100) as u64),
            }
        });
        self.last_call += 1;
        let id = self.last_call;
        self.own.insert(id, parent);
        let blocking = random.once_in(4) && self.blocked.len() < 8;
        if blocking {
            self.blocked.push(id);
        }
        let deadline_us = random.once_in(4).then(|| 1_000 * (1 + random.below(10_000)) as u64);
        let target = Target::Api(index);
        self.say(&Message::Call { id, target, args: &args, deadline_us, parent, blocking, trace: None });
        name
    }

    fn cancel(&mut self, random: &mut Random) -> &'static str {
        let open = Vec::from_iter(self.own.keys().copied());
        if open.is_empty() {
            return "has nothing to cancel";
        }
        let id = open[random.below(open.len())];
        self.say(&Message::Cancel { id, why: Some(Unwanted::Dropped) });
        "cancels"
    }

    /// One of its functions, once more.
    fn export(&mut self, writer: &mut Writer, random: &mut Random) {
        let function = random.below(FUNCTIONS as usize) as u32;
        self.export_this(writer, function);
    }

    fn export_this(&mut self, writer: &mut Writer, function: u32) {
        match self.exports.export(function, || function, limits::REFERENCES) {
            Ok(id) => writer.extension(value::FUNCTION, &id.to_le_bytes()),
            Err(_) => writer.nil(),
        }
    }

    // -- Streams ------------------------------------------------------------------------------------------------

    fn open_stream(&mut self, writer: &mut Writer) {
        self.last_stream += 1;
        self.sending.insert(self.last_stream, 0);
        writer.extension(value::STREAM, &self.last_stream.to_le_bytes());
    }

    fn send_chunk(&mut self, random: &mut Random) -> &'static str {
        let open = Vec::from_iter(self.sending.iter().map(|(id, credit)| (*id, *credit)));
        if open.is_empty() {
            return "has no stream";
        }
        let (id, credit) = open[random.below(open.len())];
        if random.once_in(8) {
            self.sending.remove(&id);
            self.say(&Message::StreamEnd { id, error: None });
            return "ends a stream";
        }
        if credit <= 0 {
            return "has no credit";
        }
        let length = if random.once_in(20) { 40_000 } else { random.below(200) };
        let data = written(|writer| writer.bytes(&vec![1; length]));
        self.sending.insert(id, credit - (data.len() + limits::STREAM_CHUNK) as i64);
        self.say(&Message::StreamData { id, data: &data });
        "sends a chunk"
    }

    fn read_more(&mut self, random: &mut Random) -> &'static str {
        let open = Vec::from_iter(self.reading.iter().map(|(id, credit)| (*id, *credit)));
        if open.is_empty() {
            return "has nothing to read";
        }
        let (id, credit) = open[random.below(open.len())];
        if random.once_in(6) {
            self.say(&Message::StreamStop { id });
            return "stops a stream";
        }
        let amount = (random.below(limits::STREAM_WINDOW) as i64).min(limits::STREAM_WINDOW as i64 - credit);
        if amount <= 0 {
            return "has given enough credit";
        }
        self.reading.insert(id, credit + amount);
        self.say(&Message::Credit { stream: Some(id), amount: amount as u64 });
        "reads on"
    }

    // -- Putting things in order ---------------------------------------------------------------------------------

    /// Answers what it may, ends what it sends, wants no more of what it reads, and lets go of everything.
    pub(super) fn wind_up(&mut self) {
        let open = self.served.iter().filter(|(_, served)| self.can_serve(served));
        for (id, served) in Vec::from_iter(open.map(|(id, served)| (*id, *served))) {
            self.served.remove(&id);
            self.done.insert(served.number);
            self.answered.insert(served.number);
            let result = written(|writer| {
                writer.array(1);
                writer.unsigned(served.number);
            });
            self.say(&Message::Return { id, outcome: Outcome::Returned(&result), spent_us: 0 });
        }
        for id in Vec::from_iter(self.sending.keys().copied()) {
            self.sending.remove(&id);
            self.say(&Message::StreamEnd { id, error: None });
        }
        // Wanting no more is said once: more credit than there can be stands for it.
        let unread = self.reading.iter_mut().filter(|(_, credit)| **credit != i64::MAX);
        let unread = Vec::from_iter(unread.map(|(id, credit)| (*id, *credit = i64::MAX).0));
        for id in unread {
            self.say(&Message::StreamStop { id });
        }
        self.let_go();
    }

    // -- What no honest runner does --------------------------------------------------------------------------------

    /// Breaks a rule, or goes to the edge of one.
    pub(super) fn misbehave(&mut self, random: &mut Random) -> &'static str {
        let id = random.below(6) as u64;
        match random.below(15) {
            13 => {
                self.is_guilty = true;
                self.push(&Message::Return { id: 0, outcome: Outcome::Returned(&[0xc0]), spent_us: 0 });
                "answers what was never asked"
            }
            14 => {
                self.is_guilty = true;
                let args = written(|writer| {
                    writer.array(1);
                    self.open_stream(writer);
                });
                // What is no function is dropped at once, so nobody ever gives credit.
                self.push(&Message::Notify {
                    target: Target::Api(application::GIVE),
                    args: &args,
                    parent: None,
                });
                self.push(&Message::StreamData { id: self.last_stream, data: &[0xc0] });
                "sends before anybody reads"
            }
            0 => {
                self.say(&Message::Return { id, outcome: Outcome::Returned(&[0xc0]), spent_us: 0 });
                "forges an answer"
            }
            1 => {
                let references = vec![Released { id: id << 24, count: random.below(3) as u32 }];
                self.say(&Message::Release { references });
                "forges a release"
            }
            2 => {
                let call = |id| Message::Call {
                    id,
                    target: Target::Api(application::WAIT),
                    args: &[0x90],
                    deadline_us: None,
                    parent: None,
                    blocking: false,
                    trace: None,
                };
                (0..20).for_each(|_| {
                    self.last_call += 1;
                    self.said.push(&call(self.last_call));
                });
                "floods"
            }
            3 => {
                let target = Target::Function(id << 24);
                let call = Message::Call {
                    id,
                    target,
                    args: &[0x90],
                    deadline_us: None,
                    parent: Some(id),
                    blocking: true,
                    trace: None,
                };
                self.say(&call);
                "forges a call"
            }
            4 => {
                self.say(&Message::StreamData { id, data: &[0xc0] });
                "sends without credit"
            }
            5 => {
                self.say(&Message::Credit { stream: Some(id), amount: u64::MAX });
                "gives credit without end"
            }
            6 => {
                self.say(&Message::Credit { stream: None, amount: random.below(4) as u64 });
                "widens the window"
            }
            7 => {
                let args = written(|writer| {
                    writer.array(2);
                    (0..2).for_each(|_| writer.extension(value::HOME, &id.to_le_bytes()));
                });
                self.say(&Message::Notify {
                    target: Target::Api(application::GIVE),
                    args: &args,
                    parent: None,
                });
                "sends home what it does not hold"
            }
            8 => {
                self.say(&Message::Ready { exports: vec![], compile_us: 0, evaluate_us: 0, activate_us: 0 });
                "is ready once more"
            }
            9 => {
                self.say(&Message::Locked { level: Level::A, layers: vec!["all"] });
                "is locked once more"
            }
            10 => {
                let times = if random.once_in(30) { limits::MESSAGE_RATE + 10 } else { 1 };
                (0..times).for_each(|_| self.push(&Message::Cancel { id, why: None }));
                "cancels what it likes"
            }
            11 => {
                let args = written(|writer| {
                    writer.array(1);
                    writer.extension(value::FUNCTION, &id.to_le_bytes());
                });
                self.say(&Message::Notify {
                    target: Target::Api(application::GIVE),
                    args: &args,
                    parent: None,
                });
                "gives a function of any number"
            }
            _ => self.act(random),
        }
    }
}
