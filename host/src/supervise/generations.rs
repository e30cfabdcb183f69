//! The processes of a plugin, and those that are being started.

use super::Input;
use super::running::Running;
use crate::error::LoadError;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// One process, or one that is being started.
pub(super) enum Generation {
    Starting(u32, Pin<Box<dyn Future<Output = Result<Running, LoadError>> + Send>>),
    Running(Box<Running>),
}

impl Generation {
    /// Its number.
    pub(super) fn number(&self) -> u32 {
        match self {
            Generation::Starting(number, _) => *number,
            Generation::Running(running) => running.generation,
        }
    }

    async fn next(&mut self) -> Heard {
        match self {
            Generation::Running(running) => Heard::Input(running.next().await),
            Generation::Starting(generation, starting) => match starting.as_mut().await {
                Ok(running) => Heard::Spawned(Box::new(running)),
                Err(error) => Heard::Input(Input::NotSpawned { generation: *generation, error }),
            },
        }
    }
}

/// What was heard of the processes.
pub(super) enum Heard {
    Input(Input),
    Spawned(Box<Running>),
}

/// What is heard next of any of them. One that could not be started is none of them any more.
pub(super) async fn hear_any(generations: &mut Vec<Generation>) -> Heard {
    let heard = {
        let mut nexts = Vec::from_iter(generations.iter_mut().map(|each| Box::pin(each.next())));
        poll_fn(|context| {
            let mut polled = nexts.iter_mut().map(|next| next.as_mut().poll(context));
            polled.find(Poll::is_ready).unwrap_or(Poll::Pending)
        })
        .await
    };
    if let Heard::Input(Input::NotSpawned { generation, .. }) = &heard {
        // Its future has ended, and must not be asked again.
        generations.retain(|each| each.number() != *generation);
    }
    heard
}
