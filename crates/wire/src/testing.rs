//! Peers for tests: one that follows a script, and one that does what no honest peer does.
//!
//! They are part of the product and not of its tests, because whoever writes a runner or a host of their own needs them
//! as well.

mod faulty;
mod scripted;

pub use faulty::{Fault, FaultyStream};
pub use scripted::{PeerError, ScriptedPeer};
