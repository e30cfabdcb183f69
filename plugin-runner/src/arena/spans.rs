//! The side table: what each page of the arena is part of.
//!
//! Blocks have no headers; `free` finds the size of a block from its page alone. Keeping the bookkeeping
//! apart also keeps it out of reach of a small overflow, and lets a page of 4 KiB blocks hold nothing but
//! blocks.

use super::classes::{CLASSES, shape};

/// The class of a run of pages that is one large block.
const LARGE: u8 = u8::MAX;

/// A page number that stands for none: page zero holds the tables themselves.
const NONE: u32 = 0;

/// What the table knows of a page. All zero until the page is first used.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Span {
    /// The first free block, counted in granules from the start of the arena; zero for none. Blocks link on
    /// from here.
    pub(super) free: u32,
    /// The next span of the same class with a block to give.
    next: u32,
    /// The previous one.
    previous: u32,
    /// How many pages the span has; set at its first page.
    pub(super) pages: u32,
    /// Blocks that are handed out.
    pub(super) used: u16,
    /// Blocks that were ever handed out: those from here on were not touched since the span was opened.
    pub(super) fresh: u16,
    /// The size class, or [`LARGE`].
    class: u8,
    /// How many pages before this one the span begins.
    back: u8,
}

impl Span {
    /// The size class, or none for a large block.
    #[inline]
    pub(super) fn class(&self) -> Option<usize> {
        (self.class != LARGE).then_some(self.class as usize)
    }
}

/// All spans by page, and for each class those with a block to give.
///
/// A span without a used block is in its list only if it is alone there: one is kept so that a block which
/// comes and goes does not open and close a span each time.
pub(super) struct SpanTable {
    spans: &'static mut [Span],
    available: [u32; CLASSES],
}

impl SpanTable {
    /// A table over `spans`, which must be zero: one for each page.
    pub(super) fn new(spans: &'static mut [Span]) -> Self {
        Self { spans, available: [NONE; CLASSES] }
    }

    /// The span that begins at `page`.
    #[inline]
    pub(super) fn at(&self, page: usize) -> &Span {
        &self.spans[page]
    }

    /// The span that begins at `page`, to be changed.
    #[inline]
    pub(super) fn at_mut(&mut self, page: usize) -> &mut Span {
        &mut self.spans[page]
    }

    /// The first page of the span that `page` is part of. Of a large block only the first page may be asked.
    #[inline]
    pub(super) fn head_of(&self, page: usize) -> usize {
        page - self.spans[page].back as usize
    }

    /// A span of `class` with a block to give.
    #[inline]
    pub(super) fn available(&self, class: usize) -> Option<usize> {
        let page = self.available[class];
        (page != NONE).then_some(page as usize)
    }

    /// The span of `class` that is kept though it has no used block.
    pub(super) fn empty(&self, class: usize) -> Option<usize> {
        self.available(class).filter(|&page| self.spans[page].used == 0)
    }

    /// Whether the available span at `page` is the only one of its class.
    pub(super) fn is_alone(&self, page: usize) -> bool {
        let span = &self.spans[page];
        span.next == NONE && span.previous == NONE
    }

    /// Makes the pages from `page` an empty span of `class` and links it.
    pub(super) fn open(&mut self, page: usize, class: usize) {
        let pages = shape(class).pages;
        for back in 0..pages {
            let interior = &mut self.spans[page + back as usize];
            interior.class = class as u8;
            interior.back = back;
        }
        let span = &mut self.spans[page];
        (span.pages, span.free, span.used, span.fresh) = (pages as u32, 0, 0, 0);
        self.link(page, class);
    }

    /// Makes the `pages` pages from `page` one large block.
    pub(super) fn open_large(&mut self, page: usize, pages: usize) {
        let span = &mut self.spans[page];
        (span.class, span.back, span.pages) = (LARGE, 0, pages as u32);
    }

    /// Puts the span at `page` first among those of `class` with a block to give.
    pub(super) fn link(&mut self, page: usize, class: usize) {
        let next = self.available[class];
        if next != NONE {
            self.spans[next as usize].previous = page as u32;
        }
        let span = &mut self.spans[page];
        (span.next, span.previous) = (next, NONE);
        self.available[class] = page as u32;
    }

    /// Takes the span at `page` out of the list of `class`.
    pub(super) fn unlink(&mut self, page: usize, class: usize) {
        let Span { next, previous, .. } = self.spans[page];
        if previous == NONE {
            self.available[class] = next;
        } else {
            self.spans[previous as usize].next = next;
        }
        if next != NONE {
            self.spans[next as usize].previous = previous;
        }
    }
}
