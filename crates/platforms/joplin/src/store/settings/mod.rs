//! Settings: what plugins declare and set, and the application's settings that they may read.
//!
//! Declarations live as long as the plugin's process does, since it makes them at each start; values stay in the store.
//! A stored value that no longer fits its declaration (the plugin was updated) counts as not set.

mod app;
mod declared;
mod error;
mod item;

#[cfg(test)]
mod tests;

pub use app::{AppSettings, Directories};
pub use declared::Declared;
pub use error::SettingsError;
pub use item::{SettingItem, SettingType};

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value};

use super::limits::{MAX_SETTING_BYTES, MAX_SETTING_KEY_CHARS, MAX_SETTINGS_PER_CALL};
use super::{Store, StoreError};

/// The values of all plugins' settings, and the application's.
#[derive(Debug)]
pub struct Settings {
    store: Store,
    app: AppSettings,
}

impl Settings {
    /// Settings whose values are in `store`; plugins may read those of `app`.
    pub fn new(store: Store, app: AppSettings) -> Self {
        Self { store, app }
    }

    /// The value of a plugin's setting: what was set last, or the default.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Unknown`] if the plugin did not declare it, [`SettingsError::Store`] if the store failed.
    pub fn value(&self, declared: &Declared, key: &str) -> Result<Value, SettingsError> {
        let item = declared.item(key)?;
        self.store.read(|connection| current(connection, declared.plugin(), key, &item))
    }

    /// The values of several of a plugin's settings, by key.
    ///
    /// # Errors
    ///
    /// As [`Settings::value`], for the first key that has one; [`SettingsError::TooMany`] beyond [`MAX_SETTINGS_PER_CALL`].
    pub fn values(&self, declared: &Declared, keys: &[String]) -> Result<Map<String, Value>, SettingsError> {
        if MAX_SETTINGS_PER_CALL < keys.len() {
            return Err(SettingsError::TooMany { what: "keys in one call", max: MAX_SETTINGS_PER_CALL });
        }
        keys.iter().map(|key| Ok((key.clone(), self.value(declared, key)?))).collect()
    }

    /// Sets a plugin's setting; answers whether that changed its value.
    ///
    /// A number beyond the declared `minimum` or `maximum` becomes that bound, as in Joplin.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Unknown`] if the plugin did not declare it, [`SettingsError::Value`] if the value is not of the
    /// setting's type, none of its options or beyond [`MAX_SETTING_BYTES`], [`SettingsError::Store`] if the store failed.
    pub fn set_value(&self, declared: &Declared, key: &str, value: &Value) -> Result<bool, SettingsError> {
        let (plugin, item) = (declared.plugin(), declared.item(key)?);
        let unfit = |reason| SettingsError::Value { key: full_key(plugin, key), reason };
        let value = item.accept(value).map_err(unfit)?;
        let json = value.to_string();
        if MAX_SETTING_BYTES < json.len() {
            return Err(unfit(format!("expected at most {MAX_SETTING_BYTES} bytes, found {}", json.len())));
        }
        self.store.transaction(|connection| {
            if current(connection, plugin, key, &item)? == value {
                return Ok(false);
            }
            let sql = "INSERT INTO settings (plugin_id, key, value) VALUES (?1, ?2, ?3)
                       ON CONFLICT (plugin_id, key) DO UPDATE SET value = excluded.value";
            let mut statement = connection.prepare_cached(sql).map_err(StoreError::from)?;
            statement.execute((plugin, key, json)).map_err(StoreError::from)?;
            Ok(true)
        })
    }

    /// The value of an application setting, or of a setting of the plugin itself by its full key.
    ///
    /// Another plugin's settings are as unknown as those that do not exist.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Unknown`] if there is no such setting for the plugin, [`SettingsError::Store`] if the store failed.
    pub fn global_value(&self, declared: &Declared, key: &str) -> Result<Value, SettingsError> {
        let own = key
            .strip_prefix("plugin-")
            .and_then(|rest| rest.strip_prefix(declared.plugin())?.strip_prefix('.'));
        match own {
            Some(own) => self.value(declared, own),
            None => self.app.value(key).ok_or_else(|| SettingsError::Unknown { key: shown(key) }),
        }
    }
}

fn current(
    connection: &Connection,
    plugin: &str,
    key: &str,
    item: &SettingItem,
) -> Result<Value, SettingsError> {
    let sql = "SELECT value FROM settings WHERE plugin_id = ?1 AND key = ?2";
    let stored: Option<String> = connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row([plugin, key], |row| row.get(0)).optional())
        .map_err(StoreError::from)?;
    let value = stored.and_then(|json| item.accept(&serde_json::from_str(&json).ok()?).ok());
    Ok(value.unwrap_or_else(|| item.default.clone()))
}

/// The name of a plugin's setting among all settings. Only this is checked: a plugin's own key may be empty.
fn full_key(plugin: &str, key: &str) -> String {
    format!("plugin-{plugin}.{}", shown(key))
}

fn check_key(plugin: &str, key: &str) -> Result<(), SettingsError> {
    let full = format!("plugin-{plugin}.{key}");
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let reason = if !full.bytes().all(allowed) {
        "expected only letters, digits, \"_\", \"-\" and \".\"".to_string()
    } else if MAX_SETTING_KEY_CHARS < full.len() {
        format!("expected at most {MAX_SETTING_KEY_CHARS} characters, found {}", full.len())
    } else {
        return Ok(());
    };
    Err(SettingsError::Key { key: shown(&full), reason })
}

/// As much of a key as helps in a message.
fn shown(key: &str) -> String {
    key.chars().take(2 * MAX_SETTING_KEY_CHARS).collect()
}
