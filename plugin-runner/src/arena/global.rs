//! The arena of this process and the global allocator that turns to it.
//!
//! An application that re-executes itself as a runner has one global allocator for both lives. In its life as
//! host the arena does not exist and everything goes to the system's allocator, for the price of one relaxed
//! load and a branch that is always predicted. A runner calls [`activate`] first thing, and from then on
//! lives from the arena.
#![allow(unsafe_code, reason = "a global allocator is an unsafe trait over one static heap")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::error::Error;
use std::fmt;
use std::io;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::classes::PAGE;
use super::engine;
use super::heap::{Heap, LARGEST_REGION, Owner};
use super::region;

/// The smallest arena in bytes: the engine's half of it holds a context and a small plugin.
pub const LEAST_ARENA: usize = 4 << 20;

/// The largest arena in bytes.
pub const MOST_ARENA: usize = LARGEST_REGION;

/// What the engine must always leave for Rust, in bytes: enough to take in, to answer and to report what
/// happened. In a large arena it is a sixteenth part, since messages may then be larger too.
const LEAST_RESERVE: usize = 2 << 20;

/// What [`has_room`] leaves free, in bytes: half of what the engine does, for all the small blocks that nobody asks
/// about.
const SPARE: usize = LEAST_RESERVE / 2;

/// Whether [`HEAP`] is there.
static ACTIVE: AtomicBool = AtomicBool::new(false);

static HEAP: HeapCell = HeapCell(UnsafeCell::new(MaybeUninit::uninit()));

static EXHAUSTED_HOOK: OnceLock<fn() -> !> = OnceLock::new();

struct HeapCell(UnsafeCell<MaybeUninit<Heap>>);

// SAFETY: the cell is written and read only in a process that called `activate`, whose caller promised that
// this process has one thread for ever.
unsafe impl Sync for HeapCell {}

/// Why there is no arena.
#[derive(Debug)]
#[non_exhaustive]
pub enum ActivateError {
    /// This process has its arena already.
    AlreadyActive,
    /// The size is not between [`LEAST_ARENA`] and [`MOST_ARENA`].
    Size {
        /// The bytes that were asked for.
        asked: usize,
    },
    /// The system did not map the memory.
    Map {
        /// The bytes that were asked for.
        asked: usize,
        /// What the system said.
        source: io::Error,
    },
}

impl fmt::Display for ActivateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyActive => write!(formatter, "the arena of this process is active already"),
            Self::Size { asked } => {
                write!(
                    formatter,
                    "expected an arena of {LEAST_ARENA} to {MOST_ARENA} bytes, found {asked} bytes"
                )
            }
            Self::Map { asked, .. } => write!(formatter, "the system maps no arena of {asked} bytes"),
        }
    }
}

impl Error for ActivateError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Map { source, .. } => Some(source),
            Self::AlreadyActive | Self::Size { .. } => None,
        }
    }
}

/// Maps an arena of `bytes` bytes; from now on all memory of this process, Rust's and the engine's, comes
/// from it.
///
/// Blocks from before stay where they are and are leaked when they are freed: giving them back could be a
/// system call.
///
/// # Errors
/// If the arena is active already, `bytes` is out of bounds, or the system does not map it; then nothing has
/// changed.
///
/// # Safety
/// The process has exactly one thread, now and until it ends: a second one, even one that only allocates,
/// would race.
pub unsafe fn activate(bytes: usize) -> Result<(), ActivateError> {
    if ACTIVE.load(Ordering::Relaxed) {
        return Err(ActivateError::AlreadyActive);
    }
    if !(LEAST_ARENA..=MOST_ARENA).contains(&bytes) {
        return Err(ActivateError::Size { asked: bytes });
    }
    let base = region::map(bytes).map_err(|source| ActivateError::Map { asked: bytes, source })?;
    // SAFETY: the region was just mapped: zero, aligned to a page, never unmapped, and known to nobody else.
    let heap = unsafe { Heap::new(base, bytes, reserve_of(bytes)) };
    let heap = heap.ok_or(ActivateError::Size { asked: bytes })?;
    // SAFETY: nobody reads the cell before ACTIVE is set, and by contract there is no other thread.
    unsafe { (*HEAP.0.get()).write(heap) };
    ACTIVE.store(true, Ordering::Relaxed);
    engine::set_engine_limit(usize::MAX);
    Ok(())
}

/// Whether this process lives from an arena.
pub fn is_active() -> bool {
    ACTIVE.load(Ordering::Relaxed)
}

/// Whether Rust's memory comes from the arena: it is active, and [`ArenaAlloc`] is this program's allocator. Without that
/// a runner cannot do without system calls for memory.
pub fn is_installed() -> bool {
    let block = std::hint::black_box(Box::new(0_u8));
    with_heap(|heap| heap.owns(std::ptr::from_ref(&*block).cast_mut())).unwrap_or(false)
}

/// Sets what is called when Rust asks the arena for memory that is not there; only the first call has an
/// effect.
///
/// Setting it may be a system call, so it is done before lockdown. The hook must not allocate. Without one,
/// Rust's own handler of failed allocations prints and aborts, with system calls that a locked runner dies
/// of. A fallible allocation (`try_reserve`) ends in the hook as well: for sizes that come from a plugin, ask
/// [`has_room`] first.
pub fn set_exhausted_hook(hook: fn() -> !) {
    let _first_one_stays = EXHAUSTED_HOOK.set(hook);
}

