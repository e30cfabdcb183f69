//! Plugins' listeners, and what they are told.

use std::sync::atomic::{AtomicU64, Ordering};

use plughold::{Api, Cx, Json, PluginId, Registrations};
use serde_json::{Value, json};

use crate::failure::{Failure, not_registered};
use crate::limits::MAX_LISTENERS_PER_PLUGIN;
use crate::{Joplin, PluginFunction};

/// What happened to a note, by Joplin's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteChange {
    /// It is new.
    Created = 1,
    /// It has changed, or moved to the trash.
    Updated = 2,
    /// It is gone.
    Deleted = 3,
}

/// What plugins listen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    NoteSelection,
    Note,
    NoteContent,
    Resource,
    NoteAlarm,
    SyncStart,
    SyncComplete,
    EditorContextMenu,
    Settings,
}

/// The functions by which plugins begin to listen.
const FUNCTIONS: &[(&str, Topic)] = &[
    ("workspace.onNoteSelectionChange", Topic::NoteSelection),
    ("workspace.onNoteChange", Topic::Note),
    ("workspace.onNoteContentChange", Topic::NoteContent),
    ("workspace.onResourceChange", Topic::Resource),
    ("workspace.onNoteAlarmTrigger", Topic::NoteAlarm),
    ("workspace.onSyncStart", Topic::SyncStart),
    ("workspace.onSyncComplete", Topic::SyncComplete),
    ("workspace.filterEditorContextMenu", Topic::EditorContextMenu),
    ("settings.onChange", Topic::Settings),
];

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    FUNCTIONS.iter().fold(api, |api, &(path, topic)| {
        api.function(path, move |cx: Cx<Joplin>, listener: PluginFunction| async move {
            cx.state().listeners().add(&cx, topic, listener)?;
            // Joplin gives an object without properties.
            Ok::<Json, Failure>(Json(json!({})))
        })
    })
}

/// All listeners of all plugins, in the order in which they began to listen.
#[derive(Debug)]
pub(crate) struct Listeners {
    /// By topic and a number: a plugin may listen twice.
    listeners: Registrations<PluginFunction, (Topic, u64)>,
    last: AtomicU64,
}

impl Default for Listeners {
    fn default() -> Self {
        Self { listeners: Registrations::at_most(MAX_LISTENERS_PER_PLUGIN), last: AtomicU64::new(0) }
    }
}

impl Listeners {
    fn add(&self, cx: &Cx<Joplin>, topic: Topic, function: PluginFunction) -> Result<(), Failure> {
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        let added = self.listeners.insert(cx, (topic, number), function);
        added.map(drop).map_err(|error| not_registered("listeners", &error))
    }

    /// The functions that listen to `topic`.
    pub(crate) fn of(&self, topic: Topic) -> Vec<PluginFunction> {
        let wanted = self.listeners.iter().filter(|listener| listener.key().0 == topic);
        wanted.map(|listener| listener.value().clone()).collect()
    }

    fn tell(&self, topic: Topic, event: Value) {
        for function in self.of(topic) {
            tell_one(&function, event.clone());
        }
    }
}

/// What the application tells its plugins. Nobody waits for them; what a listener throws becomes an event of the host.
impl Joplin {
    /// A note has changed. Only listeners to the selected notes hear of it, so that a synchronisation wakes nobody.
    ///
    /// Changes by plugins and by commands are told without it.
    pub fn note_changed(&self, id: &str, change: NoteChange) {
        if !self.selection().note_ids().iter().any(|selected| selected == id) {
            return;
        }
        self.listeners().tell(Topic::Note, json!({ "id": id, "event": change as u8 }));
        if change == NoteChange::Updated
            && !self.listeners().of(Topic::NoteContent).is_empty()
            && let Ok(Some(note)) = self.selection().selected_note()
        {
            self.listeners().tell(Topic::NoteContent, json!({ "note": note }));
        }
    }

    /// A resource has changed. Changes by plugins are told without it.
    pub fn resource_changed(&self, id: &str) {
        self.listeners().tell(Topic::Resource, json!({ "id": id }));
    }

    /// A synchronisation has begun.
    pub fn sync_started(&self) {
        self.listeners().tell(Topic::SyncStart, json!({}));
    }

    /// A synchronisation has ended.
    pub fn sync_completed(&self, with_errors: bool) {
        self.listeners().tell(Topic::SyncComplete, json!({ "withErrors": with_errors }));
    }

    /// The alarm of a note has gone off.
    pub fn alarm_triggered(&self, note_id: &str) {
        self.listeners().tell(Topic::NoteAlarm, json!({ "noteId": note_id }));
    }

    pub(crate) fn selection_changed(&self) {
        self.listeners().tell(Topic::NoteSelection, json!({ "value": self.selection().note_ids() }));
    }

    /// Only the plugin whose setting it is hears of it.
    pub(crate) fn setting_changed(&self, plugin: &PluginId, key: &str) {
        for function in self.listeners().of(Topic::Settings) {
            if function.plugin() == plugin {
                tell_one(&function, json!({ "keys": [key] }));
            }
        }
    }
}

fn tell_one(listener: &PluginFunction, event: Value) {
    // Whoever is gone or has too much to read already misses it, as somebody who was not there.
    let _ = listener.notify(vec![Json(event)]);
}
