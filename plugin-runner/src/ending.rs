//! Every way in which the process ends: a cause and words on the control page, then the cause's exit code.

use crate::{arena, control, system};
use plughold_protocol::exit::Cause;
use plughold_protocol::page::{self, Page};
use std::fmt::{self, Write};

/// Ends the process for `cause`. Nothing that waits to be written is written.
pub(crate) fn end(cause: Cause, words: fmt::Arguments<'_>) -> ! {
    let mut text = Words::new();
    // Words that do not fit are cut, which `Words` reports as success.
    let _always_ok = text.write_fmt(words);
    if let Some(page) = control::page() {
        page.record_cause(cause, text.as_str());
    }
    system::exit(cause.exit_code())
}

/// The plugin has used up what the engine may have.
pub(crate) fn end_for_engine_memory() -> ! {
    // As the manifest counts: a small part of it is kept for the runner itself.
    let megabytes = control::page().and_then(Page::spawn_parameters).map_or(0, |(memory, _)| memory >> 20);
    end(Cause::OutOfMemory, format_args!("the plugin used its {megabytes} MiB"))
}

/// Our own code found the arena empty. Called by the allocator: must not allocate.
pub(crate) fn end_for_arena() -> ! {
    let megabytes = arena::arena_capacity() >> 20;
    end(Cause::OutOfMemory, format_args!("the runner used all {megabytes} MiB of its arena"))
}

/// Text in a fixed buffer: an end may have no memory left to allocate from.
struct Words {
    bytes: [u8; page::TEXT],
    length: usize,
    is_cut: bool,
}

impl Words {
    fn new() -> Words {
        Words { bytes: [0; page::TEXT], length: 0, is_cut: false }
    }

    fn as_str(&self) -> &str {
        let written = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(written).unwrap_or_default()
    }
}

impl Write for Words {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.is_cut {
            return Ok(());
        }
        let room = self.bytes.get_mut(self.length..).unwrap_or_default();
        let length = text.floor_char_boundary(room.len());
        for (cell, byte) in room.iter_mut().zip(&text.as_bytes()[..length]) {
            *cell = *byte;
        }
        self.length += length;
        self.is_cut = length < text.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_cut_at_a_character() {
        let mut words = Words::new();
        write!(words, "x{}", "ä".repeat(page::TEXT)).unwrap();
        write!(words, "more").unwrap();
        assert_eq!(words.as_str().len(), page::TEXT - 1);
        assert!(words.as_str().ends_with('ä'));
    }
}
