//! `joplin.settings.*`: a plugin's own settings, and those of the application that it may read.

use plughold::{Api, Cx, Json, PluginId, Thrown};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::Joplin;
use crate::failure::Failure;
use crate::store::limits::MAX_SETTINGS_PER_CALL;
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

    fn change_setting(&self, plugin: &PluginId, key: &str, value: &Value) -> Result<(), Failure> {
        if self.settings().set_value(plugin.as_str(), key, value)? {
            self.setting_changed(plugin, key);
        }
        Ok(())
    }
}

/// At once, not in turn: what a plugin declares is there before the plugin is active, also if it does not wait for the answer.
async fn register_section(cx: Cx<Joplin>, name: String, section: Json) -> Result<(), Failure> {
    Ok(cx.state().settings().register_section(cx.plugin().as_str(), &name, &section.0)?)
}

async fn register_settings(cx: Cx<Joplin>, items: Json) -> Result<(), Failure> {
    let Json(Value::Object(items)) = items else {
        return Err(Failure::type_error("expected an object of settings by key"));
    };
    Ok(cx.state().settings().register(cx.plugin().as_str(), &items)?)
}

/// Deprecated in Joplin, where it throws for all but some old plugins.
async fn register_setting(_: Cx<Joplin>, _: IgnoredAny, _: IgnoredAny) -> Result<(), Failure> {
    Err(Failure::new("joplin.settings.registerSetting is deprecated: use joplin.settings.registerSettings"))
}

async fn value(cx: Cx<Joplin>, key: String) -> Result<Json, Failure> {
    in_turn_of(&cx, move |joplin, plugin| Ok(Json(joplin.settings().value(plugin.as_str(), &key)?))).await
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
    in_turn_of(&cx, move |joplin, plugin| {
        let values: Map<String, Value> = joplin.settings().values(plugin.as_str(), &keys)?;
        Ok(Json(Value::Object(values)))
    })
    .await
}

async fn set_value(cx: Cx<Joplin>, key: String, value: Option<Json>) -> Result<(), Failure> {
    let Json(value) = value.unwrap_or_default();
    in_turn_of(&cx, move |joplin, plugin| joplin.change_setting(plugin, &key, &value)).await
}

async fn global_value(cx: Cx<Joplin>, key: String) -> Result<Json, Failure> {
    in_turn_of(&cx, move |joplin, plugin| Ok(Json(joplin.settings().global_value(plugin.as_str(), &key)?)))
        .await
}

async fn global_values(cx: Cx<Joplin>, keys: Vec<String>) -> Result<Vec<Json>, Failure> {
    if MAX_SETTINGS_PER_CALL < keys.len() {
        return Err(Failure::type_error(format!(
            "expected at most {MAX_SETTINGS_PER_CALL} keys in one call, found {}",
            keys.len()
        )));
    }
    in_turn_of(&cx, move |joplin, plugin| {
        let value = |key: &String| Ok(Json(joplin.settings().global_value(plugin.as_str(), key)?));
        keys.iter().map(value).collect()
    })
    .await
}
