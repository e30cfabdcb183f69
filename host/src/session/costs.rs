//! Snapshots of one session: what it costs, what is in flight, what is held.

use crate::callback::Reference;
use crate::clock;
use crate::figures::{
    CallDirection, CallInFlight, CallParent, CpuFigures, Figures, Holder, MOST_CALLS, MOST_REFERENCES,
    Queues, ReferenceInfo, ReferenceKind, Traffic, micros, millis,
};
use crate::live::Thing;
use crate::session::Session;
use crate::session::serving::Served;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

impl Session {
    /// What the process has cost so far.
    pub(crate) fn figures(&self) -> Figures {
        let now = clock::now();
        let spent = self.usage().read(now);
        let budget = self.limits().cpu;
        let kept = self.recorder().lock();
        let (started, heard) = (kept.started, kept.heard.count());
        drop(kept);
        let mut sending = self.lock();
        let to_plugin = sending.account.figures(now);
        let (to_plugin_bytes, to_plugin_messages) = (sending.written, sending.tape.count());
        let (calls_to_plugin, unwritten) = (sending.calls.len(), sending.outbox.pending_bytes());
        drop(sending);
        Figures {
            generation: self.generation(),
            uptime_ms: millis(now.saturating_duration_since(started)),
            cpu: CpuFigures {
                total_us: micros(spent.total),
                last_minute_us: micros(spent.last_minute),
                per_minute_us: budget.map(|budget| micros(budget.per_minute)),
                // One that sleeps is not looked at, and is not slowed any more once the minute is over.
                is_slowed: self.counters.is_slowed.load(Ordering::Relaxed)
                    && budget.is_some_and(|budget| budget.per_minute < spent.last_minute),
            },
            from_plugin: self.serving.figures(now),
            to_plugin,
            traffic: Traffic {
                from_plugin_bytes: self.counters.bytes_in.load(Ordering::Relaxed),
                to_plugin_bytes,
                from_plugin_messages: heard,
                to_plugin_messages,
            },
            queues: Queues {
                calls_to_plugin: calls_to_plugin as u64,
                calls_from_plugin: self.serving.len() as u64,
                unwritten_bytes: unwritten as u64,
            },
        }
    }

    /// The calls that are not answered yet, the oldest of each direction first.
    pub(crate) fn pending(&self) -> Vec<CallInFlight> {
        let now = clock::now();
        // Each under its own lock: what is answered in between is in neither.
        let served = self.serving.served(MOST_CALLS);
        let mut calls = self.calls_to_plugin(now);
        calls.extend(served.into_iter().map(|served| self.call_from_plugin(served, now)));
        calls
    }

    fn calls_to_plugin(&self, now: Instant) -> Vec<CallInFlight> {
        let sending = self.lock();
        let mut open = Vec::from_iter(sending.calls.open_calls());
        open.sort_unstable_by_key(|(id, ..)| *id);
        let calls = open.into_iter().take(MOST_CALLS).map(|(id, kept, is_wanted)| {
            let (kind, name) = sending.account.name(kept.slot, None);
            let link = kept.link.as_ref();
            let deadline = link.and_then(|link| link.deadline());
            CallInFlight {
                direction: CallDirection::ToPlugin,
                id,
                name,
                kind,
                age_ms: millis(now.saturating_duration_since(kept.since)),
                deadline_ms: deadline.map(|deadline| millis(deadline.saturating_duration_since(now))),
                parent: link.and_then(|link| link.made_by()).map(|(plugin, called, is_caller)| CallParent {
                    plugin: plugin.to_string(),
                    name: called.to_string(),
                    direction: if is_caller { CallDirection::FromPlugin } else { CallDirection::ToPlugin },
                }),
                is_blocking: false,
                is_wanted,
            }
        });
        calls.collect()
    }

