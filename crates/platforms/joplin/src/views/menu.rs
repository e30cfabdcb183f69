//! `joplin.views.menus`, `menuItems` and `toolbarButtons`: ways to commands.

use plughold::{Api, Cx, Json, PluginId};
use serde::Deserialize;
use serde_json::Value;

use super::{View, create};
use crate::Joplin;
use crate::failure::{Failure, check_length};
use crate::limits::{MAX_NAME_BYTES, MAX_SMALL_BYTES};

/// Where menus and menu items are if their plugin does not say.
const TOOLS: &str = "tools";

pub(super) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    api.function("views.menuItems.create", create_menu_item)
        .function("views.menus.create", create_menu)
        .function("views.toolbarButtons.create", create_toolbar_button)
}

/// A line of a menu that executes a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuItem {
    /// Its name among its plugin's views.
    pub id: String,
    /// The command. It may be registered later, or never.
    pub command: String,
    /// The menu, as `tools` or `noteListContextMenu`.
    pub location: String,
    /// The keys that execute the command, as `CmdOrCtrl+J`.
    pub accelerator: Option<String>,
}

/// A menu in a menu.
#[derive(Clone, Debug, PartialEq)]
pub struct Menu {
    /// Its name among its plugin's views.
    pub id: String,
    /// What is shown.
    pub label: String,
    /// Its lines as the plugin gave them: `{commandName, accelerator}`, or `{label, submenu}` with more lines.
    pub items: Value,
    /// The menu that it is in, as `tools`.
    pub location: String,
}

/// A button that executes a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolbarButton {
    /// Its name among its plugin's views.
    pub id: String,
    /// The command. It may be registered later, or never.
    pub command: String,
    /// The toolbar: `noteToolbar` or `editorToolbar`.
    pub location: String,
}

impl Joplin {
    /// The menu items of a plugin, in the order in which it created them.
    pub fn menu_items(&self, plugin: &PluginId) -> Vec<MenuItem> {
        self.views_of(plugin, |view| if let View::MenuItem(item) = view { Some(item) } else { None })
    }

    /// The menus of a plugin, in the order in which it created them.
    pub fn menus(&self, plugin: &PluginId) -> Vec<Menu> {
        self.views_of(plugin, |view| if let View::Menu(menu) = view { Some(menu) } else { None })
    }

    /// The toolbar buttons of a plugin, in the order in which it created them.
    pub fn toolbar_buttons(&self, plugin: &PluginId) -> Vec<ToolbarButton> {
        self.views_of(plugin, |view| if let View::ToolbarButton(button) = view { Some(button) } else { None })
    }

    pub(super) fn views_of<T>(&self, plugin: &PluginId, wanted: impl Fn(View) -> Option<T>) -> Vec<T> {
        self.views().of(plugin).into_iter().filter_map(wanted).collect()
    }
}

/// What a plugin may say of a menu item besides. Others have more in here, for versions long gone.
#[derive(Default, Deserialize)]
#[serde(default)]
struct MenuItemOptions {
    accelerator: Option<String>,
}

async fn create_menu_item(
    cx: Cx<Joplin>,
    id: String,
    command: String,
    location: Option<String>,
    options: Option<MenuItemOptions>,
) -> Result<(), Failure> {
    let location = location.unwrap_or_else(|| TOOLS.to_string());
    let accelerator = options.unwrap_or_default().accelerator;
    check_names(&[("commandName", &command), ("location", &location)])?;
    check_length("accelerator", accelerator.as_deref().unwrap_or_default(), MAX_NAME_BYTES)?;
    let item = MenuItem { id: id.clone(), command, location, accelerator };
    create(&cx, &id, |_| View::MenuItem(item)).map(drop)
}

async fn create_menu(
    cx: Cx<Joplin>,
    id: String,
    label: String,
    items: Vec<Json>,
    location: Option<String>,
) -> Result<(), Failure> {
    let location = location.unwrap_or_else(|| TOOLS.to_string());
    let items = Value::Array(items.into_iter().map(|Json(item)| item).collect());
    check_names(&[("location", &location)])?;
    check_length("label", &label, MAX_SMALL_BYTES)?;
    check_length("items", &items.to_string(), MAX_SMALL_BYTES)?;
    let menu = Menu { id: id.clone(), label, items, location };
    create(&cx, &id, |_| View::Menu(menu)).map(drop)
}

/// All three are required: an old version of this function had two, and a plugin that means it would get a button nowhere.
async fn create_toolbar_button(
    cx: Cx<Joplin>,
    id: String,
    command: String,
    location: String,
) -> Result<(), Failure> {
    check_names(&[("commandName", &command), ("location", &location)])?;
    let button = ToolbarButton { id: id.clone(), command, location };
    create(&cx, &id, |_| View::ToolbarButton(button)).map(drop)
}

fn check_names(names: &[(&str, &str)]) -> Result<(), Failure> {
    names.iter().try_for_each(|(what, name)| check_length(what, name, MAX_NAME_BYTES))
}
