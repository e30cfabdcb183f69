//! The last messages of one direction, without what they carried.

use crate::blackbox::tap::Trail;
use plughold_protocol::Message;
use plughold_protocol::record::{Outcome, Target};
use std::collections::VecDeque;
use std::time::Instant;

/// Messages that one tape remembers. What led to an end is in the last few; the rest shows what was usual before.
pub(crate) const LENGTH: usize = 64;

/// Bytes of a name that are remembered. Names of functions are short; the rest of a longer one is not needed to know it.
const NAME: usize = 32;

/// One message, as little of it as tells what it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted {
    pub(crate) at: Instant,
    /// The message's name, such as `Call`.
    pub(crate) name: &'static str,
    /// The call, stream or request that it is about; 0 where there is none.
    pub(crate) id: u64,
    pub(crate) what: What,
    /// Bytes of what it carries.
    pub(crate) bytes: u32,
}

/// What a call is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    Nothing,
    /// A function of the application, by its place in the table.
    Api(u32),
    Function(u64),
    /// A member of an object that travelled by reference.
    Member(u64, Name),
    Export(Name),
    Service(Name),
}

/// The beginning of a name, in place: a name of its own would cost an allocation for each message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    bytes: [u8; NAME],
    length: u8,
}

impl Name {
    fn of(text: &str) -> Name {
        let length = text.floor_char_boundary(NAME);
        let mut bytes = [0; NAME];
        for (to, from) in bytes.iter_mut().zip(text.as_bytes().iter().take(length)) {
            *to = *from;
        }
        Name { bytes, length: length as u8 }
    }

    pub(crate) fn text(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// The last messages of one direction.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    noted: VecDeque<Noted>,
    /// When the batch began that is handled now.
    now: Instant,
    /// Messages that were here, also those that are forgotten.
    count: u64,
    /// Who may listen.
    trail: Option<Trail>,
}

impl Tape {
    pub(crate) fn new(now: Instant) -> Tape {
        Tape { noted: VecDeque::with_capacity(LENGTH), now, count: 0, trail: None }
    }

    /// From now on others may listen to what is noted.
    pub(crate) fn follow(&mut self, trail: Trail) {
        self.trail = Some(trail);
    }

    /// What is noted from here on happened now.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.now = now;
    }

    /// When what is noted happens.
    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    /// How many messages were noted, also those that are forgotten.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn note(&mut self, message: &Message) {
        self.count += 1;
        let (id, what, bytes) = facts(message);
        if self.noted.len() == LENGTH {
            self.noted.pop_front();
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let noted = Noted { at: self.now, name: message.name(), id, what, bytes };
        if let Some(trail) = &self.trail {
            trail.note(noted, message);
        }
        self.noted.push_back(noted);
    }

    /// The remembered ones, oldest first.
    pub(crate) fn noted(&self) -> impl Iterator<Item = &Noted> {
        self.noted.iter()
    }

    /// How many there were before those.
    pub(crate) fn forgotten(&self) -> u64 {
        self.count - self.noted.len() as u64
    }
}

/// The number, the target and the bytes of a message.
fn facts(message: &Message) -> (u64, What, usize) {
    match *message {
        Message::Call { id, target, args, .. } => (id, what(target), args.len()),
        Message::Notify { target, args, .. } => (0, what(target), args.len()),
        Message::Return { id, outcome: Outcome::Returned(value) | Outcome::Threw(value), .. } => {
            (id, What::Nothing, value.len())
        }
        Message::Cancel { id, .. } | Message::StreamStop { id } => (id, What::Nothing, 0),
        Message::StreamData { id, data } => (id, What::Nothing, data.len()),
        Message::StreamEnd { id, error } => (id, What::Nothing, error.map_or(0, <[u8]>::len)),
        Message::Credit { stream, .. } => (stream.unwrap_or(0), What::Nothing, 0),
        Message::Load { ref source, .. } => (0, What::Nothing, source.text.len()),
        Message::ModuleRequest { id, specifier, .. } => (id, What::Nothing, specifier.len()),
        Message::Module { id, ref source, .. } => {
            (id, What::Nothing, source.as_ref().map_or(0, |source| source.text.len()))
        }
        Message::Log { text, .. } => (0, What::Nothing, text.len()),
        Message::Failed { error, .. } | Message::Uncaught { error, .. } => (0, What::Nothing, error.len()),
        _ => (0, What::Nothing, 0),
    }
}

fn what(target: Target) -> What {
    match target {
        Target::Api(index) => What::Api(index),
        Target::Function(id) => What::Function(id),
        Target::Method(id, name) | Target::Property(id, name) => What::Member(id, Name::of(name)),
        Target::Export(name) => What::Export(Name::of(name)),
        Target::Service(name) => What::Service(Name::of(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tape_remembers_the_last_ones_and_counts_the_others() {
        let mut tape = Tape::new(Instant::now());
        for id in 1..=LENGTH as u64 + 10 {
            tape.note(&Message::Cancel { id, why: None });
        }
        assert_eq!(tape.forgotten(), 10);
        let ids: Vec<u64> = tape.noted().map(|noted| noted.id).collect();
        assert_eq!(ids, (11..=LENGTH as u64 + 10).collect::<Vec<_>>());
    }

    #[test]
    fn names_are_cut_between_characters() {
        assert_eq!(Name::of("notes.search").text(), "notes.search");
        assert_eq!(Name::of(&"é".repeat(100)).text(), "é".repeat(16));
        assert_eq!(Name::of(&format!("a{}", "é".repeat(100))).text(), format!("a{}", "é".repeat(15)));
    }

    #[test]
    fn a_message_is_known_by_its_number_its_target_and_its_size() {
        let mut tape = Tape::new(Instant::now());
        let target = Target::Export("greet");
        let call = Message::Call {
            id: 7,
            target,
            args: &[0x90],
            deadline_us: None,
            parent: None,
            blocking: false,
            trace: None,
        };
        tape.note(&call);
        let noted = tape.noted().next().unwrap();
        assert_eq!((noted.name, noted.id, noted.bytes), ("Call", 7, 1));
        assert!(matches!(noted.what, What::Export(name) if name.text() == "greet"));
    }
}
