//! `joplin.views.panels` and `dialogs`: pages of HTML that nobody shows.
//!
//! A dialog that is opened is closed at once, as if its first button had been pressed.

use plughold::{Api, Cx, Json, PluginId, Thrown};
use serde_json::{Value, json};

use super::{View, create};
use crate::failure::{Failure, check_length, shown};
use crate::installation::name_in_package;
use crate::limits::{MAX_HTML_BYTES_PER_PLUGIN, MAX_SCRIPTS_PER_VIEW, MAX_SMALL_BYTES, VIEW_MESSAGE};
use crate::{Joplin, PluginFunction};

pub(super) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    let both = ["views.panels", "views.dialogs"].into_iter().fold(api, |api, kind| {
        api.function(format!("{kind}.setHtml"), set_html).function(format!("{kind}.addScript"), add_script)
    });
    both.function("views.panels.create", create_panel)
        .function("views.panels.onMessage", on_message)
        .function("views.panels.postMessage", post_message)
        .function("views.panels.show", show)
        .function("views.panels.hide", hide)
        .function("views.panels.visible", is_visible)
        .function("views.panels.isActive", is_visible)
        .function("views.dialogs.create", create_dialog)
        .function("views.dialogs.setButtons", set_buttons)
        .function("views.dialogs.setFitToContent", set_fit_to_content)
        .function("views.dialogs.open", open)
}

/// A panel or a dialog.
#[derive(Clone, Debug, PartialEq)]
pub struct WebView {
    /// The name by which its plugin speaks of it. Another plugin's view may have the same.
    pub handle: String,
    /// Its page.
    pub html: String,
    /// Scripts and style sheets of the page, by their names in the package.
    pub scripts: Vec<String>,
    /// Whether it is shown. A new panel is; a dialog never is.
    pub visible: bool,
    /// A dialog's buttons as the plugin gave them: `{id, title}`.
    pub buttons: Vec<Value>,
    /// Whether a dialog is as large as what is in it.
    pub fit_to_content: bool,
    on_message: Option<PluginFunction>,
}

impl Joplin {
    /// The panels of a plugin, in the order in which it created them.
    pub fn panels(&self, plugin: &PluginId) -> Vec<WebView> {
        self.views_of(plugin, |view| if let View::Panel(panel) = view { Some(panel) } else { None })
    }

    /// The dialogs of a plugin, in the order in which it created them.
    pub fn dialogs(&self, plugin: &PluginId) -> Vec<WebView> {
        self.views_of(plugin, |view| if let View::Dialog(dialog) = view { Some(dialog) } else { None })
    }

    /// Gives a plugin a message of the page in its panel with this handle, and gives back the answer.
    ///
    /// # Errors
    ///
    /// What the plugin threw; that there is no such panel or nobody listens to it; or that the plugin is gone or did not answer
    /// within [`VIEW_MESSAGE`].
    pub async fn post_from_panel(
        &self,
        plugin: &PluginId,
        handle: &str,
        message: Json,
    ) -> Result<Json, Thrown> {
        let view = self.views().get(plugin, handle);
        let Some(View::Panel(WebView { on_message: Some(listener), .. })) = view else {
            let words = format!("the plugin {plugin} does not listen to the panel {}", shown(handle));
            return Err(Failure::new(words).into());
        };
        let answer = listener.call(vec![message]).within(VIEW_MESSAGE).await;
        answer.map_err(|error| Failure::from(error).into())
    }
}

async fn create_panel(cx: Cx<Joplin>, id: String) -> Result<String, Failure> {
    create(&cx, &id, |handle| View::Panel(WebView::new(handle, true)))
}

async fn create_dialog(cx: Cx<Joplin>, id: String) -> Result<String, Failure> {
    create(&cx, &id, |handle| View::Dialog(WebView::new(handle, false)))
}

async fn set_html(cx: Cx<Joplin>, handle: String, html: String) -> Result<String, Failure> {
    let given = html.clone();
    let others = cx.state().views().others(&cx, &handle);
    let used: usize = others.iter().filter_map(View::page).map(|other| other.html.len()).sum();
    change(&cx, &handle, |view| {
        if MAX_HTML_BYTES_PER_PLUGIN < used.saturating_add(html.len()) {
            return Err(Failure::new(format!(
                "expected at most {MAX_HTML_BYTES_PER_PLUGIN} bytes of HTML in all views of a plugin"
            )));
        }
        view.html = html;
        Ok(())
    })?;
    Ok(given)
}

