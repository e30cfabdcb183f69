//! From what a scan has found to counted handles.

use crate::callback::Description;
use crate::clock;
use crate::figures::{Origin, Place};
use crate::live::Thing;
use crate::session::Session;
use crate::value::Scope;
use plughold_protocol::pack::{Reader, Token};
use plughold_protocol::value;
use plughold_wire::Reference as Found;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bytes of what the objects of one plugin that the host holds may tell of themselves. As many instances of a usual class
/// as there may be references stay below; names of the greatest length for all of them would be a thousand times as much.
const DESCRIBED: usize = 64 << 20;

impl Session {
    /// Whether the host may hold what a message introduces, besides what it holds already; the error says it in words. What
    /// comes home is not held by it, and streams have a bound of their own.
    pub(crate) fn check_references(&self, found: &[Found]) -> Result<(), String> {
        let is_held = |found: &&Found| matches!(found.kind, value::FUNCTION | value::OBJECT);
        let held = self.counters.references.load(Ordering::Relaxed) as usize;
        let most = self.limits().references as usize;
        if held + found.iter().filter(is_held).count() <= most {
            return Ok(());
        }
        // Rarely: each counts once, however often it stands there and whatever it came in before.
        let things = found.iter().filter(is_held).map(|found| (found.id, found.kind == value::OBJECT));
        let things = HashSet::<(u64, bool)>::from_iter(things);
        if held + self.imports().unknown(things.into_iter()) <= most {
            return Ok(());
        }
        Err(format!("more than {most} references"))
    }

    /// One handle for each reference that a message of the plugin introduced. Afterwards they are released by themselves,
    /// whatever becomes of the message. It is asked where they were passed if there are any.
    ///
    /// Returns in words which rule of the protocol is broken: something comes home that the plugin does not hold, or an
    /// object does not describe itself.
    pub(crate) fn scope(
        self: &Arc<Self>,
        bytes: &[u8],
        found: &[Found],
        place: impl FnOnce() -> Place,
    ) -> Result<Scope, String> {
        if found.is_empty() {
            return Ok(Scope::default());
        }
        let origin = Origin { place: place(), since: clock::now() };
        let mut counts: HashMap<(i8, u64), u32> = HashMap::new();
        let mut home: HashMap<u64, Thing> = HashMap::new();
        let mut streams = HashMap::new();
        for Found { kind, id } in found {
            match *kind {
                value::HOME => {
                    if home.contains_key(id) {
                        continue;
                    }
                    let thing = self.exports().get(*id);
                    let Some(thing) = thing else {
                        return Err(format!(
                            "the reference {id} comes home, and the plugin does not hold it"
                        ));
                    };
                    home.insert(*id, thing);
                }
                value::STREAM => {
                    streams.insert(*id, self.streams.introduce(self, *id, origin.clone())?);
                }
                value::FUNCTION | value::OBJECT => *counts.entry((*kind, *id)).or_default() += 1,
                _ => {}
            }
        }
        let mut descriptions = descriptions(bytes, found)?;
        let described = descriptions.values().map(Description::size).sum::<usize>();
        if DESCRIBED < self.counters.described.load(Ordering::Relaxed) + described {
            return Err(format!("more than {DESCRIBED} bytes that its objects tell of themselves"));
        }
        let reference = |((kind, id), count)| {
            // Of a function of the same number it tells nothing.
            let description = if kind == value::OBJECT { descriptions.remove(&id) } else { None };
            ((kind, id), self.imports().receive(self, id, count, description, &origin))
        };
        Ok(Scope::with_streams(counts.into_iter().map(reference).collect(), home, streams))
    }
}

/// What the objects of a scanned value tell of themselves, by their event IDs.
fn descriptions(bytes: &[u8], found: &[Found]) -> Result<HashMap<u64, Description>, String> {
    let mut descriptions = HashMap::new();
    if !found.iter().any(|reference| reference.kind == value::OBJECT) {
        return Ok(descriptions);
    }
    // Flat: arrays and maps are heads before their elements, and whatever holds a value is gone into.
    let mut reader = Reader::new(bytes);
    while !reader.is_empty() {
        let Ok(token) = reader.token() else { break };
        let Token::Extension(kind, payload) = token else { continue };
        let Some(offset) = value::value_offset(kind) else { continue };
        if kind == value::OBJECT
            && let Some(id) = value::reference_id(kind, payload)
        {
            let description = payload.get(offset..).unwrap_or_default();
            descriptions.insert(id, Description::from_value(description)?);
        }
        reader.seek(reader.position() - payload.len() + offset);
    }
    Ok(descriptions)
}
