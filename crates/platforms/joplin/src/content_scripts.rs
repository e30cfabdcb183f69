//! `joplin.contentScripts.*`: scripts that would run in an editor or a renderer with a window.
//!
//! Nothing here runs them. A plugin hears of a message from one when the application posts it.

use plughold::{Api, Cx, Json, PluginId, Registrations, Thrown};

use crate::failure::{Failure, check_length, not_registered, shown};
use crate::installation::name_in_package;
use crate::limits::{MAX_CONTENT_SCRIPTS_PER_PLUGIN, MAX_NAME_BYTES, VIEW_MESSAGE};
use crate::{Joplin, PluginFunction};

/// What a script is for: the renderer of notes, or the text editor.
const KINDS: [&str; 2] = ["markdownItPlugin", CODE_MIRROR];
const CODE_MIRROR: &str = "codeMirrorPlugin";

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    api.function("contentScripts.register", register).function("contentScripts.onMessage", on_message)
}

/// A content script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentScript {
    /// Its name among its plugin's.
    pub id: String,
    /// `markdownItPlugin` or `codeMirrorPlugin`.
    pub kind: String,
    /// The file's name in the package.
    pub path: String,
}

/// All content scripts of all plugins, and who hears of their messages; by plugin and id.
#[derive(Debug)]
pub(crate) struct ContentScripts {
    scripts: Registrations<ContentScript, Key>,
    /// Apart from the scripts, for a plugin may listen before it registers.
    listeners: Registrations<PluginFunction, Key>,
}

/// A plugin and an id of its own.
type Key = (PluginId, String);

impl Default for ContentScripts {
    fn default() -> Self {
        Self {
            scripts: Registrations::at_most(MAX_CONTENT_SCRIPTS_PER_PLUGIN),
            listeners: Registrations::at_most(MAX_CONTENT_SCRIPTS_PER_PLUGIN),
        }
    }
}

impl Joplin {
    /// The content scripts of a plugin, in the order in which it registered them.
    pub fn content_scripts(&self, plugin: &PluginId) -> Vec<ContentScript> {
        self.registered_content_scripts()
            .scripts
            .of(plugin)
            .iter()
            .map(|script| script.value().clone())
            .collect()
    }

    /// Gives a plugin a message of its content script, and gives back the answer.
    ///
    /// # Errors
    ///
    /// What the plugin threw; that it does not listen; or that it is gone or did not answer within [`VIEW_MESSAGE`].
    pub async fn post_from_content_script(
        &self,
        plugin: &PluginId,
        id: &str,
        message: Json,
    ) -> Result<Json, Thrown> {
        let Some(listener) = self.registered_content_scripts().listeners.get(&key(plugin, id)) else {
            let words = format!("the plugin {plugin} does not listen to the content script {}", shown(id));
            return Err(Failure::new(words).into());
        };
        let answer = listener.call(vec![message]).within(VIEW_MESSAGE).await;
        answer.map_err(|error| Failure::from(error).into())
    }

    /// Whether a plugin has a script for the text editor.
    pub(crate) fn extends_editor(&self, plugin: &PluginId) -> bool {
        self.content_scripts(plugin).iter().any(|script| script.kind == CODE_MIRROR)
    }
}

async fn register(cx: Cx<Joplin>, kind: String, id: String, path: String) -> Result<(), Failure> {
    check_length("id", &id, MAX_NAME_BYTES)?;
    if !KINDS.contains(&kind.as_str()) {
        return Err(Failure::type_error(format!(
            "expected a content script of type {}, found {}",
            KINDS.join(" or "),
            shown(&kind)
        )));
    }
    let name = name_in_package(&path).filter(|name| cx.package().contains(name));
    let name =
        name.ok_or_else(|| Failure::new(format!("Could not find content script at path {}", shown(&path))))?;
    let script = ContentScript { id, kind, path: name };
    let key = key(cx.plugin(), &script.id);
    let registered = cx.state().registered_content_scripts().scripts.insert(&cx, key, script);
    registered.map(drop).map_err(|error| not_registered("content scripts", &error))
}

async fn on_message(cx: Cx<Joplin>, id: String, listener: PluginFunction) -> Result<(), Failure> {
    check_length("id", &id, MAX_NAME_BYTES)?;
    let key = key(cx.plugin(), &id);
    let registered = cx.state().registered_content_scripts().listeners.insert(&cx, key, listener);
    registered.map(drop).map_err(|error| not_registered("content scripts", &error))
}

fn key(plugin: &PluginId, id: &str) -> Key {
    (plugin.clone(), id.to_string())
}
