//! Source maps, and the comments that name them: a plugin's own, read in its runner.
//!
//! An input is a text. It is taken for a script with a comment, for a map, and for a stack.

use crate::effort::{Heap, within};
use plughold_protocol::limits;
use plughold_protocol::text::is_disruptive;
use plughold_runner::fuzzing::{Map, inline_map, map_url, rewritten_stack};

/// A map is kept once, with a few places for each 8 KiB of it.
const HEAP: Heap = Heap { base: 64 << 10, each: 16 };

/// Positions that are looked up in each map.
const LINES: u32 = 6;
const COLUMNS: [u32; 6] = [0, 1, 2, 9, 40, u32::MAX];

/// What a map says of a position is a name of a file that can be shown, and it always says the same.
///
/// # Panics
///
/// If it is not.
pub fn check(bytes: &[u8]) {
    within(HEAP, bytes.len(), || check_map(bytes));
    let Ok(text) = str::from_utf8(bytes) else { return };
    within(HEAP, bytes.len(), || check_comment(text));
    within(HEAP, bytes.len(), || check_stack(text));
}

fn check_map(text: &[u8]) {
    let Some(mut map) = Map::parse(text, "dist/main.js.map") else { return };
    assert!(map.bytes() <= 4 * text.len() + 1_024, "{} bytes of {}", map.bytes(), text.len());
    let positions = (0..LINES).flat_map(|line| COLUMNS.map(|column| (line, column)));
    let first: Vec<_> = positions.clone().map(|(line, column)| map.look_up(line, column)).collect();
    // More positions than answers are kept, so that these are looked up anew; and each of them twice.
    for ((line, column), expected) in positions.zip(&first) {
        for _ in 0..2 {
            assert_eq!(&map.look_up(line, column), expected, "{line}:{column}");
        }
    }
    for (file, line, column) in first.iter().flatten() {
        check_name(file);
        assert!(0 < *line && 0 < *column, "{file}:{line}:{column} counts from 1");
    }
}

/// A name that can be shown, and that leads nowhere.
fn check_name(file: &str) {
    assert!(!file.is_empty() && file.len() <= limits::NAME, "{file:?}");
    assert!(!file.contains(is_disruptive), "{file:?}");
    assert!(file.split('/').all(|part| !matches!(part, "" | "." | "..")), "{file:?}");
}

fn check_comment(script: &str) {
    let Some(url) = map_url(script) else { return };
    assert!(script.contains(url) && !url.is_empty(), "{url:?}");
    if let Some(map) = inline_map(url) {
        assert!(map.len() <= url.len(), "{} bytes of {}", map.len(), url.len());
        check_map(&map);
    }
}

/// Without a map nothing changes but what is too long; with one, as many lines are left.
fn check_stack(stack: &str) {
    let same = rewritten_stack(stack, |_| None);
    assert!(stack.starts_with(&same) && same.len() <= limits::ERROR_TEXT, "{same:?}");
    let mut count = 0;
    let other = rewritten_stack(stack, |(file, line, column)| {
        count += 1;
        assert!(stack.contains(&file), "{file:?}:{line}:{column}");
        Some(("src/a.ts".to_owned(), 1, 2))
    });
    assert!(count <= stack.lines().count(), "{count} places");
    assert!(other.lines().count() <= stack.lines().count());
    if count == 0 {
        assert_eq!(other, same);
    }
}
