//! Who holds what of whom, as a host counts it by hand.

use plughold_protocol::Message;
use plughold_protocol::record::{Outcome, Released};
use plughold_protocol::value as form;
use plughold_wire::{Bounds, Scan, scan};
use std::collections::BTreeMap;

/// The references that the host sent and got, by event ID.
#[derive(Default)]
pub(crate) struct Ledger {
    /// What the runner has to give back, and how often.
    pub(crate) lent: BTreeMap<u64, u32>,
    /// What the host has to give back, and how often.
    pub(crate) borrowed: BTreeMap<u64, u32>,
    /// The `Release`s of the runner, in order.
    pub(crate) releases: Vec<Vec<(u64, u32)>>,
}

impl Ledger {
    /// The host says this.
    pub(crate) fn sent(&mut self, message: &Message) {
        for bytes in values(message) {
            // What a test sends may make no sense on purpose.
            let Ok(scan) = scan(bytes, &Bounds::default()) else { continue };
            for (_, id) in live(scan).into_iter().filter(|(kind, _)| *kind != form::HOME) {
                *self.lent.entry(id).or_default() += 1;
            }
        }
        if let Message::Release { references } = message {
            for released in references {
                let _none_on_purpose = take(&mut self.borrowed, released);
            }
        }
    }

    /// The runner says this. Whatever it sends has to pass the scan.
    pub(crate) fn received(&mut self, message: &Message) {
        for bytes in values(message) {
            let scan = scan(bytes, &Bounds::default()).unwrap_or_else(|error| panic!("{error}: {message:?}"));
            for (kind, id) in live(scan) {
                if kind == form::HOME {
                    assert!(self.lent.contains_key(&id), "{id} is not the runner's to send home");
                } else {
                    *self.borrowed.entry(id).or_default() += 1;
                }
            }
        }
        if let Message::Release { references } = message {
            self.releases.push(references.iter().map(|released| (released.id, released.count)).collect());
            for released in references {
                assert!(take(&mut self.lent, released).is_some(), "{released:?} was never lent");
            }
        }
    }
}

fn take(held: &mut BTreeMap<u64, u32>, released: &Released) -> Option<()> {
    let count = held.get_mut(&released.id)?;
    *count = count.checked_sub(released.count)?;
    if *count == 0 {
        held.remove(&released.id);
    }
    Some(())
}

fn live(scan: Scan) -> Vec<(i8, u64)> {
    let counted = |kind| matches!(kind, form::FUNCTION | form::OBJECT | form::HOME);
    let references = scan.references.into_iter().filter(|reference| counted(reference.kind));
    references.map(|reference| (reference.kind, reference.id)).collect()
}

fn values<'a>(message: &Message<'a>) -> Vec<&'a [u8]> {
    match message {
        Message::Call { args, .. } | Message::Notify { args, .. } => vec![args],
        Message::Return { outcome: Outcome::Returned(value) | Outcome::Threw(value), .. } => vec![value],
        Message::Uncaught { error, .. } | Message::Failed { error, .. } => vec![error],
        _ => Vec::new(),
    }
}
