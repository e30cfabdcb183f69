//! How a plugin starts, and what it may know of the application: `joplin.plugins.*` and what stands beside it.

use plughold::{Api, Callback, Cx, Json};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Joplin;
use crate::failure::Failure;
use crate::limits::ON_START;
use crate::settings::declared_by;
use crate::turns::in_turn_of;

/// What the application says that it is. Plugins that need a later one are not loaded.
const APP_VERSION: &str = "3.7.0";

/// The version of the format of a Joplin profile that this store resembles.
const PROFILE_VERSION: u32 = 47;

/// The version of the format in which such a Joplin synchronises.
const SYNC_VERSION: u32 = 3;

/// The dark ones among the numbers of the setting `theme`: Dark, Solarised Dark, Dracula, Nord, Aritim Dark, OLED Dark.
const DARK_THEMES: [i64; 6] = [2, 4, 5, 6, 7, 22];

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    api.function("plugins.register", register)
        .function("plugins.dataDir", data_dir)
        .function("plugins.installationDir", installation_dir)
        .function("plugins.registerContentScript", register_content_script)
        .function("versionInfo", version_info)
        .function("shouldUseDarkColors", should_use_dark_colors)
}

/// What a plugin registers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Script {
    on_start: Option<Callback<(Json,), IgnoredAny>>,
}

/// Answers at once, for the plugin may wait for the answer before it lets `onStart` go on. The plugin is active when `onStart` has
/// ended, and failed when it has thrown.
async fn register(cx: Cx<Joplin>, script: Script) -> Result<(), Failure> {
    let Some(on_start) = script.on_start else { return Ok(()) };
    let hold = cx.hold_activation();
    tokio::spawn(async move {
        match on_start.call((Json(json!({})),)).within(ON_START).await {
            Ok(_) => drop(hold),
            Err(error) => hold.fail(Failure::from(error)),
        }
    });
    Ok(())
}

async fn data_dir(cx: Cx<Joplin>) -> Result<String, Failure> {
    in_turn_of(&cx, |joplin, plugin| {
        let folder = joplin.profile().plugin_data(plugin);
        std::fs::create_dir_all(&folder).map_err(|error| {
            Failure::new(format!("could not make the folder {}: {error}", folder.display()))
        })?;
        Ok(folder.to_string_lossy().into_owned())
    })
    .await
}

async fn installation_dir(cx: Cx<Joplin>) -> Result<String, Failure> {
    let (joplin, package) = (cx.state().clone(), cx.package().clone());
    // An archive is unpacked, which may take longer than others should wait for their turn.
    let unpacked =
        tokio::task::spawn_blocking(move || joplin.installations().folder(&package, joplin.profile()));
    let folder = unpacked.await.map_err(|error| Failure::new(error.to_string()))??;
    Ok(folder.to_string_lossy().into_owned())
}

/// Removed from Joplin long ago; its words help the authors of old plugins.
async fn register_content_script(
    _: Cx<Joplin>,
    _: IgnoredAny,
    _: IgnoredAny,
    _: IgnoredAny,
) -> Result<(), Failure> {
    Err(Failure::new("joplin.plugins.registerContentScript was removed: use joplin.contentScripts.register"))
}

/// What `joplin.versionInfo` gives.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionInfo {
    version: &'static str,
    profile_version: u32,
    sync_version: u32,
    platform: &'static str,
}

async fn version_info(_: Cx<Joplin>) -> Result<VersionInfo, Failure> {
    Ok(VersionInfo {
        version: APP_VERSION,
        profile_version: PROFILE_VERSION,
        sync_version: SYNC_VERSION,
        platform: "desktop",
    })
}

async fn should_use_dark_colors(cx: Cx<Joplin>) -> Result<bool, Failure> {
    let declared = declared_by(&cx)?;
    let theme =
        in_turn_of(&cx, move |joplin, _| Ok(joplin.settings().global_value(&declared, "theme")?)).await?;
    Ok(theme.as_i64().is_some_and(|theme| DARK_THEMES.contains(&theme)))
}
