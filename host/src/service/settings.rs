//! What plugins' settings are.

use crate::events::{Event, EventSender};
use crate::{Json, PluginId};
use plughold_package::{Package, Setting};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Asks the embedder what a setting of a plugin is; none is its default.
pub(crate) type Settings = Arc<dyn Fn(&PluginId, &Setting) -> Option<Json> + Send + Sync>;

/// What all settings that a package declares are now, by their keys. A value that the setting cannot have is told, and
/// its default stands in for it.
pub(crate) fn values(package: &Package, settings: &Settings, events: &EventSender) -> Map<String, Value> {
    let value = |setting: &Setting| {
        let Some(Json(value)) = settings(&package.id, setting) else { return setting.default_value() };
        match setting.check(&value) {
            Ok(()) => value,
            Err(error) => {
                events.send(Event::SettingRefused { plugin: package.id.clone(), error });
                setting.default_value()
            }
        }
    };
    package.settings.iter().map(|setting| (setting.key.clone(), value(setting))).collect()
}
