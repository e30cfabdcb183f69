//! `joplin.clipboard.*`: a clipboard in memory, which is not the user's.

use std::sync::{Mutex, MutexGuard, PoisonError};

use plughold::{Api, Cx};
use serde::Deserialize;

use crate::Joplin;
use crate::failure::{Failure, check_length};
use crate::store::limits::MAX_TEXT_BYTES;

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    api.function("clipboard.readText", read_text)
        .function("clipboard.writeText", write_text)
        .function("clipboard.readHtml", read_html)
        .function("clipboard.writeHtml", write_html)
        .function("clipboard.write", write)
        .function("clipboard.availableFormats", available_formats)
}

/// What was copied last.
#[derive(Debug, Default)]
pub(crate) struct Clipboard(Mutex<Content>);

/// One thing in up to two forms. An empty form is none.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    text: Option<String>,
    html: Option<String>,
    /// Only to refuse it.
    image: Option<String>,
}

impl Clipboard {
    fn lock(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read_text(cx: Cx<Joplin>) -> Result<String, Failure> {
    Ok(cx.state().clipboard().lock().text.clone().unwrap_or_default())
}

async fn read_html(cx: Cx<Joplin>) -> Result<String, Failure> {
    Ok(cx.state().clipboard().lock().html.clone().unwrap_or_default())
}

async fn write_text(cx: Cx<Joplin>, text: String) -> Result<(), Failure> {
    write(cx, Content { text: Some(text), ..Content::default() }).await
}

async fn write_html(cx: Cx<Joplin>, html: String) -> Result<(), Failure> {
    write(cx, Content { html: Some(html), ..Content::default() }).await
}

async fn write(cx: Cx<Joplin>, content: Content) -> Result<(), Failure> {
    if content.image.is_some() {
        return Err(Failure::not_supported("clipboard.write with an image"));
    }
    for (what, form) in [("text", &content.text), ("html", &content.html)] {
        check_length(what, form.as_deref().unwrap_or_default(), MAX_TEXT_BYTES)?;
    }
    *cx.state().clipboard().lock() = content;
    Ok(())
}

async fn available_formats(cx: Cx<Joplin>) -> Result<Vec<&'static str>, Failure> {
    let content = cx.state().clipboard().lock();
    let forms = [("text/plain", content.text.is_some()), ("text/html", content.html.is_some())];
    Ok(forms.into_iter().filter(|(_, present)| *present).map(|(name, _)| name).collect())
}
