//! What nobody can do without a window, or without the user's files: each throws an error that says so.
//!
//! The functions exist, so that a plugin which asks for one learns that this host lacks it, and not that it misspelled it.

use plughold::{Api, Cx};
use serde::de::IgnoredAny;

use crate::Joplin;
use crate::failure::Failure;

const METHODS: &[&str] = &[
    "clipboard.readImage",
    "clipboard.writeImage",
    "filters.off",
    "filters.on",
    "fs.archiveExtract",
    "imaging.createFromPath",
    "imaging.createFromPdfPath",
    "imaging.createFromPdfResource",
    "imaging.createFromResource",
    "imaging.crop",
    "imaging.free",
    "imaging.getPdfInfoFromPath",
    "imaging.getPdfInfoFromResource",
    "imaging.getSize",
    "imaging.resize",
    "imaging.toJpgFile",
    "imaging.toJpgResource",
    "imaging.toPngFile",
    "imaging.toPngResource",
    "interop.registerExportModule",
    "interop.registerImportModule",
    "views.editors.addScript",
    "views.editors.create",
    "views.editors.isActive",
    "views.editors.isVisible",
    "views.editors.onActivationCheck",
    "views.editors.onMessage",
    "views.editors.onUpdate",
    "views.editors.postMessage",
    "views.editors.register",
    "views.editors.saveNote",
    "views.editors.setHtml",
    "views.noteList.registerRenderer",
];

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    METHODS.iter().fold(api, |api, &method| {
        // Whatever the arguments are, up to four, which is the most that any of these takes.
        api.function(
            method,
            move |_: Cx<Joplin>, _: IgnoredAny, _: IgnoredAny, _: IgnoredAny, _: IgnoredAny| async move {
                Err::<(), Failure>(Failure::not_supported(method))
            },
        )
    })
}
