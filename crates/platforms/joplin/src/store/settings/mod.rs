//! Settings: what plugins declare and set, and the application's settings that they may read.
//!
//! Declarations live as long as the plugin does, since it makes them at each start; values stay in the store.
//! A stored value that no longer fits its declaration (the plugin was updated) counts as not set.

mod app;
mod error;
mod item;

#[cfg(test)]
mod tests;

pub use app::{AppSettings, Directories};
pub use error::SettingsError;
pub use item::{SettingItem, SettingType};

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value};

use super::limits::{
    MAX_SECTIONS_PER_PLUGIN, MAX_SETTING_BYTES, MAX_SETTING_KEY_CHARS, MAX_SETTINGS_PER_CALL,
    MAX_SETTINGS_PER_PLUGIN, MAX_SHORT_TEXT_BYTES,
};
use super::{Store, StoreError};

/// The settings of all plugins, and those of the application.
#[derive(Debug)]
pub struct Settings {
    store: Store,
    app: AppSettings,
    /// What each running plugin declared, by plugin id.
    declared: Mutex<HashMap<String, Declared>>,
}

#[derive(Debug, Default)]
struct Declared {
    sections: BTreeMap<String, Value>,
    items: BTreeMap<String, SettingItem>,
}

impl Settings {
    /// Settings whose values are in `store`; plugins may read those of `app`.
    pub fn new(store: Store, app: AppSettings) -> Self {
        Self { store, app, declared: Mutex::default() }
    }

    /// Declares a section, under which a window would show settings: an object with a `label`. Declared again, it is replaced.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Key`] for a malformed name, [`SettingsError::Section`] for what is no section,
    /// [`SettingsError::TooMany`] beyond [`MAX_SECTIONS_PER_PLUGIN`].
    pub fn register_section(&self, plugin: &str, name: &str, section: &Value) -> Result<(), SettingsError> {
        check_key(plugin, name)?;
        let unfit = |reason: String| SettingsError::Section { name: name.to_string(), reason };
        if !section.is_object() {
            return Err(unfit(format!("expected an object, found {}", super::table::name_of(section))));
        }
        let size = section.to_string().len();
        if MAX_SHORT_TEXT_BYTES < size {
            return Err(unfit(format!("expected at most {MAX_SHORT_TEXT_BYTES} bytes, found {size}")));
        }
        let mut declared = self.declared();
        let sections = &mut declared.entry(plugin.to_string()).or_default().sections;
        if !sections.contains_key(name) && MAX_SECTIONS_PER_PLUGIN <= sections.len() {
            return Err(SettingsError::TooMany { what: "sections", max: MAX_SECTIONS_PER_PLUGIN });
        }
        sections.insert(name.to_string(), section.clone());
        Ok(())
    }

    /// Declares settings, by key; all of them or, after an error, none. Declared again, a setting is replaced.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Key`] or [`SettingsError::Item`] for the first that is malformed, [`SettingsError::TooMany`] beyond
    /// [`MAX_SETTINGS_PER_PLUGIN`].
    pub fn register(&self, plugin: &str, items: &Map<String, Value>) -> Result<(), SettingsError> {
        let too_many = SettingsError::TooMany { what: "settings", max: MAX_SETTINGS_PER_PLUGIN };
        if MAX_SETTINGS_PER_PLUGIN < items.len() {
            return Err(too_many);
        }
        let mut accepted = BTreeMap::new();
        for (key, item) in items {
            check_key(plugin, key)?;
            let item = SettingItem::parse(item)
                .map_err(|reason| SettingsError::Item { key: full_key(plugin, key), reason })?;
            accepted.insert(key.clone(), item);
        }
        let mut declared = self.declared();
        let items = &mut declared.entry(plugin.to_string()).or_default().items;
        let new = accepted.keys().filter(|key| !items.contains_key(*key)).count();
        if MAX_SETTINGS_PER_PLUGIN < items.len() + new {
            return Err(too_many);
        }
        items.append(&mut accepted);
        Ok(())
    }

    /// Forgets what a plugin declared, as when it stops. Its values stay.
    pub fn forget(&self, plugin: &str) {
        self.declared().remove(plugin);
    }

    /// A plugin's sections, by name.
    pub fn sections(&self, plugin: &str) -> BTreeMap<String, Value> {
        self.declared().get(plugin).map(|declared| declared.sections.clone()).unwrap_or_default()
    }

    /// A plugin's settings as it declared them, by key.
    pub fn items(&self, plugin: &str) -> BTreeMap<String, SettingItem> {
        self.declared().get(plugin).map(|declared| declared.items.clone()).unwrap_or_default()
    }

    /// The value of a plugin's setting: what was set last, or the default.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Unknown`] if the plugin did not declare it, [`SettingsError::Store`] if the store failed.
    pub fn value(&self, plugin: &str, key: &str) -> Result<Value, SettingsError> {
        let item = self.item(plugin, key)?;
        self.store.read(|connection| current(connection, plugin, key, &item))
    }

    /// The values of several of a plugin's settings, by key.
    ///
    /// # Errors
    ///
    /// As [`Settings::value`], for the first key that has one; [`SettingsError::TooMany`] beyond [`MAX_SETTINGS_PER_CALL`].
    pub fn values(&self, plugin: &str, keys: &[String]) -> Result<Map<String, Value>, SettingsError> {
        if MAX_SETTINGS_PER_CALL < keys.len() {
            return Err(SettingsError::TooMany { what: "keys in one call", max: MAX_SETTINGS_PER_CALL });
        }
        keys.iter().map(|key| Ok((key.clone(), self.value(plugin, key)?))).collect()
    }

    /// Sets a plugin's setting; answers whether that changed its value.
    ///
    /// A number beyond the declared `minimum` or `maximum` becomes that bound, as in Joplin.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Unknown`] if the plugin did not declare it, [`SettingsError::Value`] if the value is not of the
    /// setting's type, none of its options or beyond [`MAX_SETTING_BYTES`], [`SettingsError::Store`] if the store failed.
    pub fn set_value(&self, plugin: &str, key: &str, value: &Value) -> Result<bool, SettingsError> {
        let item = self.item(plugin, key)?;
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

    /// The value of an application setting, or of a setting of `plugin` itself by its full key.
    ///
    /// Another plugin's settings are as unknown as those that do not exist.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Unknown`] if there is no such setting for `plugin`, [`SettingsError::Store`] if the store failed.
    pub fn global_value(&self, plugin: &str, key: &str) -> Result<Value, SettingsError> {
        let own = key.strip_prefix("plugin-").and_then(|rest| rest.strip_prefix(plugin)?.strip_prefix('.'));
        match own {
            Some(own) => self.value(plugin, own),
            None => self.app.value(key).ok_or_else(|| SettingsError::Unknown { key: shown(key) }),
        }
    }

    fn item(&self, plugin: &str, key: &str) -> Result<SettingItem, SettingsError> {
        let declared = self.declared();
        let item = declared.get(plugin).and_then(|declared| declared.items.get(key));
        item.cloned().ok_or_else(|| SettingsError::Unknown { key: full_key(plugin, key) })
    }

    fn declared(&self) -> MutexGuard<'_, HashMap<String, Declared>> {
        // Each change of the map is one insertion or removal, so a panic leaves nothing half done.
        self.declared.lock().unwrap_or_else(PoisonError::into_inner)
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
