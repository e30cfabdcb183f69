//! Random values, and random numbers.

use super::{Speaker, lock};
use plughold_protocol::pack::Writer;
use plughold_protocol::{limits, value};
use plughold_wire::{Bounds, scan};

/// Names that mean something somewhere.
pub(super) const NAMES: [&str; 14] = [
    "work",
    "plugins.get",
    "then",
    "constructor",
    "__proto__",
    "toJSON",
    "",
    "add",
    "count",
    "dispose",
    "a\nb",
    "\u{1b}[2J",
    "says-anything",
    "says-anything-too",
];

impl Speaker {
    pub(super) fn arguments(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let length = self.random.below(4) as usize;
        Writer::new(&mut bytes).array(length);
        for _ in 0..length {
            self.write(&mut bytes, 5);
        }
        bytes
    }

    pub(super) fn value(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes, 5);
        bytes
    }

    /// A random value of at most so many levels.
    fn write(&mut self, bytes: &mut Vec<u8>, levels: u32) {
        let inner = if levels == 0 { 0 } else { self.random.below(5) as usize };
        let number = self.random.next();
        let kind = self.random.below(26);
        let mut out = Writer::new(bytes);
        match kind {
            0 => out.nil(),
            1 => out.bool(number.is_multiple_of(2)),
            2 => out.unsigned(number >> (number % 64)),
            3 => out.float(f64::from_bits(number)),
            4 => out.text(NAMES[number as usize % NAMES.len()]),
            5 => out
                .text(&"long ".repeat(number as usize % 300 * usize::from(number.is_multiple_of(97)) * 100)),
            6 => out.bytes(&number.to_le_bytes()),
            7 => out.extension(value::UNDEFINED, &[0]),
            8 => out.extension(value::SIGNAL, &[0]),
            9 => out.extension(value::BIGINT, &[&[number as u8 % 2], &number.to_le_bytes()[..]].concat()),
            10 => {
                out.extension(value::TYPED_ARRAY, &[&[number as u8 % 14], &number.to_le_bytes()[..]].concat())
            }
            11 => out.extension(value::TIMESTAMP, &value::timestamp(number as i64 >> 20)),
            12..15 => out.extension(value::FUNCTION, &(number % 50).to_le_bytes()),
            15 => {
                let mut payload = (50 + number % 20).to_le_bytes().to_vec();
                let mut description = Writer::new(&mut payload);
                description.array(3 + number as usize % 2);
                description.text(NAMES[number as usize % NAMES.len()]);
                for _ in 0..2 {
                    description.array(NAMES.len());
                    NAMES.iter().for_each(|name| description.text(name));
                }
                if number % 2 == 1 {
                    description.bool(true);
                }
                out.extension(value::OBJECT, &payload);
            }
            16 if lock(&self.seen).outgoing.len() + self.introduced.len() < limits::STREAMS / 2 => {
                self.last_stream += 1;
                self.introduced.push(self.last_stream);
                out.extension(value::STREAM, &self.last_stream.to_le_bytes());
            }
            17..20 => match self.held() {
                Some(id) => Writer::new(bytes).extension(value::HOME, &id.to_le_bytes()),
                None => Writer::new(bytes).nil(),
            },
            20 => {
                out.map(inner);
                for _ in 0..inner {
                    let name = NAMES[self.random.below(NAMES.len() as u32) as usize];
                    Writer::new(bytes).text(name);
                    self.write(bytes, levels - 1);
                }
            }
            21 => {
                // Also of what makes no sense inside of it.
                let kind =
                    [value::ERROR, value::MAP, value::SET, value::REGEXP][self.random.below(4) as usize];
                let mut payload = Vec::new();
                self.write(&mut payload, levels.saturating_sub(1));
                Writer::new(bytes).extension(kind, &payload);
            }
            _ => {
                out.array(inner);
                for _ in 0..inner {
                    self.write(bytes, levels - 1);
                }
            }
        }
    }
}

pub(super) fn contains_stream(bytes: &[u8]) -> bool {
    let found = scan(bytes, &Bounds::default()).unwrap_or_default().references;
    found.iter().any(|reference| reference.kind == value::STREAM)
}

/// Numbers that look random and are the same for the same seed: SplitMix64.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: u32) -> u32 {
        (self.next() % u64::from(bound.max(1))) as u32
    }

    pub(super) fn of(&mut self, numbers: &[u64]) -> Option<u64> {
        numbers.get(self.below(numbers.len() as u32) as usize).copied()
    }
}