async fn add_script(cx: Cx<Joplin>, handle: String, path: String) -> Result<(), Failure> {
    let name = name_in_package(&path)
        .ok_or_else(|| Failure::new(format!("the script {} is not in the plugin's package", shown(&path))))?;
    check_length("path", &name, MAX_SMALL_BYTES)?;
    change(&cx, &handle, |view| {
        if MAX_SCRIPTS_PER_VIEW <= view.scripts.len() {
            return Err(Failure::new(format!("expected at most {MAX_SCRIPTS_PER_VIEW} scripts in a view")));
        }
        view.scripts.push(name);
        Ok(())
    })
}

/// One listener for each panel: the last one counts.
async fn on_message(cx: Cx<Joplin>, handle: String, listener: PluginFunction) -> Result<(), Failure> {
    change(&cx, &handle, |view| {
        view.on_message = Some(listener);
        Ok(())
    })
}

/// Goes to a page that is not there.
async fn post_message(cx: Cx<Joplin>, handle: String, _: Option<Json>) -> Result<(), Failure> {
    change(&cx, &handle, |_| Ok(()))?;
    cx.state().note(Some(cx.plugin()), "views.panels.postMessage", &handle);
    Ok(())
}

async fn show(cx: Cx<Joplin>, handle: String, visible: Option<bool>) -> Result<(), Failure> {
    change(&cx, &handle, |view| {
        view.visible = visible.unwrap_or(true);
        Ok(())
    })
}

async fn hide(cx: Cx<Joplin>, handle: String) -> Result<(), Failure> {
    show(cx, handle, Some(false)).await
}

async fn is_visible(cx: Cx<Joplin>, handle: String) -> Result<bool, Failure> {
    change(&cx, &handle, |view| Ok(view.visible))
}

async fn set_buttons(cx: Cx<Joplin>, handle: String, buttons: Vec<Json>) -> Result<Vec<Json>, Failure> {
    let given = buttons.clone();
    let buttons: Vec<Value> = buttons.into_iter().map(|Json(button)| button).collect();
    check_length("buttons", &json!(buttons).to_string(), MAX_SMALL_BYTES)?;
    change(&cx, &handle, |view| {
        view.buttons = buttons;
        Ok(())
    })?;
    Ok(given)
}

async fn set_fit_to_content(cx: Cx<Joplin>, handle: String, fit: bool) -> Result<bool, Failure> {
    change(&cx, &handle, |view| {
        view.fit_to_content = fit;
        Ok(fit)
    })
}

async fn open(cx: Cx<Joplin>, handle: String) -> Result<Json, Failure> {
    let button = change(&cx, &handle, |view| Ok(view.first_button()))?;
    cx.state().note(Some(cx.plugin()), "views.dialogs.open", &handle);
    Ok(Json(json!({ "id": button })))
}

impl WebView {
    pub(super) fn new(handle: &str, visible: bool) -> Self {
        Self {
            handle: handle.to_string(),
            html: String::new(),
            scripts: Vec::new(),
            visible,
            buttons: Vec::new(),
            fit_to_content: true,
            on_message: None,
        }
    }

    /// The id of the first button; without buttons a dialog has one to confirm.
    fn first_button(&self) -> String {
        let first = self.buttons.first().and_then(|button| button["id"].as_str());
        first.unwrap_or("ok").to_string()
    }
}

/// Changes a panel or dialog of the plugin that calls.
fn change<R>(
    cx: &Cx<Joplin>,
    handle: &str,
    change: impl FnOnce(&mut WebView) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let changed = cx.state().views().change(cx, handle, |view| match view {
        View::Panel(view) | View::Dialog(view) => Some(change(view)),
        View::Menu(_) | View::MenuItem(_) | View::ToolbarButton(_) => None,
    });
    let missing = || Failure::new(format!("there is no panel or dialog {}", shown(handle)));
    changed.flatten().unwrap_or_else(|| Err(missing()))
}

impl View {
    /// The page of a panel or dialog.
    fn page(&self) -> Option<&WebView> {
        match self {
            Self::Panel(view) | Self::Dialog(view) => Some(view),
            Self::Menu(_) | Self::MenuItem(_) | Self::ToolbarButton(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_is_closed_by_its_first_button() {
        let check = |buttons: Value, expected: &str| {
            let mut dialog = WebView::new("handle", false);
            dialog.buttons = buttons.as_array().unwrap().clone();
            assert_eq!(dialog.first_button(), expected);
        };
        check(json!([]), "ok");
        check(json!([{ "id": "yes" }, { "id": "no" }]), "yes");
        check(json!([{ "title": "no id" }]), "ok");
    }
}
