//! Functions of SQL that take a time with the product of their arguments' lengths when SQLite has them: nothing ends a
//! statement within a function, so these take as long as their arguments, or refuse.
#![allow(unsafe_code, reason = "SQLite turns numbers into text for functions in C alone")]

use rusqlite::{Connection, ffi};
use std::ffi::{CStr, c_int};
use std::ptr::null_mut;
use std::slice;

/// Bytes of the characters that `trim` takes away: each is compared at each place.
const TRIMMED: usize = 256;

/// The functions, with how many arguments each has.
const TABLE: &[(&CStr, c_int, Function)] = &[
    (c"instr", 2, instr),
    (c"replace", 3, replace),
    (c"trim", 2, trim),
    (c"ltrim", 2, trim_left),
    (c"rtrim", 2, trim_right),
    (c"unhex", 2, refuse),
];

type Function = unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);

/// Puts ours in the place of SQLite's.
pub(super) fn define(connection: &Connection) -> rusqlite::Result<()> {
    let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_INNOCUOUS;
    for (name, count, function) in TABLE {
        // SAFETY: the connection is open, the name ends with a nul, and the function takes as many values as it is told of.
        let code = unsafe {
            ffi::sqlite3_create_function_v2(
                connection.handle(),
                name.as_ptr(),
                *count,
                flags,
                null_mut(),
                Some(*function),
                None,
                None,
                None,
            )
        };
        if code != ffi::SQLITE_OK {
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        }
    }
    Ok(())
}

/// What SQLite calls a function with.
struct Call {
    context: *mut ffi::sqlite3_context,
    values: *mut *mut ffi::sqlite3_value,
}

impl Call {
    /// One of the values, of which there are as many as [`TABLE`] says.
    fn value(&self, at: usize) -> *mut ffi::sqlite3_value {
        // SAFETY: SQLite gives as many as the function was defined with.
        unsafe { *self.values.add(at) }
    }

    fn kind(&self, at: usize) -> c_int {
        // SAFETY: the value is alive for as long as the call.
        unsafe { ffi::sqlite3_value_type(self.value(at)) }
    }

    fn has_null(&self, count: usize) -> bool {
        (0..count).any(|at| self.kind(at) == ffi::SQLITE_NULL)
    }

    /// A value as text, whatever bytes that are; none where there is no memory. It is valid until the call ends, as each
    /// value is asked for it in this form only.
    fn text(&self, at: usize) -> Option<&[u8]> {
        // SAFETY: the text stays until the value is turned into something else, and is as long as SQLite says.
        unsafe {
            let text = ffi::sqlite3_value_text(self.value(at));
            let length = ffi::sqlite3_value_bytes(self.value(at));
            (!text.is_null()).then(|| slice::from_raw_parts(text, usize::try_from(length).unwrap_or(0)))
        }
    }

    fn give_text(&self, text: &[u8]) {
        let length = c_int::try_from(text.len()).unwrap_or(c_int::MAX);
        // SAFETY: SQLite copies the text before it returns.
        unsafe {
            ffi::sqlite3_result_text(self.context, text.as_ptr().cast(), length, ffi::SQLITE_TRANSIENT());
        }
    }

    fn give_place(&self, place: usize) {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        // SAFETY: the context is that of the call.
        unsafe { ffi::sqlite3_result_int64(self.context, place) }
    }

    fn fail(&self, words: &CStr) {
        // SAFETY: the words end with a nul, and SQLite copies them.
        unsafe { ffi::sqlite3_result_error(self.context, words.as_ptr(), -1) }
    }

    fn is_too_big(&self, length: usize) -> bool {
        // SAFETY: the connection is the one that calls, and a negative number changes nothing.
        let most = unsafe {
            ffi::sqlite3_limit(ffi::sqlite3_context_db_handle(self.context), ffi::SQLITE_LIMIT_LENGTH, -1)
        };
        usize::try_from(most).unwrap_or(0) < length
    }
}

