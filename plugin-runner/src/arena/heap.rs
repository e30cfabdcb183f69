//! The allocator proper: blocks from one region of memory, which it knows nothing else about.
//!
//! A small block comes from a span of its size class: the block that was freed last (it is warm), else the
//! next one that was never used (so that memory is touched only when it is needed). A span without used
//! blocks goes back to the pool of pages. A large block is a run of pages; it grows and shrinks where it is
//! whenever it can.
#![allow(unsafe_code, reason = "an allocator hands out raw memory and links free blocks through themselves")]

use std::alloc::Layout;
use std::mem::size_of;
use std::ptr::{self, NonNull};
use std::slice;

use super::classes::{CLASSES, GRANULE, LARGEST_SMALL, PAGE, class_for, shape};
use super::pages::PagePool;
use super::spans::{Span, SpanTable};

/// The largest region in bytes: pages and granules are counted in 32 bits.
pub(super) const LARGEST_REGION: usize = 4 << 30;

/// On whose behalf memory is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The runner's own code, which may use all there is.
    Runner,
    /// The engine, which must leave the reserve free.
    Engine,
}

/// An allocator over one region. It is for one thread.
pub(super) struct Heap {
    base: NonNull<u8>,
    length: usize,
    pool: PagePool,
    table: SpanTable,
    capacity: usize,
    reserve_pages: usize,
    used: usize,
    peak: usize,
}

impl Heap {
    /// A heap over the `length` bytes at `base`, `reserve` bytes of which the engine must leave free.
    ///
    /// None if the region is too small for its own tables, or larger than [`LARGEST_REGION`].
    ///
    /// # Safety
    /// The region is readable, writable, zero, aligned to [`PAGE`] and used by nobody else as long as the
    /// heap or a block of it is used.
    pub(super) unsafe fn new(base: NonNull<u8>, length: usize, reserve: usize) -> Option<Self> {
        let pages = length / PAGE;
        let words = pages.div_ceil(u64::BITS as usize);
        let table_pages = (words * size_of::<u64>() + pages * size_of::<Span>()).div_ceil(PAGE);
        if LARGEST_REGION < length || pages <= table_pages {
            return None;
        }
        // SAFETY: both tables fit into the first `table_pages` pages, do not overlap and are aligned (the
        // words to the page, the spans to a word); all zero is a valid value of both. The caller gives the
        // region to the heap for as long as it lives, and the pages of the tables are taken below, so that no
        // block ever overlaps them.
        let (words, spans) = unsafe {
            let spans = base.cast::<u64>().add(words).cast::<Span>();
            (
                slice::from_raw_parts_mut(base.cast::<u64>().as_ptr(), words),
                slice::from_raw_parts_mut(spans.as_ptr(), pages),
            )
        };
        let mut pool = PagePool::new(words, pages);
        pool.take_at(0, table_pages);
        Some(Self {
            base,
            length: pages * PAGE,
            capacity: pool.free() * PAGE,
            pool,
            table: SpanTable::new(spans),
            reserve_pages: reserve / PAGE,
            used: 0,
            peak: 0,
        })
    }

    /// A block for `layout`, or none if there is not enough memory or the alignment is above a page.
    #[inline]
    pub(super) fn alloc(&mut self, layout: Layout, owner: Owner) -> Option<NonNull<u8>> {
        if PAGE < layout.align() {
            return None;
        }
        match class_for(layout.size(), layout.align()) {
            Some(class) => self.alloc_small(class, owner),
            None => self.alloc_large(layout.size().div_ceil(PAGE), owner),
        }
    }

    /// Like [`Heap::alloc`], with all bytes zero. Pages that were never used are zero already and stay
    /// untouched.
    pub(super) fn alloc_zeroed(&mut self, layout: Layout, owner: Owner) -> Option<NonNull<u8>> {
        let pristine = self.pool.pristine();
        let block = self.alloc(layout, owner)?;
        let page = self.page_of(block);
        if self.table.at(page).class().is_some() {
            // SAFETY: the block was just handed out for `layout`.
            unsafe { ptr::write_bytes(block.as_ptr(), 0, layout.size()) };
            return Some(block);
        }
        let end = page + self.table.at(page).pages as usize;
        for (start, end) in [(page, end.min(pristine.start)), (page.max(pristine.end), end)] {
            if start < end {
                // SAFETY: the pages lie within the large block that was just handed out.
                unsafe { ptr::write_bytes(self.base.as_ptr().add(start * PAGE), 0, (end - start) * PAGE) };
            }
        }
        Some(block)
    }

