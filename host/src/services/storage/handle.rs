//! A plugin's storage, for the application.

use super::store::{Change, Store};
use super::{StorageError, on_worker};
use crate::services::room::Room;
use crate::{Json, PluginId};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// What a plugin stores by key, for the application: from [`Host::storage`](crate::Host::storage). Cheap to clone. The
/// plugin need not run; when it does and listens, it is told of each change.
#[derive(Clone)]
pub struct Storage {
    room: Arc<Room>,
}

impl Storage {
    pub(crate) fn new(room: Arc<Room>) -> Storage {
        Storage { room }
    }

    /// Everything that a plugin has stored below a folder of data, also while a host in another process writes it.
    /// Changes nothing, and waits for the disk.
    ///
    /// # Errors
    /// [`StorageError::Nothing`] for a plugin that has stored nothing, and [`StorageError::Disk`].
    pub fn look(data: impl AsRef<Path>, plugin: &PluginId) -> Result<BTreeMap<String, Json>, StorageError> {
        let entries = Store::look(&data.as_ref().join(plugin.as_str()))?.into_iter();
        entries.map(|(key, value)| json(&key, &value).map(|value| (key, value))).collect()
    }

    /// The value of a key; none if there is none.
    ///
    /// # Errors
    /// [`StorageError::NoFolder`] and [`StorageError::Disk`].
    pub async fn get(&self, key: impl Into<String>) -> Result<Option<Json>, StorageError> {
        let key = key.into();
        on_worker(&self.room, move |room| {
            let value = room.store(|store| store.get(&key))?;
            value.map(|value| json(&key, &value)).transpose()
        })
        .await
    }

    /// All keys that begin so, in order.
    ///
    /// # Errors
    /// [`StorageError::NoFolder`] and [`StorageError::Disk`].
    pub async fn keys(&self, prefix: impl Into<String>) -> Result<Vec<String>, StorageError> {
        let prefix = prefix.into();
        on_worker(&self.room, move |room| room.store(|store| store.keys(&prefix))).await
    }

    /// Gives a key a value; none removes it.
    ///
    /// # Errors
    /// As [`apply`](Storage::apply).
    pub async fn set(&self, key: impl Into<String>, value: Option<Json>) -> Result<(), StorageError> {
        self.apply([(key.into(), value)]).await
    }

    /// Makes all these changes or, with an error, none; no value removes a key. Nobody ever sees a part of them.
    ///
    /// # Errors
    /// [`StorageError::Quota`] when the plugin would store more than it may, and every other one.
    pub async fn apply(
        &self,
        changes: impl IntoIterator<Item = (String, Option<Json>)>,
    ) -> Result<(), StorageError> {
        let text = |(key, value): (String, Option<Json>)| (key, value.map(|Json(value)| value.to_string()));
        let changes: Vec<Change> = changes.into_iter().map(text).collect();
        on_worker(&self.room, move |room| room.change(|store| store.apply(&changes))).await
    }
}

fn json(key: &str, value: &str) -> Result<Json, StorageError> {
    let parsed = serde_json::from_str(value).map(Json);
    parsed.map_err(|error| StorageError::Value { key: key.to_owned(), words: error.to_string() })
}

impl fmt::Debug for Storage {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Storage").finish_non_exhaustive()
    }
}