unsafe extern "C" fn instr(
    context: *mut ffi::sqlite3_context,
    _: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    let call = Call { context, values };
    if call.has_null(2) {
        return;
    }
    let is_text = !(call.kind(0) == ffi::SQLITE_BLOB && call.kind(1) == ffi::SQLITE_BLOB);
    // The bytes of a blob are the same as text.
    let (Some(text), Some(wanted)) = (call.text(0), call.text(1)) else { return };
    let place = match wanted.first() {
        None => Some(0),
        // Characters are compared, and none begins so.
        Some(first) if is_text && is_inner(*first) => text.starts_with(wanted).then_some(0),
        Some(_) => Places::of(wanted).next_in(text, 0),
    };
    let number = place.map_or(0, |place| {
        let before = text.get(1..=place).unwrap_or_default();
        1 + if is_text { before.iter().filter(|byte| !is_inner(**byte)).count() } else { place }
    });
    call.give_place(number);
}

unsafe extern "C" fn replace(
    context: *mut ffi::sqlite3_context,
    _: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    let call = Call { context, values };
    let (Some(text), Some(wanted)) = (call.text(0), call.text(1)) else { return };
    if wanted.first().is_none_or(|first| *first == 0) {
        return call.give_text(text);
    }
    let Some(other) = call.text(2) else { return };
    let places = Places::of(wanted);
    let (mut made, mut from) = (Vec::new(), 0);
    while let Some(place) = places.next_in(text, from) {
        made.extend_from_slice(text.get(from..place).unwrap_or_default());
        made.extend_from_slice(other);
        from = place + wanted.len();
        if call.is_too_big(made.len()) {
            // SAFETY: the context is that of the call.
            return unsafe { ffi::sqlite3_result_error_toobig(context) };
        }
    }
    made.extend_from_slice(text.get(from..).unwrap_or_default());
    call.give_text(&made);
}

unsafe extern "C" fn trim(
    context: *mut ffi::sqlite3_context,
    _: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    trimmed(&Call { context, values }, true, true);
}

unsafe extern "C" fn trim_left(
    context: *mut ffi::sqlite3_context,
    _: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    trimmed(&Call { context, values }, true, false);
}

unsafe extern "C" fn trim_right(
    context: *mut ffi::sqlite3_context,
    _: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    trimmed(&Call { context, values }, false, true);
}

fn trimmed(call: &Call, left: bool, right: bool) {
    let (Some(mut text), Some(set)) = (call.text(0), call.text(1)) else { return };
    let set = set.split(|byte| *byte == 0).next().unwrap_or_default();
    if TRIMMED < set.len() {
        return call.fail(c"expected at most 256 bytes of characters to trim");
    }
    let characters = Vec::from_iter(set.chunk_by(|first, second| 0x80 <= *first && is_inner(*second)));
    while let Some(rest) = characters.iter().find_map(|one| text.strip_prefix(*one)).filter(|_| left) {
        text = rest;
    }
    while let Some(rest) = characters.iter().find_map(|one| text.strip_suffix(*one)).filter(|_| right) {
        text = rest;
    }
    call.give_text(text);
}

unsafe extern "C" fn refuse(
    context: *mut ffi::sqlite3_context,
    _: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    Call { context, values }.fail(c"expected unhex with one argument");
}

/// Whether a byte of UTF-8 goes on with a character.
fn is_inner(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Finds something in a time that grows with the text alone, after Knuth, Morris and Pratt.
struct Places<'w> {
    wanted: &'w [u8],
    /// For each beginning of it, how long the longest shorter one is that this ends with.
    shorter: Vec<u32>,
}

impl Places<'_> {
    fn of(wanted: &[u8]) -> Places<'_> {
        let mut places = Places { wanted, shorter: vec![0; wanted.len()] };
        let mut matched = 0;
        for (at, byte) in wanted.iter().enumerate().skip(1) {
            matched = places.step(matched, *byte);
            places.shorter[at] = matched as u32;
        }
        places
    }

    /// How much is matched behind one more byte, when so much was, and not all.
    fn step(&self, mut matched: usize, byte: u8) -> usize {
        while 0 < matched && self.wanted[matched] != byte {
            matched = self.shorter[matched - 1] as usize;
        }
        if self.wanted[matched] == byte { matched + 1 } else { 0 }
    }

    /// Where it is next, from a place on.
    fn next_in(&self, text: &[u8], from: usize) -> Option<usize> {
        let mut matched = 0;
        for (at, byte) in text.iter().enumerate().skip(from) {
            matched = self.step(matched, *byte);
            if matched == self.wanted.len() {
                return Some(at + 1 - matched);
            }
        }
        None
    }
}
