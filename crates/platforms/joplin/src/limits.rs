//! Every bound on what a plugin may register, and every time that it may take, each with its reason.
//!
//! The bounds of the store are in [`store::limits`](crate::store::limits).

use std::time::Duration;

/// How long `onStart` may take.
///
/// It may wait for a person who answers a dialog; how long the host waits for a plugin to become active is the host's own limit.
pub const ON_START: Duration = Duration::from_secs(600);

/// How long a command may take. Published plugins export and rewrite whole collections of notes.
pub const COMMAND: Duration = Duration::from_secs(300);

/// How long one plugin may take to change the context menu of the editor. A person waits with the mouse button down.
pub const CONTEXT_MENU: Duration = Duration::from_secs(1);

/// How long a plugin may take to answer a message of a panel or a content script. They do what commands do.
pub const VIEW_MESSAGE: Duration = COMMAND;

/// Commands of one plugin. The most that a published one has is some dozens.
pub const MAX_COMMANDS_PER_PLUGIN: usize = 1_000;

/// Menus, menu items, toolbar buttons, panels and dialogs of one plugin together. As for commands.
pub const MAX_VIEWS_PER_PLUGIN: usize = 1_000;

/// Content scripts of one plugin. Published plugins have one or two.
pub const MAX_CONTENT_SCRIPTS_PER_PLUGIN: usize = 100;

/// Listeners of one plugin for all events together. Listening twice is listening twice, so a loop that listens is stopped here.
pub const MAX_LISTENERS_PER_PLUGIN: usize = 1_000;

/// Bytes of a name: of a command, a view, a content script, a place of a menu item.
pub const MAX_NAME_BYTES: usize = 256;

/// Bytes of any other small text, and of a menu's items or a dialog's buttons as JSON.
pub const MAX_SMALL_BYTES: usize = 64 * 1024;

/// Bytes of HTML in all panels and dialogs of one plugin together. Pages with pictures in them have some megabytes.
pub const MAX_HTML_BYTES_PER_PLUGIN: usize = 16 * 1024 * 1024;

/// Scripts and style sheets of one panel or dialog.
pub const MAX_SCRIPTS_PER_VIEW: usize = 100;

/// Entries of the journal. The oldest are forgotten first.
pub const MAX_JOURNAL_ENTRIES: usize = 1_000;

/// Characters of what an entry of the journal says. Enough for any message box.
pub const MAX_JOURNAL_CHARS: usize = 4 * 1024;
