//! Whoever listens to the messages of a plugin while they go by.
//!
//! Nobody does nearly always: then it costs a look at one number for each message.

use crate::blackbox::Direction;
use crate::blackbox::tape::Noted;
use plughold_protocol::Message;
use plughold_protocol::record::Outcome;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tokio::sync::broadcast;

/// How many messages wait for a slow listener. Beyond it the oldest are lost, and the listener is told.
const QUEUE: usize = 4_096;

/// Where listeners of one plugin stand, through all its processes.
#[derive(Debug, Default)]
pub(crate) struct Tap {
    is_open: AtomicBool,
    heard: Mutex<Option<broadcast::Sender<Heard>>>,
}

/// One message that went by.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "control"), allow(dead_code, reason = "the control socket reads it"))]
pub(crate) struct Heard {
    pub(crate) at: SystemTime,
    pub(crate) generation: u32,
    pub(crate) direction: Direction,
    pub(crate) noted: Noted,
    /// The call that the caller was serving, of a call.
    pub(crate) parent: Option<u64>,
    /// Whether a call threw, of an answer.
    pub(crate) threw: Option<bool>,
}

/// One direction of one process, and where its listeners stand.
#[derive(Clone, Debug)]
pub(crate) struct Trail {
    pub(crate) tap: Arc<Tap>,
    pub(crate) generation: u32,
    pub(crate) direction: Direction,
}

impl Trail {
    /// A message goes by.
    pub(crate) fn note(&self, noted: Noted, message: &Message) {
        if !self.tap.is_open.load(Ordering::Relaxed) {
            return;
        }
        let (parent, threw) = match message {
            Message::Call { parent, .. } => (*parent, None),
            Message::Return { outcome, .. } => (None, Some(matches!(outcome, Outcome::Threw(_)))),
            _ => (None, None),
        };
        let Trail { generation, direction, .. } = *self;
        self.tap.tell(Heard { at: SystemTime::now(), generation, direction, noted, parent, threw });
    }
}

impl Tap {
    fn tell(&self, heard: Heard) {
        let mut listeners = self.lock();
        let is_heard = listeners.as_ref().is_some_and(|listeners| listeners.send(heard).is_ok());
        if !is_heard {
            // The last one has gone, and its queue goes with it.
            *listeners = None;
            self.is_open.store(false, Ordering::Relaxed);
        }
    }

    /// Each message from now on, until this is dropped.
    #[cfg_attr(not(feature = "control"), allow(dead_code, reason = "the control socket listens"))]
    pub(crate) fn listen(&self) -> broadcast::Receiver<Heard> {
        let mut listeners = self.lock();
        let receiver = listeners.get_or_insert_with(|| broadcast::Sender::new(QUEUE)).subscribe();
        self.is_open.store(true, Ordering::Relaxed);
        receiver
    }

    fn lock(&self) -> MutexGuard<'_, Option<broadcast::Sender<Heard>>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