    /// Takes `block` back and returns how many bytes that were, as [`Heap::usable_size`] would have said.
    ///
    /// # Safety
    /// `block` was handed out by this heap, was not given back, and is not used any more.
    #[inline]
    pub(super) unsafe fn dealloc(&mut self, block: NonNull<u8>) -> usize {
        let head = self.table.head_of(self.page_of(block));
        let granule = (self.offset_of(block) / GRANULE) as u32;
        let span = self.table.at_mut(head);
        let Some(class) = span.class() else { return self.dealloc_large(head) };
        let shape = shape(class);
        // SAFETY: a block has at least one granule, is aligned to it, and by contract nobody else uses it.
        unsafe { block.cast::<u32>().write(span.free) };
        span.free = granule;
        let was_full = span.used == shape.blocks;
        span.used -= 1;
        let is_empty = span.used == 0;
        let bytes = shape.block_size as usize;
        self.used -= bytes;
        if was_full {
            self.make_available(head, class);
        } else if is_empty && !self.table.is_alone(head) {
            self.close(head, class);
        }
        bytes
    }

    /// Gives `block` another size, at its place if possible, and returns where it is now; it keeps its bytes
    /// up to the smaller of both sizes. None (and nothing is changed) if there is not enough memory;
    /// shrinking never fails.
    ///
    /// # Safety
    /// As for [`Heap::dealloc`], unless the result is none; and `align` is the alignment that `block` was
    /// asked with.
    pub(super) unsafe fn realloc(
        &mut self,
        block: NonNull<u8>,
        new_size: usize,
        align: usize,
        owner: Owner,
    ) -> Option<NonNull<u8>> {
        let old_size = self.usable_size(block);
        let stays = if LARGEST_SMALL < old_size.min(new_size) {
            self.resize_large(block, new_size, owner)
        } else {
            // A block is left only for one at most half its size: a buffer whose size goes up and down must
            // not be copied each time.
            new_size <= old_size && old_size / 2 < new_size
        };
        if stays {
            return Some(block);
        }
        let layout = Layout::from_size_align(new_size, align).ok()?;
        let Some(new_block) = self.alloc(layout, owner) else {
            return (new_size <= old_size).then_some(block);
        };
        // SAFETY: both blocks have at least that many bytes, and a block handed out overlaps no other. The
        // caller gives up the old one.
        unsafe {
            ptr::copy_nonoverlapping(block.as_ptr(), new_block.as_ptr(), old_size.min(new_size));
            self.dealloc(block);
        }
        Some(new_block)
    }

    /// Whether a block of `bytes` bytes could be handed out to the runner, with `spare` bytes left free.
    pub(super) fn has_room(&mut self, bytes: usize, spare: usize) -> bool {
        let Ok(layout) = Layout::from_size_align(bytes, GRANULE) else { return false };
        let peak = self.peak;
        let Some(block) = self.alloc(layout, Owner::Runner) else { return false };
        let has_spare = spare <= self.pool.free() * PAGE;
        // SAFETY: the block was just handed out, and nobody saw it.
        unsafe { self.dealloc(block) };
        self.peak = peak;
        has_spare
    }

    /// How many bytes `block`, which must be handed out by this heap, really has.
    #[inline]
    pub(super) fn usable_size(&self, block: NonNull<u8>) -> usize {
        let head = self.table.head_of(self.page_of(block));
        let span = self.table.at(head);
        match span.class() {
            Some(class) => shape(class).block_size as usize,
            None => span.pages as usize * PAGE,
        }
    }

    /// Whether `pointer` points into this heap's region.
    #[inline]
    pub(super) fn owns(&self, pointer: *const u8) -> bool {
        pointer.addr().wrapping_sub(self.base.addr().get()) < self.length
    }

    /// Bytes in blocks that are handed out, by their usable sizes.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// The most that [`Heap::used`] ever was.
    pub(super) fn peak(&self) -> usize {
        self.peak
    }

    /// Bytes that blocks can have in total.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Bytes that the engine must leave free.
    pub(super) fn reserve(&self) -> usize {
        self.reserve_pages * PAGE
    }

