//! `joplin.settings.*`: a plugin's own settings, and those of the application that it may read.

use std::collections::BTreeMap;

use plughold::{Api, Cx, Json, PluginId, RegisterError, Registered, Thrown};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::Joplin;
use crate::failure::{Failure, not_registered};
use crate::store::limits::MAX_SETTINGS_PER_CALL;
use crate::store::settings::{Declared, SettingItem};
use crate::turns::in_turn_of;

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    api.function("settings.registerSection", register_section)
        .function("settings.registerSettings", register_settings)
        .function("settings.registerSetting", register_setting)
        .function("settings.value", value)
        .function("settings.values", values)
        .function("settings.setValue", set_value)
        .function("settings.globalValue", global_value)
        .function("settings.globalValues", global_values)
}

impl Joplin {
    /// Sets a plugin's setting, as a user does in a form, and tells the plugin if that changed its value.
    ///
    /// # Errors
    ///
    /// What the plugin itself would see: an unknown key, or a value that does not fit the setting.
    pub fn set_setting(&self, plugin: &PluginId, key: &str, value: &Value) -> Result<(), Thrown> {
        self.change_setting(plugin, key, value).map_err(Thrown::from)
    }

    /// The value of a plugin's setting: what was set last, or the default.
    ///
    /// # Errors
    ///
    /// What the plugin itself would see: an unknown key.
    pub fn setting(&self, plugin: &PluginId, key: &str) -> Result<Value, Thrown> {
        let value = self.with_declared(plugin, |declared| self.settings().value(declared, key));
        value.map_err(|error| Failure::from(error).into())
    }

    /// A plugin's sections, under which a window would show its settings, by name.
    pub fn setting_sections(&self, plugin: &PluginId) -> BTreeMap<String, Value> {
        self.with_declared(plugin, Declared::sections)
    }

    /// A plugin's settings as it declared them, by key.
    pub fn setting_items(&self, plugin: &PluginId) -> BTreeMap<String, SettingItem> {
        self.with_declared(plugin, Declared::items)
    }

    fn change_setting(&self, plugin: &PluginId, key: &str, value: &Value) -> Result<(), Failure> {
        if self.with_declared(plugin, |declared| self.settings().set_value(declared, key, value))? {
            self.setting_changed(plugin, key);
        }
        Ok(())
    }

    /// What a plugin declared, if it runs; otherwise nothing.
    fn with_declared<T>(&self, plugin: &PluginId, look: impl FnOnce(&Declared) -> T) -> T {
        match self.declared().get(plugin) {
            Some(declared) => look(&declared),
            None => look(&Declared::new(plugin.as_str())),
        }
    }
}

/// What the very process that calls has declared so far.
pub(crate) fn declared_by(cx: &Cx<Joplin>) -> Result<Registered<Declared, PluginId>, Failure> {
    let (all, plugin) = (cx.state().declared(), cx.plugin());
    if let Some(own) = all.own(cx, plugin) {
        return Ok(own);
    }
    match all.insert_new(cx, plugin.clone(), Declared::new(plugin.as_str())) {
        // Another call of the plugin may have been first.
        Ok(_) | Err(RegisterError::Taken { .. }) => {}
        Err(error) => return Err(not_registered("settings", &error)),
    }
    all.own(cx, plugin).ok_or_else(|| not_registered("settings", &RegisterError::Gone))
}

/// At once, not in turn: what a plugin declares is there before the plugin is active, also if it does not wait for the answer.
async fn register_section(cx: Cx<Joplin>, name: String, section: Json) -> Result<(), Failure> {
    Ok(declared_by(&cx)?.register_section(&name, &section.0)?)
}

async fn register_settings(cx: Cx<Joplin>, items: Json) -> Result<(), Failure> {
    let Json(Value::Object(items)) = items else {
        return Err(Failure::type_error("expected an object of settings by key"));
    };
    Ok(declared_by(&cx)?.register(&items)?)
}

/// Deprecated in Joplin, where it throws for all but some old plugins.
async fn register_setting(_: Cx<Joplin>, _: IgnoredAny, _: IgnoredAny) -> Result<(), Failure> {
    Err(Failure::new("joplin.settings.registerSetting is deprecated: use joplin.settings.registerSettings"))
}

async fn value(cx: Cx<Joplin>, key: String) -> Result<Json, Failure> {
    let declared = declared_by(&cx)?;
    in_turn_of(&cx, move |joplin, _| Ok(Json(joplin.settings().value(&declared, &key)?))).await
}

/// One key or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Keys {
    One(String),
    Several(Vec<String>),
}

async fn values(cx: Cx<Joplin>, keys: Keys) -> Result<Json, Failure> {
    let keys = match keys {
        Keys::One(key) => vec![key],
        Keys::Several(keys) => keys,
    };
    let declared = declared_by(&cx)?;
    in_turn_of(&cx, move |joplin, _| {
        let values: Map<String, Value> = joplin.settings().values(&declared, &keys)?;
        Ok(Json(Value::Object(values)))
    })
    .await
}

async fn set_value(cx: Cx<Joplin>, key: String, value: Option<Json>) -> Result<(), Failure> {
    let Json(value) = value.unwrap_or_default();
    let declared = declared_by(&cx)?;
    in_turn_of(&cx, move |joplin, plugin| {
        if joplin.settings().set_value(&declared, &key, &value)? {
            joplin.setting_changed(plugin, &key);
        }
        Ok(())
    })
    .await
}

async fn global_value(cx: Cx<Joplin>, key: String) -> Result<Json, Failure> {
    let declared = declared_by(&cx)?;
    in_turn_of(&cx, move |joplin, _| Ok(Json(joplin.settings().global_value(&declared, &key)?))).await
}

async fn global_values(cx: Cx<Joplin>, keys: Vec<String>) -> Result<Vec<Json>, Failure> {
    if MAX_SETTINGS_PER_CALL < keys.len() {
        return Err(Failure::type_error(format!(
            "expected at most {MAX_SETTINGS_PER_CALL} keys in one call, found {}",
            keys.len()
        )));
    }
    let declared = declared_by(&cx)?;
    in_turn_of(&cx, move |joplin, _| {
        let value = |key: &String| Ok(Json(joplin.settings().global_value(&declared, key)?));
        keys.iter().map(value).collect()
    })
    .await
}
