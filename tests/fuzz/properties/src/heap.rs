//! How much of the heap is taken: counted, so that a bound on it holds on every machine and in every build.
#![allow(
    unsafe_code,
    reason = "an allocator is unsafe to write; this one counts and lets the system do the rest"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, which counts what each thread takes.
struct Counting;

#[global_allocator]
static HEAP: Counting = Counting;

thread_local! {
    /// Bytes that this thread took and did not give back. Below zero if it gave back what others took.
    static TAKEN: Cell<isize> = const { Cell::new(0) };
    /// The most that it was since the last reset.
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// Does `work` and says how many bytes of the heap it had at one time, beyond what was taken before.
pub(crate) fn most_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = TAKEN.get();
    MOST.set(before);
    let result = work();
    (result, usize::try_from(MOST.get() - before).unwrap_or(0))
}

fn take(bytes: usize) {
    TAKEN.set(TAKEN.get() + bytes as isize);
    MOST.set(MOST.get().max(TAKEN.get()));
}

fn give_back(bytes: usize) {
    TAKEN.set(TAKEN.get() - bytes as isize);
}

// SAFETY: every call is passed on as it is, and counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: the caller keeps the promises of this function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: the caller keeps the promises of this function.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        give_back(layout.size());
        // SAFETY: the caller keeps the promises of this function.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are there while the bytes are copied.
        take(size);
        give_back(layout.size());
        // SAFETY: the caller keeps the promises of this function.
        unsafe { System.realloc(at, layout, size) }
    }
}
