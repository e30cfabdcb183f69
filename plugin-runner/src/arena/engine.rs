//! The engine's share of the memory: the same heap, with a budget of its own.
//!
//! QuickJS takes an allocation that fails for an error of the script and goes on, so its memory must run out
//! before Rust's does. It mostly reports such an error as `throw null`, which a script may throw as well:
//! therefore a flag here remembers that it was really the memory. A single request that the whole budget could not serve
//! says nothing about the memory that is left, and does not set it.
//!
//! A process without an arena (an embedder who did not install the allocator) gets the same budget over the C
//! library.
#![allow(unsafe_code, reason = "the engine's allocator is an unsafe trait over raw memory")]

use std::alloc::Layout;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rquickjs::allocator::Allocator;

use super::classes::GRANULE;
use super::fallback;
use super::global::{engine_ceiling, is_active, with_heap};
use super::heap::{Owner, usable_size_for};

static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);
static USED: AtomicUsize = AtomicUsize::new(0);
static EXHAUSTED: AtomicBool = AtomicBool::new(false);

/// The allocator to start the engine with (`Runtime::new_with_alloc(EngineAlloc)`).
///
/// All engines of a process share one budget; a runner has one engine.
pub struct EngineAlloc;

/// Sets the most bytes that the engine may have, by the usable sizes of its blocks.
///
/// In an arena the limit is never above what leaves the reserve for Rust, and it is that from the beginning.
/// A limit below [`engine_used`] takes nothing away: the engine just gets no more.
pub fn set_engine_limit(bytes: usize) {
    LIMIT.store(bytes.min(engine_ceiling()), Ordering::Relaxed);
}

/// The most bytes that the engine may have.
pub fn engine_limit() -> usize {
    LIMIT.load(Ordering::Relaxed)
}

/// Bytes that the engine has, by the usable sizes of its blocks.
pub fn engine_used() -> usize {
    USED.load(Ordering::Relaxed)
}

/// Whether the engine was refused memory since the start or since [`clear_engine_exhausted`], for requests that would
/// have fit if it had used less.
pub fn engine_exhausted() -> bool {
    EXHAUSTED.load(Ordering::Relaxed)
}

/// Whether the engine has used nearly all that it may have: less than an eighth is left, which may be in pieces.
pub fn is_engine_full() -> bool {
    let limit = engine_limit();
    limit - limit / 8 < engine_used()
}

/// Forgets that the engine was refused memory.
pub fn clear_engine_exhausted() {
    EXHAUSTED.store(false, Ordering::Relaxed);
}

/// Runs `work`, and says besides its result whether the engine was refused memory meanwhile. The engine does not always
/// report it: a job that has no memory is lost.
pub fn watch_engine_exhausted<R>(work: impl FnOnce() -> R) -> (R, bool) {
    let before = EXHAUSTED.swap(false, Ordering::Relaxed);
    let result = work();
    let meanwhile = EXHAUSTED.fetch_or(before, Ordering::Relaxed);
    (result, meanwhile)
}

// SAFETY: the heap and the C library hand out memory of at least the size asked for, aligned to 16 bytes (the
// C library: to what it promises for every type), and know the usable size of each block. Which of both a
// block is from is told by the heap's `owns`.
unsafe impl Allocator for EngineAlloc {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        grant(0, size, || {
            let in_arena = with_heap(|heap| heap.alloc(layout_of(size)?, Owner::Engine));
            in_arena.unwrap_or_else(|| fallback::alloc(size))
        })
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        let Some(size) = count.checked_mul(size) else { return ptr::null_mut() };
        grant(0, size, || {
            let in_arena = with_heap(|heap| heap.alloc_zeroed(layout_of(size)?, Owner::Engine));
            in_arena.unwrap_or_else(|| fallback::alloc_zeroed(size))
        })
    }

    unsafe fn dealloc(&mut self, pointer: *mut u8) {
        let Some(block) = NonNull::new(pointer) else { return };
        let freed = with_heap(|heap| match heap.owns(pointer) {
            // SAFETY: the block is the heap's own, and the engine gives it up.
            true => unsafe { heap.dealloc(block) },
            // From before the arena, as in the global allocator: leaked, and still counted.
            false => 0,
        });
        let freed = freed.unwrap_or_else(|| {
            // SAFETY: without an arena, all blocks of the engine are the C library's; the engine gives this
            // one up.
            unsafe { fallback::dealloc(block) }
        });
        USED.fetch_sub(freed, Ordering::Relaxed);
    }

    unsafe fn realloc(&mut self, pointer: *mut u8, new_size: usize) -> *mut u8 {
        let Some(block) = NonNull::new(pointer) else { return self.alloc(new_size) };
        // SAFETY: the engine owns the block.
        let old_size = unsafe { Self::usable_size(pointer) };
        grant(old_size, new_size, || {
            let in_arena = with_heap(|heap| match heap.owns(pointer) {
                // SAFETY: the block is the heap's own, has this alignment, and the engine gives it up.
                true => unsafe { heap.realloc(block, new_size, GRANULE, Owner::Engine) },
                // An engine that lived before the arena cannot move in: it gets no more memory.
                false => None,
            });
            // SAFETY: without an arena, all blocks of the engine are the C library's.
            in_arena.unwrap_or_else(|| unsafe { fallback::realloc(block, new_size) })
        })
    }

    unsafe fn usable_size(pointer: *mut u8) -> usize {
        let Some(block) = NonNull::new(pointer) else { return 0 };
        let in_arena = with_heap(|heap| heap.owns(pointer).then(|| heap.usable_size(block)));
        match in_arena.flatten() {
            Some(size) => size,
            // SAFETY: what is not in an arena is the C library's.
            None => unsafe { fallback::usable_size(block) },
        }
    }
}

/// Calls `take` for a block of `new_size` bytes in place of `old_size` usable ones, if the budget allows it,
/// and accounts for what it returned.
#[inline]
fn grant(old_size: usize, new_size: usize, take: impl FnOnce() -> Option<NonNull<u8>>) -> *mut u8 {
    let others = USED.load(Ordering::Relaxed).saturating_sub(old_size);
    let wanted = if is_active() { usable_size_for(new_size) } else { new_size };
    let limit = LIMIT.load(Ordering::Relaxed);
    // A block that shrinks is served even above a limit that was lowered meanwhile.
    if old_size < wanted && limit < others.saturating_add(wanted) {
        return refuse(wanted, limit);
    }
    let Some(block) = take() else { return refuse(wanted, limit) };
    // SAFETY: the block was just handed out.
    let usable = unsafe { EngineAlloc::usable_size(block.as_ptr()) };
    // Adding the difference may wrap around on its way to the right sum.
    USED.fetch_add(usable.wrapping_sub(old_size), Ordering::Relaxed);
    block.as_ptr()
}

#[cold]
fn refuse(wanted: usize, limit: usize) -> *mut u8 {
    if wanted <= limit {
        EXHAUSTED.store(true, Ordering::Relaxed);
    }
    ptr::null_mut()
}

fn layout_of(size: usize) -> Option<Layout> {
    Layout::from_size_align(size, GRANULE).ok()
}