    #[inline]
    fn alloc_small(&mut self, class: usize, owner: Owner) -> Option<NonNull<u8>> {
        let page = match self.table.available(class) {
            Some(page) => page,
            None => self.open(class, owner)?,
        };
        let shape = shape(class);
        let bytes = shape.block_size as usize;
        let base = self.base;
        let span = self.table.at_mut(page);
        let block = if span.free == 0 {
            let offset = page * PAGE + span.fresh as usize * bytes;
            span.fresh += 1;
            // SAFETY: an available span without a free block has a fresh one, which lies within the region.
            unsafe { base.add(offset) }
        } else {
            // SAFETY: the list of a span leads only to its own free blocks, each holding the next link (see
            // `dealloc`), and the region is not above 2³² granules.
            unsafe {
                let block = base.add(span.free as usize * GRANULE);
                span.free = block.cast::<u32>().read();
                block
            }
        };
        span.used += 1;
        if span.used == shape.blocks {
            self.table.unlink(page, class);
        }
        self.count(bytes);
        Some(block)
    }

    #[cold]
    fn alloc_large(&mut self, pages: usize, owner: Owner) -> Option<NonNull<u8>> {
        let page = self.take_pages(pages, owner, PagePool::take_lowest)?;
        self.table.open_large(page, pages);
        self.count(pages * PAGE);
        // SAFETY: the pool has only pages of the region.
        Some(unsafe { self.base.add(page * PAGE) })
    }

    #[cold]
    fn dealloc_large(&mut self, page: usize) -> usize {
        let pages = self.table.at(page).pages as usize;
        self.pool.give_back(page, pages);
        self.used -= pages * PAGE;
        pages * PAGE
    }

    /// Resizes a large block, which stays large, at its place; false (and nothing is changed) if what follows
    /// is taken.
    fn resize_large(&mut self, block: NonNull<u8>, new_size: usize, owner: Owner) -> bool {
        let page = self.page_of(block);
        let old_pages = self.table.at(page).pages as usize;
        let new_pages = new_size.div_ceil(PAGE);
        if new_pages <= old_pages {
            self.pool.give_back(page + new_pages, old_pages - new_pages);
            self.used -= (old_pages - new_pages) * PAGE;
        } else {
            let more = new_pages - old_pages;
            if self.pool.free() < more.saturating_add(self.kept_from(owner))
                || !self.pool.take_at(page + old_pages, more)
            {
                return false;
            }
            self.count(more * PAGE);
        }
        self.table.at_mut(page).pages = new_pages as u32;
        true
    }

    /// A new span for `class`.
    #[cold]
    fn open(&mut self, class: usize, owner: Owner) -> Option<usize> {
        let page = self.take_pages(shape(class).pages as usize, owner, PagePool::take_highest)?;
        self.table.open(page, class);
        Some(page)
    }

    /// Gives the pages of an available span back.
    #[cold]
    fn close(&mut self, page: usize, class: usize) {
        self.table.unlink(page, class);
        self.pool.give_back(page, shape(class).pages as usize);
    }

    /// Lists a span that was full; it replaces an empty one that was kept.
    #[cold]
    fn make_available(&mut self, page: usize, class: usize) {
        if let Some(empty) = self.table.empty(class) {
            self.close(empty, class);
        }
        self.table.link(page, class);
    }

    /// Takes pages with `take`, if need be after closing the empty spans that were kept.
    fn take_pages(
        &mut self,
        pages: usize,
        owner: Owner,
        take: impl Fn(&mut PagePool, usize) -> Option<usize>,
    ) -> Option<usize> {
        let needed = pages.saturating_add(self.kept_from(owner));
        if needed <= self.pool.free()
            && let Some(page) = take(&mut self.pool, pages)
        {
            return Some(page);
        }
        for class in 0..CLASSES {
            if let Some(empty) = self.table.empty(class) {
                self.close(empty, class);
            }
        }
        if self.pool.free() < needed {
            return None;
        }
        take(&mut self.pool, pages)
    }

    /// The free pages that `owner` may not take.
    fn kept_from(&self, owner: Owner) -> usize {
        match owner {
            Owner::Runner => 0,
            Owner::Engine => self.reserve_pages,
        }
    }

    #[inline]
    fn count(&mut self, bytes: usize) {
        self.used += bytes;
        self.peak = self.peak.max(self.used);
    }

    #[inline]
    fn offset_of(&self, block: NonNull<u8>) -> usize {
        debug_assert!(self.owns(block.as_ptr()), "block is outside of the arena");
        block.addr().get() - self.base.addr().get()
    }

    #[inline]
    fn page_of(&self, block: NonNull<u8>) -> usize {
        self.offset_of(block) / PAGE
    }
}

/// The usable size of a block of `size` bytes with the least alignment, before it is asked for.
#[inline]
pub(super) fn usable_size_for(size: usize) -> usize {
    match class_for(size, GRANULE) {
        Some(class) => shape(class).block_size as usize,
        None => size.checked_next_multiple_of(PAGE).unwrap_or(usize::MAX),
    }
}
