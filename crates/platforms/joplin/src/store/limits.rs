//! Every bound on what a plugin may send to the store or make it send back, each with its reason.

use std::time::Duration;

/// How long one call may keep the database: what it has not done by then, it does not do.
///
/// Others wait for it. People feel that something hangs after a second; and searching a hundred thousand notes takes less than two.
pub const CALL: Duration = Duration::from_secs(2);

/// Bytes of the database: 1 GiB. Large collections of notes have a tenth of it, and a disk has many times as much.
pub const MAX_DATABASE_BYTES: i64 = 1 << 30;

/// Bytes of a note's title or body, and of the texts of an answer together.
///
/// The largest message that the protocol carries: a longer text could not be read back by any plugin.
pub const MAX_TEXT_BYTES: usize = 32 * 1024 * 1024;

/// Bytes of any other text column (an author, an address, an icon).
///
/// Joplin's own longest is an icon as a data address, of a few kilobytes.
pub const MAX_SHORT_TEXT_BYTES: usize = 64 * 1024;

/// Bytes of one setting's value as JSON.
///
/// Plugins keep lists of notes in settings, some thousands of ids; more is a database, and they have a folder for that.
pub const MAX_SETTING_BYTES: usize = 1024 * 1024;

/// Settings that one plugin may declare. The most that a published plugin declares is some hundreds.
pub const MAX_SETTINGS_PER_PLUGIN: usize = 10_000;

/// Sections of settings that one plugin may declare. One is usual.
pub const MAX_SECTIONS_PER_PLUGIN: usize = 100;

/// Characters of a setting's full key, `plugin-<id>.<key>`. Joplin's own rule.
pub const MAX_SETTING_KEY_CHARS: usize = 128;

/// Settings asked for in one call. As many as may be declared: asking for all of them is sensible.
pub const MAX_SETTINGS_PER_CALL: usize = MAX_SETTINGS_PER_PLUGIN;

/// Bytes of a search text. Far beyond what anyone types; conditions in SQL grow with it.
pub const MAX_QUERY_BYTES: usize = 4 * 1024;

/// Words and filters in one search text. Each becomes a condition, and SQLite bounds the depth of an expression at 1,000.
pub const MAX_SEARCH_TERMS: usize = 64;

/// Words in one search text, of all its terms together.
///
/// The index compares every place of every word of a phrase, and is not interrupted meanwhile: in a note of some megabytes 64 words
/// take it a second. A letter that the index may take for a word of its own counts as one.
pub const MAX_SEARCH_WORDS: usize = 64;

/// Terms by which what a search finds is ordered, its first. Counting them together takes as long as the square of their number.
pub const MAX_SCORED_TERMS: usize = 8;

/// Items on a page when a query names no number, and at most. Joplin's own rule.
pub const MAX_PAGE_SIZE: u32 = 100;

/// The last page that may be asked for: 100 million items on, beyond any store, and far from overflow.
pub const MAX_PAGE: u32 = 1_000_000;

/// Names in a query's `fields`. No table has as many columns.
pub const MAX_FIELDS: usize = 100;

/// Segments of a path (`tags/<id>/notes/<id>`). Joplin's own rule.
pub const MAX_PATH_SEGMENTS: usize = 4;

/// Levels of folders in folders.
///
/// A tree of folders nests two levels of JSON for each (the folder and its list of children), and a message may nest 64.
pub const MAX_FOLDER_DEPTH: u32 = 24;

/// Tags attached by one note's `tags` property. People use a handful.
pub const MAX_TAGS_PER_CALL: usize = 100;

/// Notes selected at once. Somebody selects a whole notebook, not more.
pub const MAX_SELECTED_NOTES: usize = 10_000;

/// Bytes of a value that a plugin keeps with an item, as JSON. As for settings: more is a file.
pub const MAX_USER_DATA_BYTES: usize = MAX_SETTING_BYTES;

/// Bytes of the key of such a value.
pub const MAX_USER_DATA_KEY_BYTES: usize = 256;

/// Values that one plugin may keep with one item. Published plugins keep one or two.
pub const MAX_USER_DATA_PER_ITEM: usize = 100;