/// Whether Rust can have a block of `bytes` bytes now, in one piece, and go on working; without an arena it always can.
pub fn has_room(bytes: usize) -> bool {
    with_heap(|heap| heap.has_room(bytes, SPARE)).unwrap_or(true)
}

/// Bytes of the arena that are handed out, to Rust and to the engine; zero without an arena.
pub fn arena_used() -> usize {
    with_heap(|heap| heap.used()).unwrap_or(0)
}

/// The most bytes that were ever handed out at the same time; zero without an arena.
pub fn arena_peak() -> usize {
    with_heap(|heap| heap.peak()).unwrap_or(0)
}

/// Bytes that the arena can hand out in total, a little less than its size; zero without an arena.
pub fn arena_capacity() -> usize {
    with_heap(|heap| heap.capacity()).unwrap_or(0)
}

/// The most that the engine may use: what the arena has, less the reserve; without an arena there is no
/// bound.
pub(super) fn engine_ceiling() -> usize {
    with_heap(|heap| heap.capacity().saturating_sub(heap.reserve())).unwrap_or(usize::MAX)
}

/// Calls `work` with the arena of this process, if it has one. `work` must not allocate except from what it
/// is given.
#[inline]
pub(super) fn with_heap<R>(work: impl FnOnce(&mut Heap) -> R) -> Option<R> {
    if !ACTIVE.load(Ordering::Relaxed) {
        return None;
    }
    // SAFETY: ACTIVE is set after the cell was written, by a caller of `activate` who promised that there is
    // no other thread. No two borrows overlap, since this is the only place that makes one and `work` never
    // comes back here.
    let heap = unsafe { (*HEAP.0.get()).assume_init_mut() };
    Some(work(heap))
}

/// The global allocator of every executable that can become a runner: the system's until [`activate`] is
/// called, the arena from then on.
pub struct ArenaAlloc;

// SAFETY: both allocators behind this keep the contract of the trait: the system's by definition, the heap as
// its methods say. A block of one never reaches the other: in a runner `owns` tells them apart, and before it
// is one there are no blocks of the heap.
unsafe impl GlobalAlloc for ArenaAlloc {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match with_heap(|heap| heap.alloc(layout, Owner::Runner)) {
            Some(block) => block_or_exhausted(block),
            // SAFETY: the caller keeps the contract of this same method.
            None => unsafe { System.alloc(layout) },
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match with_heap(|heap| heap.alloc_zeroed(layout, Owner::Runner)) {
            Some(block) => block_or_exhausted(block),
            // SAFETY: the caller keeps the contract of this same method.
            None => unsafe { System.alloc_zeroed(layout) },
        }
    }

    #[inline]
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let in_arena = with_heap(|heap| {
            // A block from before the arena is leaked: the C library might unmap it, and a locked runner
            // would die.
            if let Some(block) = NonNull::new(pointer).filter(|_| heap.owns(pointer)) {
                // SAFETY: the block is the heap's own, and the caller gives it up.
                unsafe { heap.dealloc(block) };
            }
        });
        if in_arena.is_none() {
            // SAFETY: the caller keeps the contract of this same method.
            unsafe { System.dealloc(pointer, layout) }
        }
    }

    #[inline]
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let in_arena = with_heap(|heap| match NonNull::new(pointer).filter(|_| heap.owns(pointer)) {
            // SAFETY: the block is the heap's own, has this alignment, and the caller gives it up.
            Some(block) => unsafe { heap.realloc(block, new_size, layout.align(), Owner::Runner) },
            // SAFETY: the block has `layout`, by the contract of this method.
            None => unsafe { copy_into(heap, pointer, layout, new_size) },
        });
        match in_arena {
            Some(block) => block_or_exhausted(block),
            // SAFETY: the caller keeps the contract of this same method.
            None => unsafe { System.realloc(pointer, layout, new_size) },
        }
    }
}

/// Moves a block from before the arena into it and leaks the old one.
///
/// # Safety
/// `pointer` has at least the bytes of `layout`.
#[cold]
unsafe fn copy_into(
    heap: &mut Heap,
    pointer: *mut u8,
    layout: Layout,
    new_size: usize,
) -> Option<NonNull<u8>> {
    let new_layout = Layout::from_size_align(new_size, layout.align()).ok()?;
    let block = heap.alloc(new_layout, Owner::Runner)?;
    // SAFETY: both have that many bytes, and a block that was just handed out overlaps nothing.
    unsafe { ptr::copy_nonoverlapping(pointer, block.as_ptr(), layout.size().min(new_size)) };
    Some(block)
}

#[inline]
fn block_or_exhausted(block: Option<NonNull<u8>>) -> *mut u8 {
    match block {
        Some(block) => block.as_ptr(),
        None => exhausted(),
    }
}

#[cold]
fn exhausted() -> *mut u8 {
    match EXHAUSTED_HOOK.get() {
        Some(hook) => hook(),
        None => ptr::null_mut(),
    }
}

/// The part of an arena of `bytes` bytes that is kept from the engine.
fn reserve_of(bytes: usize) -> usize {
    (bytes / 16).max(LEAST_RESERVE).next_multiple_of(PAGE)
}
