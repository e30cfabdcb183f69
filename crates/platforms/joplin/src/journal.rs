//! What a window would have shown or done, as a list to read.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use plughold::PluginId;

use crate::limits::{MAX_JOURNAL_CHARS, MAX_JOURNAL_ENTRIES};

/// Something that a window would have shown or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who wanted it; none for the application itself.
    pub plugin: Option<PluginId>,
    /// The method or command, as `views.dialogs.showMessageBox` or `editor.focus`.
    pub what: &'static str,
    /// The text, path or name that it was about, cut to [`MAX_JOURNAL_CHARS`] characters; may be empty.
    pub detail: String,
}

/// The last [`MAX_JOURNAL_ENTRIES`] entries.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Mutex<VecDeque<Entry>>,
}

impl Journal {
    pub(crate) fn note(&self, plugin: Option<&PluginId>, what: &'static str, detail: &str) {
        let detail = detail.chars().take(MAX_JOURNAL_CHARS).collect();
        let mut entries = self.lock();
        if MAX_JOURNAL_ENTRIES <= entries.len() {
            entries.pop_front();
        }
        entries.push_back(Entry { plugin: plugin.cloned(), what, detail });
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.lock().iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded() {
        let journal = Journal::default();
        for number in 0..MAX_JOURNAL_ENTRIES + 2 {
            journal.note(None, "test", &number.to_string());
        }
        let entries = journal.entries();
        assert_eq!((entries.len(), entries[0].detail.as_str()), (MAX_JOURNAL_ENTRIES, "2"));
        journal.note(None, "test", &"é".repeat(MAX_JOURNAL_CHARS + 1));
        assert_eq!(journal.entries().last().unwrap().detail.chars().count(), MAX_JOURNAL_CHARS);
    }
}
