//! The control page, as a hostile runner writes it.
//!
//! An input is the page from its first byte; what is missing is zero.
#![allow(unsafe_code, reason = "the page is shared memory, and has no way to be made of bytes but this one")]

use crate::effort::{Heap, within};
use plughold::fuzzing::{clean_block, clean_line};
use plughold_protocol::page::{Page, SIZE, TEXT};
use plughold_protocol::text::is_disruptive;

/// Two texts, with three bytes for each that is no text, and again when they are cleaned, with ten bytes for a character.
const HEAP: Heap = Heap { base: 20 * TEXT * 3 + (64 << 10), each: 0 };

/// Whatever stands on the page can be read, is no longer than it may be, and is harmless once it is cleaned.
///
/// # Panics
///
/// If it is not.
pub fn check(bytes: &[u8]) {
    let mut memory = [0; SIZE];
    let length = bytes.len().min(SIZE);
    memory[..length].copy_from_slice(&bytes[..length]);
    // SAFETY: a page has this size and nothing but atomic integers in it, for which every pattern of bits is a value.
    let page: Page = unsafe { std::mem::transmute(memory) };
    within(HEAP, bytes.len(), || {
        let pulse = page.pulse();
        assert_eq!(page.pulse(), pulse, "reading changes nothing");
        let before = page.request_stack();
        assert_eq!(page.stack_after(before), None, "nobody has published a stack since");
        // One that is being written, as the page may say for ever, is none.
        let stack = page.stack_after(before.wrapping_add(1)).unwrap_or_default();
        let (_, words) = page.cause();
        for text in [stack, words] {
            // Each byte that is no text becomes a character of three bytes.
            assert!(text.len() <= 3 * TEXT, "{} bytes", text.len());
            let is_harmless = |line: &str| !line.contains(|found| is_disruptive(found) && found != '\t');
            assert!(clean_block(&text).lines().all(is_harmless), "{text:?}");
            let line = clean_line(&text, TEXT);
            assert!(is_harmless(&line), "{text:?}");
            assert!(line.len() <= 10 * TEXT + '…'.len_utf8(), "{} bytes", line.len());
        }
        page.publish_stack("at f (main.js:1:1)");
        assert_eq!(page.stack_after(before).as_deref(), Some("at f (main.js:1:1)"));
    });
}
