//! One process of a plugin follows another: what it is given, what is seen of it, and who hears of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod changes;
mod document;
mod registrations;
mod states;

use plughold::{Backoff, Restart};
use std::time::Duration;

/// A plugin that ended is started again without a pause.
fn at_once() -> Restart {
    Restart::OnFailure(Backoff { first: Duration::from_millis(1), ..Backoff::default() })
}
