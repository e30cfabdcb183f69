//! Plugins' listeners, and what they are told.

use std::sync::{Mutex, MutexGuard, PoisonError};

use plughold::{Api, Cx, Json, PluginId};
use serde_json::{Value, json};

use crate::Joplin;
use crate::failure::Failure;
use crate::limits::MAX_LISTENERS_PER_PLUGIN;
use crate::owned::{Owner, PluginFunction};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
            cx.state().listeners().add(Owner::of(&cx), topic, listener)?;
            // Joplin gives an object without properties.
            Ok::<Json, Failure>(Json(json!({})))
        })
    })
}

/// All listeners of all plugins, in the order in which they began to listen.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    listeners: Mutex<Vec<Listener>>,
}

#[derive(Debug)]
struct Listener {
    owner: Owner,
    topic: Topic,
    function: PluginFunction,
}

impl Listeners {
    fn add(&self, owner: Owner, topic: Topic, function: PluginFunction) -> Result<(), Failure> {
        let mut listeners = self.lock();
        let count = listeners.iter().filter(|listener| listener.owner.plugin == owner.plugin).count();
        if MAX_LISTENERS_PER_PLUGIN <= count {
            return Err(Failure::new(format!(
                "expected at most {MAX_LISTENERS_PER_PLUGIN} listeners for a plugin"
            )));
        }
        listeners.push(Listener { owner, topic, function });
        Ok(())
    }

    /// The functions that listen to `topic`.
    pub(crate) fn of(&self, topic: Topic) -> Vec<PluginFunction> {
        let listeners = self.lock();
        let wanted = listeners.iter().filter(|listener| listener.topic == topic);
        wanted.map(|listener| listener.function.clone()).collect()
    }

    /// Drops all listeners of a process.
    pub(crate) fn forget(&self, owner: &Owner) {
        self.lock().retain(|listener| listener.owner != *owner);
    }

    fn tell(&self, topic: Topic, event: Value) {
        for function in self.of(topic) {
            tell_one(&function, event.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
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
