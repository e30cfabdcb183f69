//! `joplin.views.*`: what plugins add to a window, as data.
//!
//! # Layout
//!
//! - [`menu`]: menus, menu items and toolbar buttons.
//! - [`web`]: panels and dialogs, which are pages of HTML.
//! - `window`: message boxes, toasts, style sheets.
//!
//! Every view has a handle, `plugin-view-<plugin id>-<id>`, which is unique: a plugin that creates one twice is told.

pub mod menu;
pub mod web;
mod window;

use plughold::{Api, Cx};

use crate::Joplin;
use crate::failure::{Failure, check_length};
use crate::limits::{MAX_NAME_BYTES, MAX_VIEWS_PER_PLUGIN};
use crate::owned::{Owner, Refused, Registry};
use menu::{Menu, MenuItem, ToolbarButton};
use web::WebView;

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    [menu::offer, web::offer, window::offer].into_iter().fold(api, |api, offer| offer(api))
}

/// All views of all plugins, by handle.
#[derive(Debug)]
pub(crate) struct Views(Registry<View>);

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
}

/// Adds a view for the plugin that calls, and gives its handle.
fn create(cx: &Cx<Joplin>, id: &str, view: impl FnOnce(&str) -> View) -> Result<String, Failure> {
    check_length("id", id, MAX_NAME_BYTES)?;
    if id.is_empty() {
        return Err(Failure::type_error("expected an id for the view, found an empty text"));
    }
    let handle = format!("plugin-view-{}-{id}", cx.plugin());
    let view = view(&handle);
    cx.state().views().0.add(Owner::of(cx), handle.clone(), view).map_err(|refused| match refused {
        Refused::Taken(_) => Failure::new(format!("there is a view with the id {id} already")),
        Refused::TooMany(most) => Failure::new(format!("expected at most {most} views for a plugin")),
    })?;
    Ok(handle)
}
