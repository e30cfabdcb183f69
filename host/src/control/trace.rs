//! The messages of one plugin while they go by.

use super::outgoing::{Ended, Outgoing};
use super::server::Desk;
use super::wishes::{find, host};
use crate::api::Table;
use crate::blackbox::{self, Heard, what_of};
use plughold_control::record::{Direction, Traced};
use plughold_control::{Answer, HostMessage, Item};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::broadcast::error::RecvError;

/// Calls whose answers are awaited, of both directions together. Of older ones it is not told how long they took.
const OPEN: usize = 4_096;

/// Tells each message of a plugin from now on, through all its processes, until nobody listens or the plugin is unloaded.
pub(super) async fn stream(desk: &Desk, outgoing: &Outgoing, id: u64, plugin: &str) -> Result<(), Ended> {
    let found = host(desk).and_then(|host| Ok((find(&host, plugin)?, host.table())));
    let (plugin, table) = match found {
        Ok(found) => found,
        Err(refusal) => return outgoing.answer(id, Err(refusal)).await,
    };
    let mut heard = plugin.tap().listen();
    outgoing.answer(id, Ok(Answer::Begun)).await?;
    let mut calls = OpenCalls::default();
    loop {
        let heard = tokio::select! {
            heard = heard.recv() => heard,
            () = plugin.closed() => break,
        };
        let item = match heard {
            Ok(heard) => Item::Traced(calls.traced(&heard, &table)),
            Err(RecvError::Lagged(count)) => Item::Missed { count },
            Err(RecvError::Closed) => break,
        };
        outgoing.item(id, item).await?;
    }
    outgoing.say(&HostMessage::End { id }).await
}

/// Calls that were seen, and wait for their answers.
#[derive(Default)]
struct OpenCalls {
    calls: HashMap<Key, (SystemTime, Option<String>)>,
    /// The oldest first; some of them are answered already.
    order: VecDeque<Key>,
}

/// Each side counts its own calls.
type Key = (u32, Direction, u64);

impl OpenCalls {
    fn traced(&mut self, heard: &Heard, table: &Arc<Table>) -> Traced {
        let Heard { at, generation, noted, parent, threw, .. } = *heard;
        let direction = match heard.direction {
            blackbox::Direction::In => Direction::FromPlugin,
            blackbox::Direction::Out => Direction::ToPlugin,
        };
        let since_epoch = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut traced = Traced {
            time_us: u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX),
            generation,
            direction,
            message: noted.name.to_owned(),
            id: Some(noted.id).filter(|&id| id != 0),
            what: what_of(&noted, table),
            parent,
            bytes: u64::from(noted.bytes),
            took_us: None,
            outcome: threw.map(|threw| if threw { "threw" } else { "returned" }.to_owned()),
        };
        match noted.name {
            "Call" => self.begin((generation, direction, noted.id), at, traced.what.clone()),
            "Return" => {
                if let Some((began, what)) = self.calls.remove(&(generation, opposite(direction), noted.id)) {
                    let took = at.duration_since(began).unwrap_or_default();
                    traced.took_us = Some(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
                    traced.what = what;
                }
            }
            _ => {}
        }
        traced
    }

    fn begin(&mut self, key: Key, at: SystemTime, what: Option<String>) {
        if self.order.len() == OPEN
            && let Some(oldest) = self.order.pop_front()
        {
            self.calls.remove(&oldest);
        }
        self.order.push_back(key);
        self.calls.insert(key, (at, what));
    }
}

/// An answer goes the other way than its call.
fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::FromPlugin => Direction::ToPlugin,
        Direction::ToPlugin => Direction::FromPlugin,
    }
}
