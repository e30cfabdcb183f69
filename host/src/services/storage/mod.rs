//! What plugins store by key: `ctx.storage` and `localStorage`.
//!
//! - [`store`]: keys and values on the disk
//! - [`watchers`]: whoever wants to hear of changes
//! - [`Storage`]: the same for the application
//! - [`StorageError`]: why something could not be stored

mod error;
mod handle;
mod store;
mod watchers;

pub use error::StorageError;
pub use handle::Storage;
pub(super) use store::Store;
pub(super) use watchers::Watchers;

use super::room::{Desk, Room};
use super::{Request, unknown};
use crate::api::Running;
use crate::session::Session;
use crate::value::encode;
use crate::{Thrown, Undefined};
use error::unsendable;
use serde::Serialize;
use std::sync::Arc;
use store::Change;

/// What a call gives.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Reply {
    Nothing(Undefined),
    Text(String),
    Keys(Vec<String>),
    Usage { used: u64, quota: u64 },
}

/// What a call does.
type Work = Box<dyn FnOnce(&Room) -> Result<Reply, StorageError> + Send>;

/// Starts the service `storage.<name>`.
pub(super) fn serve(name: &str, request: Request) -> Result<Running, Thrown> {
    if name == "onChange" {
        return watchers::watch(request);
    }
    let args = &request.args;
    let words = |words| Thrown::new("TypeError", words);
    let work: Work = match name {
        "get" => {
            let key: String = args.argument(0).map_err(words)?;
            Box::new(move |room| Ok(room.store(|store| store.get(&key))?.map_or(NOTHING, Reply::Text)))
        }
        "keys" => {
            let prefix: String = args.argument(0).map_err(words)?;
            Box::new(move |room| room.store(|store| store.keys(&prefix)).map(Reply::Keys))
        }
        "apply" => {
            let changes: Vec<Change> = args.argument(0).map_err(words)?;
            Box::new(move |room| room.change(|store| store.apply(&changes)).map(|()| NOTHING))
        }
        "clear" => {
            let prefix: String = args.argument(0).map_err(words)?;
            Box::new(move |room| room.change(|store| store.clear(&prefix)).map(|()| NOTHING))
        }
        "usage" => Box::new(|room| {
            let (used, quota) = room.store(|store| Ok(store.usage()))?;
            Ok(Reply::Usage { used, quota })
        }),
        _ => return Err(unknown()),
    };
    Ok(start(request.desk, request.invocation.session.clone(), work))
}

const NOTHING: Reply = Reply::Nothing(Undefined);

fn start(desk: &Arc<Desk>, session: Arc<Session>, work: Work) -> Running {
    let room = desk.room.clone();
    Box::pin(async move {
        let done = on_worker(&room, work).await;
        let reply = done.map_err(|error| error.to_thrown());
        let encoded = reply.and_then(|reply| encode(&reply, session.exports()).map_err(unsendable));
        encoded.map_err(|thrown| thrown.to_value())
    })
}

/// Does something with the room of a plugin where it may wait for the disk.
async fn on_worker<T: Send + 'static>(
    room: &Arc<Room>,
    work: impl FnOnce(&Room) -> Result<T, StorageError> + Send + 'static,
) -> Result<T, StorageError> {
    let there = room.clone();
    room.worker.ask(move || work(&there)).await?
}

impl Room {
    /// Does something with the store, which is opened if that was not done before.
    fn store<T>(&self, work: impl FnOnce(&mut Store) -> Result<T, StorageError>) -> Result<T, StorageError> {
        let mut store = self.open_store();
        let store = match &mut *store {
            Some(store) => store,
            store => store.insert(Store::open(&self.own_folder()?, self.limits.storage)?),
        };
        work(store)
    }

    /// The same for something that changes it: whoever wants to hear of that is told.
    fn change(
        &self,
        work: impl FnOnce(&mut Store) -> Result<Vec<String>, StorageError>,
    ) -> Result<(), StorageError> {
        let changed = self.store(work)?;
        self.watchers.tell(changed);
        Ok(())
    }
}
