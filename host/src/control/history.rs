//! What has happened, as far as it is kept, and what happens from now on: numbered once, for everybody.

use crate::{Event, Events};
use plughold_control::record::Happening;
use plughold_control::{Item, Wanted, limits};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::broadcast::{self, error::RecvError};

/// How many wait for a slow reader. Beyond it the oldest are lost, and the reader is told.
const QUEUE: usize = 4_096;

/// What a happening counts besides its text, in bytes.
const BASE: usize = 256;

/// What is kept, and who is told.
pub(super) struct History {
    kept: Mutex<Kept>,
    /// None once the host is gone.
    told: Mutex<Option<broadcast::Sender<Arc<Happening>>>>,
}

#[derive(Default)]
struct Kept {
    /// Of each plugin, and under no name what is about none.
    shelves: BTreeMap<Option<String>, Shelf>,
    /// The number of the newest.
    number: u64,
}

/// What is kept of one plugin, oldest first.
#[derive(Default)]
struct Shelf {
    happenings: VecDeque<Arc<Happening>>,
    bytes: usize,
}

impl Default for History {
    fn default() -> History {
        History { kept: Mutex::default(), told: Mutex::new(Some(broadcast::Sender::new(QUEUE))) }
    }
}

impl History {
    /// Keeps and tells what happens, until the host is gone.
    pub(super) async fn keep(self: Arc<History>, mut events: Events) {
        while let Some(event) = events.next().await {
            self.add(&event);
        }
        self.told.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    pub(super) fn add(&self, event: &Event) {
        let mut happening = Happening::from(event);
        happening.time_ms = milliseconds_now();
        let mut kept = self.lock();
        kept.number += 1;
        happening.number = kept.number;
        let happening = Arc::new(happening);
        kept.put(happening.clone());
        // Under the lock, so that whoever begins to read gets each once.
        if let Some(told) = &*self.told.lock().unwrap_or_else(PoisonError::into_inner) {
            // Nobody has to listen.
            let _ = told.send(happening);
        }
    }

    /// What is kept of what is wanted, and what follows.
    pub(super) fn read(&self, wanted: Wanted) -> Reader {
        let kept = self.lock();
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let following = told.as_ref().filter(|_| wanted.follow).map(broadcast::Sender::subscribe);
        drop(told);
        Reader { before: kept.newest(&wanted), following, wanted }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn put(&mut self, happening: Arc<Happening>) {
        let shelf = self.shelves.entry(happening.plugin.clone()).or_default();
        shelf.put(happening);
        if limits::KEPT_PLUGINS < self.shelves.len() {
            let number = |shelf: &Shelf| shelf.happenings.back().map_or(0, |newest| newest.number);
            let silent =
                self.shelves.iter().min_by_key(|(_, shelf)| number(shelf)).map(|(name, _)| name.clone());
            silent.map(|name| self.shelves.remove(&name));
        }
    }

    /// The newest of those that are wanted, oldest first.
    fn newest(&self, wanted: &Wanted) -> VecDeque<Arc<Happening>> {
        let last = usize::try_from(wanted.last).unwrap_or(usize::MAX);
        if last == 0 {
            return VecDeque::new();
        }
        let all = self.shelves.values().flat_map(|shelf| &shelf.happenings);
        let mut found: Vec<_> = all.filter(|happening| fits(wanted, happening)).cloned().collect();
        found.sort_by_key(|happening| happening.number);
        let too_many = found.len().saturating_sub(last);
        found.into_iter().skip(too_many).collect()
    }
}

impl Shelf {
    fn put(&mut self, happening: Arc<Happening>) {
        self.bytes += size(&happening);
        self.happenings.push_back(happening);
        while limits::KEPT < self.happenings.len() || limits::KEPT_BYTES < self.bytes {
            let Some(oldest) = self.happenings.pop_front() else { return };
            self.bytes -= size(&oldest);
        }
    }
}

/// Reads what was wanted, one by one.
pub(super) struct Reader {
    before: VecDeque<Arc<Happening>>,
    following: Option<broadcast::Receiver<Arc<Happening>>>,
    wanted: Wanted,
}

impl Reader {
    /// The next one; none when there is nothing more to come.
    pub(super) async fn next(&mut self) -> Option<Item> {
        if let Some(before) = self.before.pop_front() {
            return Some(Item::Happening((*before).clone()));
        }
        let following = self.following.as_mut()?;
        loop {
            match following.recv().await {
                Ok(happening) if fits(&self.wanted, &happening) => {
                    return Some(Item::Happening((*happening).clone()));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(count)) => return Some(Item::Missed { count }),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

fn fits(wanted: &Wanted, happening: &Happening) -> bool {
    let is_of = |plugin: &String| happening.plugin.as_ref() == Some(plugin);
    // Whoever was too slow wants to know, whatever else they want.
    let is_for_all = happening.kind == "missed";
    let is_plugin = wanted.plugins.is_empty() || wanted.plugins.iter().any(is_of);
    let is_kind = wanted.kinds.is_empty() || wanted.kinds.contains(&happening.kind);
    let is_level = match (wanted.level, happening.level()) {
        (Some(least), Some(level)) => least <= level,
        _ => true,
    };
    is_for_all || is_plugin && is_kind && is_level
}

fn size(happening: &Happening) -> usize {
    let texts = happening.fields.iter().map(|(key, value)| key.len() + bytes_of(value));
    BASE + texts.sum::<usize>()
}

/// About what a value takes. What plugins throw is nested no deeper than their values.
fn bytes_of(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    match value {
        Value::String(text) => text.len() + 24,
        Value::Array(values) => 24 + values.iter().map(bytes_of).sum::<usize>(),
        Value::Object(fields) => {
            24 + fields.iter().map(|(key, value)| key.len() + bytes_of(value)).sum::<usize>()
        }
        _ => 24,
    }
}

fn milliseconds_now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Level, PluginId};

    fn line(plugin: &str, message: &str) -> Event {
        let plugin = PluginId::native(plugin).unwrap();
        Event::Log { plugin, level: Level::Info, message: message.to_owned(), place: None, dropped_before: 0 }
    }

    /// The messages that are kept of what is wanted.
    fn kept(history: &History, wanted: &Wanted) -> Vec<String> {
        let newest = history.lock().newest(wanted);
        newest.iter().map(|happening| happening.message().unwrap_or_default().to_owned()).collect()
    }

    fn all() -> Wanted {
        Wanted { last: u32::MAX, ..Wanted::default() }
    }

    #[test]
    fn a_loud_plugin_takes_no_room_of_a_quiet_one() {
        let history = History::default();
        history.add(&line("quiet", "once"));
        for number in 0..10_000 {
            history.add(&line("loud", &number.to_string()));
        }
        let kept = kept(&history, &all());
        assert_eq!(kept.len(), 1 + limits::KEPT);
        assert_eq!(kept.first().map(String::as_str), Some("once"), "the oldest first");
        assert_eq!(kept.last().map(String::as_str), Some("9999"));
    }

    #[test]
    fn long_texts_and_many_plugins_are_bounded() {
        let history = History::default();
        for _ in 0..limits::KEPT {
            history.add(&line("loud", &"x".repeat(8 << 10)));
        }
        let kept = kept(&history, &all());
        assert!(kept.iter().map(String::len).sum::<usize>() < limits::KEPT_BYTES);
        assert!(limits::KEPT_BYTES / (9 << 10) <= kept.len(), "{}", kept.len());
        for number in 0..2 * limits::KEPT_PLUGINS {
            history.add(&line(&format!("plugin-{number}"), "one"));
        }
        let shelves = &history.lock().shelves;
        assert_eq!(shelves.len(), limits::KEPT_PLUGINS);
        assert!(!shelves.contains_key(&Some("loud".to_owned())), "it was silent longest");
    }

    #[test]
    fn what_is_wanted_is_what_is_read() {
        let history = History::default();
        for (plugin, message) in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4")] {
            history.add(&line(plugin, message));
        }
        history.add(&Event::Stopped { plugin: PluginId::native("a").unwrap() });
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let check =
            |wanted: Wanted, expected: &[&str]| assert_eq!(kept(&history, &wanted), expected, "{wanted:?}");
        check(all(), &["1", "2", "3", "4", ""]);
        check(Wanted { last: 2, ..all() }, &["4", ""]);
        check(Wanted { last: 0, ..all() }, &[]);
        check(Wanted { plugins: names(&["a", "c"]), ..all() }, &["1", "3", "4", ""]);
        check(Wanted { plugins: names(&["a"]), kinds: names(&["log"]), last: 1, ..all() }, &["3"]);
        let level = Some(plughold_control::record::Level::Warn);
        check(Wanted { level, ..all() }, &[""]);
    }

    #[tokio::test]
    async fn nothing_is_read_twice_or_left_out_between_what_was_and_what_comes() {
        let history = History::default();
        history.add(&line("a", "1"));
        let mut reader = history.read(Wanted { follow: true, ..all() });
        history.add(&line("a", "2"));
        for expected in ["1", "2"] {
            let Some(Item::Happening(happening)) = reader.next().await else { panic!("nothing") };
            assert_eq!(happening.message(), Some(expected));
        }
        history.told.lock().unwrap().take();
        assert_eq!(reader.next().await, None, "the host is gone");
    }

    #[tokio::test]
    async fn a_slow_reader_is_told_how_many_it_has_lost() {
        let history = History::default();
        let mut reader = history.read(Wanted { follow: true, ..Wanted::default() });
        for number in 0..QUEUE + 10 {
            history.add(&line("a", &number.to_string()));
        }
        assert_eq!(reader.next().await, Some(Item::Missed { count: 10 }));
        let Some(Item::Happening(happening)) = reader.next().await else { panic!("nothing") };
        assert_eq!(happening.message(), Some("10"));
    }
}
