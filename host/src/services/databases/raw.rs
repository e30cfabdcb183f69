//! What SQLite offers to C alone: a file system that opens and removes nothing but a database's own files, connections
//! without modules, and the memory that is in use.
#![allow(unsafe_code, reason = "SQLite's file systems are tables of C functions, which no safe wrapper has")]

use rusqlite::{Connection, ffi};
use std::ffi::{CStr, c_char, c_int};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

/// The name of the file system, for whoever opens a connection.
pub(super) const FILE_SYSTEM: &CStr = c"plughold";

/// The one it stands on. What connections of a process share is in its memory, and not in a file that is mapped: whoever
/// makes such a file shorter ends the process.
const BASE: &CStr = c"unix-excl";

/// What the name of each file ends with that may be removed.
const OWN: [&[u8]; 2] = [b"-journal", b"-wal"];

/// The file system beneath ours, which lives as long as the process.
struct Base(*mut ffi::sqlite3_vfs);

// SAFETY: SQLite's own file systems are made once, are never changed, and serve all threads.
unsafe impl Send for Base {}
// SAFETY: as above.
unsafe impl Sync for Base {}

static REGISTERED: OnceLock<Option<Base>> = OnceLock::new();

/// Makes [`FILE_SYSTEM`] known to SQLite; false where that has no file system for it to stand on.
pub(super) fn register() -> bool {
    REGISTERED.get_or_init(made).is_some()
}

fn made() -> Option<Base> {
    // SAFETY: the name ends with a nul, and SQLite initialises itself.
    let base = unsafe { ffi::sqlite3_vfs_find(BASE.as_ptr()) };
    if base.is_null() {
        return None;
    }
    // SAFETY: what SQLite finds is a whole table, of functions and plain numbers, that stays.
    let mut ours = unsafe { std::ptr::read(base) };
    ours.zName = FILE_SYSTEM.as_ptr();
    ours.pNext = null_mut();
    ours.xOpen = Some(open);
    ours.xDelete = Some(delete);
    ours.xDlOpen = None;
    // It stays for as long as the process does.
    let ours = Box::leak(Box::new(ours));
    // SAFETY: the table is never moved, freed or changed by us again.
    let registered = unsafe { ffi::sqlite3_vfs_register(ours, 0) };
    (registered == ffi::SQLITE_OK).then_some(Base(base))
}

fn base() -> Option<*mut ffi::sqlite3_vfs> {
    REGISTERED.get()?.as_ref().map(|base| base.0)
}

/// Opens a file, unless a journal names it: whoever writes the journal of a database could name any file of the machine there,
/// and SQLite would remove it.
unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes a file of the size that the table says. Without methods it is closed by nobody.
    unsafe { (*file).pMethods = null() };
    let Some(base) = base() else { return ffi::SQLITE_CANTOPEN };
    if flags & ffi::SQLITE_OPEN_SUPER_JOURNAL != 0 {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: the table is SQLite's own.
    let Some(open) = (unsafe { (*base).xOpen }) else { return ffi::SQLITE_CANTOPEN };
    // SAFETY: all of it is what SQLite has given, for a table that differs in its names only.
    unsafe { open(base, name, file, flags, out) }
}

/// Removes a file that belongs to a database.
unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    let Some(base) = base() else { return ffi::SQLITE_IOERR_DELETE };
    // SAFETY: SQLite gives a name that ends with a nul.
    let text = unsafe { CStr::from_ptr(name) }.to_bytes();
    if !OWN.iter().any(|own| text.ends_with(own)) {
        return ffi::SQLITE_IOERR_DELETE;
    }
    // SAFETY: the table is SQLite's own.
    let Some(delete) = (unsafe { (*base).xDelete }) else { return ffi::SQLITE_IOERR_DELETE };
    // SAFETY: all of it is what SQLite has given.
    unsafe { delete(base, name, sync) }
}

/// Takes away what a connection could make tables of besides files: what a database says of itself is a stranger's.
pub(super) fn drop_modules(connection: &Connection) {
    // SAFETY: the connection is open, and nothing of it runs. Without a list none is kept.
    let _always_done = unsafe { ffi::sqlite3_drop_modules(connection.handle(), null_mut()) };
}

/// Bytes that SQLite has taken in the whole process.
pub(super) fn memory_used() -> i64 {
    // SAFETY: it reads a counter under a lock of its own.
    unsafe { ffi::sqlite3_memory_used() }
}
