//! The size classes of small blocks: pure arithmetic, no memory.
//!
//! Sizes up to 128 bytes go in steps of one granule, above that in four steps for each doubling, so a block
//! is never more than a quarter larger than what was asked for (or one granule, for the smallest).
//!
//! The largest class is 8 KiB, twice what one would expect. QuickJS has a small-block allocator of its own
//! and asks for chunks of just under 4 KiB, and its growing tables are powers of two plus a header of 8
//! bytes: both would waste half a page and more if they were rounded up to whole pages.

/// The unit of all block sizes and addresses: every block is aligned to at least this many bytes.
pub(super) const GRANULE: usize = 16;

/// The unit in which memory is taken from the arena, in bytes: the page of the operating system.
///
/// On a system with larger pages everything works as well, only less sparingly.
pub(super) const PAGE: usize = 4096;

/// How many size classes there are.
pub(super) const CLASSES: usize = 32;

/// The largest small block in bytes; larger ones are runs of whole pages.
pub(super) const LARGEST_SMALL: usize = block_size_of(CLASSES - 1);

/// Classes that are multiples of the granule, before the geometric steps begin.
const LINEAR_CLASSES: usize = 8;

/// The largest block of the linear classes, in bytes.
const LARGEST_LINEAR: usize = LINEAR_CLASSES * GRANULE;

/// A span is at least this many pages: enough that refilling a class is rare.
const SMALLEST_SPAN: usize = 4;

/// A span holds at least this many blocks, for the same reason.
const FEWEST_BLOCKS: usize = 8;

/// What each class looks like, computed at compile time.
static SHAPES: [Shape; CLASSES] = shapes();

/// The measures of a class.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Bytes of one block.
    pub(super) block_size: u16,
    /// Blocks in one span.
    pub(super) blocks: u16,
    /// Pages in one span.
    pub(super) pages: u8,
}

/// The measures of `class`, which must be below [`CLASSES`].
#[inline]
pub(super) fn shape(class: usize) -> Shape {
    SHAPES[class]
}

/// The smallest class whose blocks hold `size` bytes aligned to `align`, a power of two up to [`PAGE`].
///
/// None means that whole pages are needed.
#[inline]
pub(super) fn class_for(size: usize, align: usize) -> Option<usize> {
    if LARGEST_SMALL < size {
        return None;
    }
    if align <= GRANULE {
        return Some(class_of(size));
    }
    // Spans begin at a page, so a block is aligned if its size is a multiple of the alignment. Each fourth
    // class is a power of two: the search is short.
    (class_of(size.max(align))..CLASSES).find(|&class| block_size_of(class).is_multiple_of(align))
}

/// The smallest class whose blocks hold `size` bytes, at most [`LARGEST_SMALL`]; zero is served like one.
#[inline]
const fn class_of(size: usize) -> usize {
    let last = size.saturating_sub(1);
    if last < LARGEST_LINEAR {
        return last / GRANULE;
    }
    let log = last.ilog2() as usize;
    let quarter = (last >> (log - 2)) & 3;
    LINEAR_CLASSES + (log - LARGEST_LINEAR.ilog2() as usize) * 4 + quarter
}

/// The bytes of a block of `class`.
const fn block_size_of(class: usize) -> usize {
    if class < LINEAR_CLASSES {
        return (class + 1) * GRANULE;
    }
    let step = class - LINEAR_CLASSES;
    let doubling = step / 4;
    let quarter = step % 4;
    (LARGEST_LINEAR << doubling) + (quarter + 1) * ((LARGEST_LINEAR / 4) << doubling)
}

/// The smallest span for `class` that wastes at most a thirty-second part at its end.
const fn span_pages_of(class: usize) -> usize {
    let block_size = block_size_of(class);
    let mut pages = SMALLEST_SPAN;
    loop {
        let bytes = pages * PAGE;
        if FEWEST_BLOCKS <= bytes / block_size && bytes % block_size <= bytes / 32 {
            return pages;
        }
        pages += 1;
    }
}

const fn shapes() -> [Shape; CLASSES] {
    let mut shapes = [Shape { block_size: 0, blocks: 0, pages: 0 }; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        let pages = span_pages_of(class);
        let block_size = block_size_of(class);
        shapes[class] = Shape {
            block_size: block_size as u16,
            blocks: (pages * PAGE / block_size) as u16,
            pages: pages as u8,
        };
        class += 1;
    }
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_the_smallest_class_that_holds_it() {
        for size in 0..=LARGEST_SMALL {
            let class = class_for(size, 1).unwrap();
            let block_size = block_size_of(class);
            assert!(size <= block_size, "{size} in {block_size}");
            assert!(class == 0 || block_size_of(class - 1) < size, "{size} fits a smaller class");
            assert!(block_size - size < GRANULE.max(size / 4) + 1, "{size} wastes {}", block_size - size);
        }
        assert_eq!(class_for(LARGEST_SMALL + 1, 1), None);
        assert_eq!(class_for(usize::MAX, 1), None);
    }

    #[test]
    fn every_alignment_up_to_a_page_is_honoured() {
        for log in 0..=PAGE.ilog2() {
            let align = 1 << log;
            for size in 0..=LARGEST_SMALL {
                let block_size = block_size_of(class_for(size, align).unwrap());
                assert!(size <= block_size && block_size.is_multiple_of(align), "{size} aligned to {align}");
            }
        }
    }

    #[test]
    fn spans_are_small_and_nearly_full() {
        for class in 0..CLASSES {
            let Shape { block_size, blocks, pages } = shape(class);
            let (block_size, blocks, bytes) = (block_size as usize, blocks as usize, pages as usize * PAGE);
            assert_eq!(block_size, block_size_of(class));
            assert!(block_size.is_multiple_of(GRANULE));
            assert!(FEWEST_BLOCKS <= blocks && blocks * block_size <= bytes);
            assert!(bytes - blocks * block_size <= bytes / 32, "class {class} wastes too much");
            assert!(pages <= 16, "class {class} takes {pages} pages");
        }
        assert_eq!(LARGEST_SMALL, 8192);
    }
}
