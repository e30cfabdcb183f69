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

use plughold::{Api, Cx, PluginId};

use crate::Joplin;
use crate::failure::{Failure, check_length};
use crate::limits::{MAX_NAME_BYTES, MAX_VIEWS_PER_PLUGIN};
use crate::owned::{Owner, Refused, Registry};
use menu::{Menu, MenuItem, ToolbarButton};
use web::WebView;

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    [menu::offer, web::offer, window::offer].into_iter().fold(api, |api, offer| offer(api))
}

/// All views of all plugins, by plugin and id.
#[derive(Debug)]
pub(crate) struct Views(Registry<(PluginId, String), View>);

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
        Self(Registry::new(MAX_VIEWS_PER_PLUGIN))
    }
}

impl Views {
    /// Drops all views of a process.
    pub(crate) fn forget(&self, owner: &Owner) {
        self.0.forget(owner);
    }

    /// The view of a plugin with this handle.
    fn get(&self, plugin: &PluginId, handle: &str) -> Option<View> {
        self.0.get(&(plugin.clone(), id_in(handle, plugin)?.to_string()))
    }

    /// Changes a view of this very process; none if it has none with this handle. `change` also gets its others.
    fn change<R>(
        &self,
        owner: &Owner,
        handle: &str,
        change: impl FnOnce(&mut View, &[&View]) -> R,
    ) -> Option<R> {
        let key = (owner.plugin.clone(), id_in(handle, &owner.plugin)?.to_string());
        self.0.change(owner, &key, change)
    }
}

/// Adds a view for the plugin that calls, and gives its handle.
fn create(cx: &Cx<Joplin>, id: &str, view: impl FnOnce(&str) -> View) -> Result<String, Failure> {
    check_length("id", id, MAX_NAME_BYTES)?;
    if id.is_empty() {
        return Err(Failure::type_error("expected an id for the view, found an empty text"));
    }
    let handle = handle_of(cx.plugin(), id);
    let (key, view) = ((cx.plugin().clone(), id.to_string()), view(&handle));
    cx.state().views().0.add(Owner::of(cx), key, view).map_err(|refused| match refused {
        Refused::Taken(_) => Failure::new(format!("there is a view with the id {id} already")),
        Refused::TooMany(most) => Failure::new(format!("expected at most {most} views for a plugin")),
    })?;
    Ok(handle)
}

fn handle_of(plugin: &PluginId, id: &str) -> String {
    format!("plugin-view-{plugin}-{id}")
}

/// The id in a handle of this plugin.
fn id_in<'a>(handle: &'a str, plugin: &PluginId) -> Option<&'a str> {
    handle.strip_prefix("plugin-view-")?.strip_prefix(plugin.as_str())?.strip_prefix('-')
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
        assert_eq!((id_in(&of_short, &short), id_in(&of_short, &long)), (Some("two-x"), Some("x")));

        let views = Views::default();
        for (plugin, id) in [(&short, "two-x"), (&long, "x")] {
            let owner = Owner { plugin: plugin.clone(), generation: 1 };
            let panel = View::Panel(WebView::new(&of_short, true));
            views.0.add(owner, (plugin.clone(), id.to_string()), panel).unwrap();
        }
        let owner = Owner { plugin: long.clone(), generation: 1 };
        let hidden = views.change(&owner, &of_short, |view, others| {
            let View::Panel(panel) = view else { panic!("{view:?}") };
            panel.visible = false;
            others.len()
        });
        assert_eq!(hidden, Some(0), "the other's view is not its own");
        let is_visible = |plugin: &PluginId| match views.get(plugin, &of_short) {
            Some(View::Panel(panel)) => panel.visible,
            other => panic!("{other:?}"),
        };
        assert_eq!((is_visible(&short), is_visible(&long)), (true, false));
    }

    #[test]
    fn handles_of_others_have_no_id() {
        let plugin = PluginId::native("a").unwrap();
        for handle in ["", "plugin-view-", "plugin-view-a", "plugin-view-b-x", "plugin-view-ab-x", "a-x"] {
            assert_eq!(id_in(handle, &plugin), None, "{handle}");
        }
    }
}