    /// What is called by a call to the plugin that is not answered yet.
    fn called_as(&self, id: u64) -> Option<String> {
        let sending = self.lock();
        let kept = sending.calls.kept_of(id)?;
        Some(sending.account.name(kept.slot, None).1)
    }

    fn call_from_plugin(&self, served: Served, now: Instant) -> CallInFlight {
        let parent = served.parent.and_then(|parent| self.called_as(parent));
        let age = now.saturating_duration_since(served.since);
        let left = |us| Duration::from_micros(us).saturating_sub(age);
        CallInFlight {
            direction: CallDirection::FromPlugin,
            id: served.id,
            name: served.name,
            kind: served.kind,
            age_ms: millis(age),
            deadline_ms: served.deadline_us.map(|us| millis(left(us))),
            parent: parent.map(|name| CallParent {
                plugin: self.plugin().to_string(),
                name,
                direction: CallDirection::ToPlugin,
            }),
            is_blocking: served.is_blocking,
            is_wanted: served.is_wanted,
        }
    }

    /// What is held across the border, the oldest first.
    pub(crate) fn held_things(&self) -> Vec<ReferenceInfo> {
        let now = clock::now();
        let mut infos = Vec::new();
        for detail in self.exports().some(MOST_REFERENCES) {
            infos.push((
                detail.since,
                ReferenceInfo {
                    holder: Holder::Plugin,
                    kind: if is_object(&detail.thing) {
                        ReferenceKind::Object
                    } else {
                        ReferenceKind::Function
                    },
                    id: detail.id,
                    name: name_of(&detail.thing),
                    age_ms: millis(now.saturating_duration_since(detail.since)),
                    calls: detail.calls,
                    place: detail.place.map(|place| place.to_string()),
                    unread_bytes: 0,
                },
            ));
        }
        for reference in self.imports().some(MOST_REFERENCES) {
            let origin = reference.origin();
            let is_object = reference.description().is_some();
            infos.push((
                origin.since,
                ReferenceInfo {
                    holder: Holder::Host,
                    kind: if is_object { ReferenceKind::Object } else { ReferenceKind::Function },
                    id: reference.id(),
                    name: class_of(&reference),
                    age_ms: millis(now.saturating_duration_since(origin.since)),
                    calls: reference.calls(),
                    place: Some(origin.place.to_string()),
                    unread_bytes: 0,
                },
            ));
        }
        let (incoming, outgoing) = self.streams.details();
        let incoming = incoming.into_iter().map(|detail| (Holder::Host, detail));
        let outgoing = outgoing.into_iter().map(|detail| (Holder::Plugin, detail));
        for (holder, detail) in incoming.chain(outgoing) {
            infos.push((
                detail.since,
                ReferenceInfo {
                    holder,
                    kind: ReferenceKind::Stream,
                    id: detail.id,
                    name: "stream".to_owned(),
                    age_ms: millis(now.saturating_duration_since(detail.since)),
                    calls: 0,
                    place: detail.place.map(|place| place.to_string()),
                    unread_bytes: detail.unread as u64,
                },
            ));
        }
        infos.sort_by_key(|(since, info)| (*since, info.id));
        infos.into_iter().map(|(_, info)| info).collect()
    }
}

fn is_object(thing: &Thing) -> bool {
    match thing {
        Thing::Object(_) => true,
        Thing::Theirs(reference) => reference.description().is_some(),
        Thing::Function(_) | Thing::Method(..) => false,
    }
}

fn name_of(thing: &Thing) -> String {
    match thing {
        Thing::Function(function) => function.path().to_string(),
        Thing::Object(object) => object.class().to_string(),
        Thing::Theirs(reference) => format!("{} of {}", class_of(reference), reference.plugin()),
        Thing::Method(object, name) => format!("{}.{name} of {}", class_of(object), object.plugin()),
    }
}

fn class_of(reference: &Reference) -> String {
    reference.description().map_or_else(|| "function".to_owned(), |description| description.class.to_string())
}
