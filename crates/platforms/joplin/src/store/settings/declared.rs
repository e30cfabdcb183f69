//! What one process of a plugin declared: its sections, and its settings with their types and defaults.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::{SettingItem, SettingsError, check_key, full_key};
use crate::store::limits::{MAX_SECTIONS_PER_PLUGIN, MAX_SETTINGS_PER_PLUGIN, MAX_SHORT_TEXT_BYTES};
use crate::store::table::name_of;

/// What one process of a plugin declared.
#[derive(Debug)]
pub struct Declared {
    plugin: String,
    parts: Mutex<Parts>,
}

#[derive(Debug, Default)]
struct Parts {
    sections: BTreeMap<String, Value>,
    items: BTreeMap<String, SettingItem>,
}

impl Declared {
    /// Nothing yet, of the plugin with this id.
    pub fn new(plugin: &str) -> Self {
        Self { plugin: plugin.to_string(), parts: Mutex::default() }
    }

    /// The plugin's id.
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// Declares a section, under which a window would show settings: an object with a `label`. Declared again, it is replaced.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Key`] for a malformed name, [`SettingsError::Section`] for what is no section,
    /// [`SettingsError::TooMany`] beyond [`MAX_SECTIONS_PER_PLUGIN`].
    pub fn register_section(&self, name: &str, section: &Value) -> Result<(), SettingsError> {
        check_key(&self.plugin, name)?;
        let unfit = |reason: String| SettingsError::Section { name: name.to_string(), reason };
        if !section.is_object() {
            return Err(unfit(format!("expected an object, found {}", name_of(section))));
        }
        let size = section.to_string().len();
        if MAX_SHORT_TEXT_BYTES < size {
            return Err(unfit(format!("expected at most {MAX_SHORT_TEXT_BYTES} bytes, found {size}")));
        }
        let mut parts = self.lock();
        let sections = &mut parts.sections;
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
    pub fn register(&self, items: &Map<String, Value>) -> Result<(), SettingsError> {
        let too_many = SettingsError::TooMany { what: "settings", max: MAX_SETTINGS_PER_PLUGIN };
        if MAX_SETTINGS_PER_PLUGIN < items.len() {
            return Err(too_many);
        }
        let mut accepted = BTreeMap::new();
        for (key, item) in items {
            check_key(&self.plugin, key)?;
            let item = SettingItem::parse(item)
                .map_err(|reason| SettingsError::Item { key: full_key(&self.plugin, key), reason })?;
            accepted.insert(key.clone(), item);
        }
        let items = &mut self.lock().items;
        let new = accepted.keys().filter(|key| !items.contains_key(*key)).count();
        if MAX_SETTINGS_PER_PLUGIN < items.len() + new {
            return Err(too_many);
        }
        items.append(&mut accepted);
        Ok(())
    }

    /// The sections, by name.
    pub fn sections(&self) -> BTreeMap<String, Value> {
        self.lock().sections.clone()
    }

    /// The settings as they were declared, by key.
    pub fn items(&self) -> BTreeMap<String, SettingItem> {
        self.lock().items.clone()
    }

    /// The setting with this key.
    pub(super) fn item(&self, key: &str) -> Result<SettingItem, SettingsError> {
        let item = self.lock().items.get(key).cloned();
        item.ok_or_else(|| SettingsError::Unknown { key: full_key(&self.plugin, key) })
    }

    fn lock(&self) -> MutexGuard<'_, Parts> {
        // Each change of a map is one insertion, so a panic leaves nothing half done.
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
