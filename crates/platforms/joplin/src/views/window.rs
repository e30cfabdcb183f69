//! What would appear in the window itself: message boxes, toasts, file choosers, style sheets. It goes to the journal.

use plughold::{Api, Cx, Json};
use serde_json::json;

use crate::Joplin;
use crate::failure::Failure;

/// The number of the button "OK" of a message box.
const OK: u32 = 0;

pub(super) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    api.function("views.dialogs.showMessageBox", show_message_box)
        .function("views.dialogs.showToast", show_toast)
        .function("views.dialogs.showOpenDialog", show_open_dialog)
        .function("window.loadChromeCssFile", load_chrome_css_file)
        .function("window.loadNoteCssFile", load_note_css_file)
}

/// Nobody reads it, so everybody agrees.
async fn show_message_box(cx: Cx<Joplin>, message: String) -> Result<u32, Failure> {
    cx.state().note(Some(cx.plugin()), "views.dialogs.showMessageBox", &message);
    Ok(OK)
}

async fn show_toast(cx: Cx<Joplin>, toast: Json) -> Result<(), Failure> {
    let message = toast.0["message"].as_str().unwrap_or_default();
    cx.state().note(Some(cx.plugin()), "views.dialogs.showToast", message);
    Ok(())
}

/// Nobody chooses a file.
async fn show_open_dialog(cx: Cx<Joplin>, _: Option<Json>) -> Result<Json, Failure> {
    cx.state().note(Some(cx.plugin()), "views.dialogs.showOpenDialog", "");
    Ok(Json(json!({ "canceled": true, "filePaths": [] })))
}

async fn load_chrome_css_file(cx: Cx<Joplin>, path: String) -> Result<(), Failure> {
    cx.state().note(Some(cx.plugin()), "window.loadChromeCssFile", &path);
    Ok(())
}

async fn load_note_css_file(cx: Cx<Joplin>, path: String) -> Result<(), Failure> {
    cx.state().note(Some(cx.plugin()), "window.loadNoteCssFile", &path);
    Ok(())
}
