//! Strings of the engine, as UTF-8.
#![allow(unsafe_code, reason = "the engine lends its strings by pointer")]

use super::context;
use super::value::{Js, Kind, Thrown, Value};
use rquickjs::qjs;
use std::borrow::Cow;
use std::ffi::c_char;

/// A string that the engine lends; not copied if it is ASCII.
pub(crate) struct Text {
    pointer: *const c_char,
    length: usize,
}

impl Text {
    /// Takes over what the engine lent, or its exception.
    ///
    /// # Safety
    /// `pointer` is null after an exception, or a string lent by this thread's engine with `length` bytes.
    pub(super) unsafe fn from_lent(pointer: *const c_char, length: usize) -> Js<Text> {
        if pointer.is_null() { Err(Thrown::take()) } else { Ok(Text { pointer, length }) }
    }

    /// How many bytes it has, however it is read.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The text, if it has no lone surrogates: then it is not copied.
    pub(crate) fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes()).ok()
    }

    /// The text; lone surrogates, which UTF-8 cannot hold, become U+FFFD, of as many bytes. A plugin's text may be
    /// long: look at [`len`](Text::len) first.
    pub(crate) fn to_str(&self) -> Cow<'_, str> {
        readable(self.bytes())
    }

    /// The beginning of the text, of at most `most` bytes.
    pub(crate) fn cut(&self, most: usize) -> Cow<'_, str> {
        let bytes = self.bytes();
        let is_inside = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        let mut end = most.min(bytes.len());
        while 0 < end && is_inside(end) {
            end -= 1;
        }
        readable(bytes.get(..end).unwrap_or_default())
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the engine lends this many bytes until the drop.
        unsafe { std::slice::from_raw_parts(self.pointer.cast::<u8>(), self.length) }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: the pointer was lent by this engine and is given back once.
        unsafe { qjs::JS_FreeCString(context(), self.pointer) };
    }
}

impl Value {
    /// The text of a string; anything else is converted, which may run code of the plugin.
    #[inline]
    pub(crate) fn text(&self) -> Js<Text> {
        let mut length = 0;
        // SAFETY: `self` is alive.
        let pointer = unsafe { qjs::JS_ToCStringLen2(context(), &raw mut length, self.raw(), false) };
        // SAFETY: that is what the engine lent.
        unsafe { Text::from_lent(pointer, length as usize) }
    }

    /// The beginning of the text, of at most `most` bytes, if it is a string.
    pub(crate) fn as_string(&self, most: usize) -> Option<String> {
        if self.kind() != Kind::String {
            return None;
        }
        Some(self.text().ok()?.cut(most).into_owned())
    }
}

fn readable(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(without_surrogates(bytes)),
    }
}

/// The engine writes a lone surrogate as the three bytes that UTF-8 forbids: 0xed, then 0xa0 or above.
fn without_surrogates(bytes: &[u8]) -> String {
    let mut clean = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let is_surrogate = first == 0xed && tail.first().is_some_and(|second| 0xa0 <= *second);
        if is_surrogate {
            clean.extend_from_slice("\u{fffd}".as_bytes());
            rest = tail.get(2..).unwrap_or_default();
        } else {
            clean.push(first);
            rest = tail;
        }
    }
    String::from_utf8(clean).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates_become_one_replacement_each() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(without_surrogates(bytes), expected);
        check(b"a\xed\xa0\x80b", "a\u{fffd}b");
        check(b"\xed\xbf\xbf\xed\xa0\x80", "\u{fffd}\u{fffd}");
        check("\u{d7ff}ä".as_bytes(), "\u{d7ff}ä");
        check(b"\xed\xa0", "\u{fffd}");
    }
}
