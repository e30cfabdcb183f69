//! `joplin.views.*`: what plugins add to a window, as data.
//!
//! # Layout
//!
//! - [`menu`]: menus, menu items and toolbar buttons.
//! - [`web`]: panels and dialogs, which are pages of HTML.
//! - `window`: message boxes, toasts, style sheets.
//!
//! Every view has an id, which is unique among its plugin's: a plugin that creates one twice is told. Its handle is
//! `plugin-view-<plugin id>-<id>`. Views of two plugins may have one handle, for ids may hold dashes; so a handle means something only
//! together with its plugin.

pub mod menu;
pub mod web;
mod window;

use std::sync::{Mutex, MutexGuard, PoisonError};

use plughold::{Api, Cx, PluginId, RegisterError, Registrations};

use crate::Joplin;
use crate::failure::{Failure, check_length, not_registered};
use crate::limits::{MAX_NAME_BYTES, MAX_VIEWS_PER_PLUGIN};
use menu::{Menu, MenuItem, ToolbarButton};
use web::WebView;

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    [menu::offer, web::offer, window::offer].into_iter().fold(api, |api, offer| offer(api))
}

/// All views of all plugins, by plugin and id.
#[derive(Debug)]
pub(crate) struct Views(Registrations<Mutex<View>, (PluginId, String)>);

#[derive(Clone, Debug)]
enum View {
    Menu(Menu),
    MenuItem(MenuItem),
    ToolbarButton(ToolbarButton),
    Panel(WebView),
    Dialog(WebView),
}

impl Default for Views {
    fn default() -> Self {
        Self(Registrations::at_most(MAX_VIEWS_PER_PLUGIN))
    }
}

impl Views {
    /// All views of a plugin, in the order in which it created them.
    fn of(&self, plugin: &PluginId) -> Vec<View> {
        self.0.of(plugin).iter().map(|view| lock(view).clone()).collect()
    }

    /// The view of a plugin with this handle.
    fn get(&self, plugin: &PluginId, handle: &str) -> Option<View> {
        self.0.get(&key_of(handle, plugin)?).map(|view| lock(&view).clone())
    }

    /// Changes a view of the very process that calls; none if it has none with this handle.
    fn change<R>(&self, cx: &Cx<Joplin>, handle: &str, change: impl FnOnce(&mut View) -> R) -> Option<R> {
        let view = self.0.own(cx, &key_of(handle, cx.plugin())?)?;
        Some(change(&mut lock(&view)))
    }

    /// The other views of the very process that calls than the one with this handle.
    fn others(&self, cx: &Cx<Joplin>, handle: &str) -> Vec<View> {
        let key = key_of(handle, cx.plugin());
        let own = self.0.all_own(cx);
        let others = own.iter().filter(|view| Some(view.key()) != key.as_ref());
        others.map(|view| lock(view).clone()).collect()
    }
}

fn lock(view: &Mutex<View>) -> MutexGuard<'_, View> {
    view.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds a view for the plugin that calls, and gives its handle.
fn create(cx: &Cx<Joplin>, id: &str, view: impl FnOnce(&str) -> View) -> Result<String, Failure> {
    check_length("id", id, MAX_NAME_BYTES)?;
    if id.is_empty() {
        return Err(Failure::type_error("expected an id for the view, found an empty text"));
    }
    let handle = handle_of(cx.plugin(), id);
    let (key, view) = ((cx.plugin().clone(), id.to_string()), Mutex::new(view(&handle)));
    cx.state().views().0.insert_new(cx, key, view).map_err(|error| match error {
        RegisterError::Taken { .. } => Failure::new(format!("there is a view with the id {id} already")),
        error => not_registered("views", &error),
    })?;
    Ok(handle)
}

fn handle_of(plugin: &PluginId, id: &str) -> String {
    format!("plugin-view-{plugin}-{id}")
}

/// The plugin and the id in a handle of this plugin.
fn key_of(handle: &str, plugin: &PluginId) -> Option<(PluginId, String)> {
    let id = handle.strip_prefix("plugin-view-")?.strip_prefix(plugin.as_str())?.strip_prefix('-')?;
    Some((plugin.clone(), id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_plugins_may_have_one_handle() {
        let [short, long] =
            ["com-example-plugin", "com-example-plugin-two"].map(|id| PluginId::native(id).unwrap());
        let (of_short, of_long) = (handle_of(&short, "two-x"), handle_of(&long, "x"));
        assert_eq!(of_short, of_long);
        let key = |plugin: &PluginId, id: &str| Some((plugin.clone(), id.to_string()));
        assert_eq!(key_of(&of_short, &short), key(&short, "two-x"));
        assert_eq!(key_of(&of_short, &long), key(&long, "x"));
    }

    #[test]
    fn handles_of_others_have_no_id() {
        let plugin = PluginId::native("a").unwrap();
        for handle in ["", "plugin-view-", "plugin-view-a", "plugin-view-b-x", "plugin-view-ab-x", "a-x"] {
            assert_eq!(key_of(handle, &plugin), None, "{handle}");
        }
    }
}
