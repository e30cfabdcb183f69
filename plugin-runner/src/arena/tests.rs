//! The heap against a model, and rows for what the model does not see.
#![allow(unsafe_code, reason = "tests use raw blocks as the engine would")]

use std::alloc::Layout;
use std::ptr::NonNull;

use super::classes::{GRANULE, LARGEST_SMALL, PAGE};
use super::heap::{Heap, Owner, usable_size_for};
use super::region;

/// Numbers that look random and are the same each time (xorshift).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    /// Mostly small sizes, as programs ask for, up to 1 MiB.
    fn size(&mut self) -> usize {
        let bits = [7, 7, 7, 10, 13, 14, 17, 20][self.below(8)];
        1 + self.below(1 << bits)
    }
}

const RESERVE: usize = 1 << 20;

fn heap(bytes: usize) -> Heap {
    let base = region::map(bytes).unwrap();
    // SAFETY: the region was just mapped and is never unmapped.
    unsafe { Heap::new(base, bytes, RESERVE) }.unwrap()
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

fn alloc(heap: &mut Heap, size: usize) -> Option<NonNull<u8>> {
    heap.alloc(layout(size, GRANULE), Owner::Runner)
}

fn dealloc(heap: &mut Heap, block: NonNull<u8>) -> usize {
    // SAFETY: the tests free each block once.
    unsafe { heap.dealloc(block) }
}

fn realloc(heap: &mut Heap, block: NonNull<u8>, size: usize) -> Option<NonNull<u8>> {
    // SAFETY: the tests use the old block no more unless the result is none.
    unsafe { heap.realloc(block, size, GRANULE, Owner::Runner) }
}

/// All usable bytes of a block.
fn bytes<'a>(heap: &Heap, block: NonNull<u8>) -> &'a mut [u8] {
    // SAFETY: the tests use no block after it was freed; the region lives for ever and was zero at first.
    unsafe { std::slice::from_raw_parts_mut(block.as_ptr(), heap.usable_size(block)) }
}

/// After everything was freed, all pages must be one run again.
fn check_all_free(heap: &mut Heap) {
    assert_eq!(heap.used(), 0);
    let capacity = heap.capacity();
    let all = alloc(heap, capacity).expect("one block of everything");
    assert_eq!(heap.used(), capacity);
    assert_eq!(alloc(heap, 1), None);
    assert_eq!(dealloc(heap, all), capacity);
}

/// A block of the model: filled with one byte that must stay.
struct Block {
    pointer: NonNull<u8>,
    size: usize,
    align: usize,
    fill: u8,
}

impl Block {
    fn fill(&mut self, heap: &Heap, fill: u8) {
        self.fill = fill;
        bytes(heap, self.pointer).fill(fill);
    }

    fn check(&self, heap: &Heap, size: usize) {
        assert!(self.size <= heap.usable_size(self.pointer));
        assert!(self.pointer.addr().get().is_multiple_of(self.align));
        assert!(heap.owns(self.pointer.as_ptr()));
        // Compared with itself one byte on: one call of memcmp.
        let bytes = &bytes(heap, self.pointer)[..size];
        assert!(bytes[0] == self.fill && bytes[1..] == bytes[..size - 1], "overwritten");
    }
}

#[test]
fn random_blocks_keep_their_bytes_and_are_counted_exactly() {
    for (seed, arena, steps) in [(1, 128 << 20, 40_000), (2, 16 << 20, 40_000), (3, 1 << 20, 20_000)] {
        let mut random = Random::new(seed);
        let mut heap = heap(arena);
        let mut blocks: Vec<Block> = Vec::new();
        let (mut used, mut peak, mut refused) = (0, 0, 0);
        for step in 0..steps {
            // The number of blocks swings, so that spans fill up and become empty.
            let growing = step / 2_000 % 2 == 0;
            match random.below(if growing { 12 } else { 24 }) {
                0..6 => {
                    let (size, align) = (random.size(), 1 << random.below(13));
                    let zeroed = random.below(4) == 0;
                    let pointer = match zeroed {
                        true => heap.alloc_zeroed(layout(size, align), Owner::Runner),
                        false => heap.alloc(layout(size, align), Owner::Runner),
                    };
                    let Some(pointer) = pointer else {
                        refused += 1;
                        continue;
                    };
                    let mut block = Block { pointer, size, align, fill: 0 };
                    if zeroed {
                        block.check(&heap, size);
                    }
                    block.fill(&heap, step as u8);
                    used += heap.usable_size(pointer);
                    blocks.push(block);
                }
                6..9 if !blocks.is_empty() => {
                    let index = random.below(blocks.len());
                    let size = random.size();
                    let block = &mut blocks[index];
                    let old_size = heap.usable_size(block.pointer);
                    block.check(&heap, old_size);
                    // SAFETY: the model replaces the old block by the new one.
                    let moved = unsafe { heap.realloc(block.pointer, size, block.align, Owner::Runner) };
                    let Some(pointer) = moved else {
                        assert!(block.size < size, "shrinking never fails");
                        block.check(&heap, block.size);
                        refused += 1;
                        continue;
                    };
                    used = used - old_size + heap.usable_size(pointer);
                    let kept = block.size.min(size);
                    (block.pointer, block.size) = (pointer, size);
                    block.check(&heap, kept);
                    block.fill(&heap, step as u8);
                }
                _ if !blocks.is_empty() => {
                    let block = blocks.swap_remove(random.below(blocks.len()));
                    let size = heap.usable_size(block.pointer);
                    block.check(&heap, size);
                    assert_eq!(dealloc(&mut heap, block.pointer), size);
                    used -= size;
                }
                _ => {}
            }
            peak = peak.max(used);
            assert_eq!(heap.used(), used);
            assert!(peak <= heap.peak() && heap.used() <= heap.capacity());
        }
        assert_eq!(refused == 0, arena == 128 << 20, "only the small arenas run out: {refused}");
        for block in blocks {
            block.check(&heap, heap.usable_size(block.pointer));
            dealloc(&mut heap, block.pointer);
        }
        check_all_free(&mut heap);
    }
}

#[test]
fn the_usable_size_is_known_before() {
    let mut heap = heap(8 << 20);
    for size in (0..3 * LARGEST_SMALL).chain([100_000, 1 << 20]) {
        let block = alloc(&mut heap, size).unwrap();
        assert_eq!(heap.usable_size(block), usable_size_for(size));
        assert!(size <= usable_size_for(size));
        dealloc(&mut heap, block);
    }
    assert_eq!(usable_size_for(usize::MAX), usize::MAX);
}

#[test]
fn exhaustion_refuses_and_leaves_the_heap_usable() {
    for size in [16, 100, 4000, 8192, 8193, 70_000, 1 << 20] {
        let mut heap = heap(4 << 20);
        let mut blocks = Vec::new();
        while let Some(block) = alloc(&mut heap, size) {
            bytes(&heap, block).fill(1);
            blocks.push(block);
        }
        assert!(heap.capacity() / 2 < heap.used(), "{size}");
        assert_eq!(heap.alloc_zeroed(layout(size, 1), Owner::Runner), None);
        let last = blocks.pop().unwrap();
        assert_eq!(realloc(&mut heap, last, 3 << 20), None);
        assert_eq!(realloc(&mut heap, last, size), Some(last));
        dealloc(&mut heap, last);
        assert_eq!(alloc(&mut heap, size), Some(last), "the warm block of {size}");
        blocks.push(last);
        for block in blocks {
            dealloc(&mut heap, block);
        }
        check_all_free(&mut heap);
    }
}

#[test]
fn impossible_requests_are_refused() {
    let mut heap = heap(1 << 20);
    for (size, align) in
        [(1, 2 * PAGE), (1 << 20, 1), (isize::MAX as usize - 15, 16), (usize::MAX / 2 - 8191, 4096)]
    {
        assert_eq!(heap.alloc(layout(size, align), Owner::Runner), None, "{size} aligned to {align}");
        assert_eq!(heap.alloc_zeroed(layout(size, align), Owner::Engine), None, "{size} aligned to {align}");
    }
    let block = alloc(&mut heap, 20_000).unwrap();
    for size in [isize::MAX as usize, usize::MAX, 1 << 20] {
        assert_eq!(realloc(&mut heap, block, size), None, "{size}");
    }
    dealloc(&mut heap, block);
    check_all_free(&mut heap);
}

#[test]
fn regions_too_small_or_too_large_are_refused() {
    let base = region::map(1 << 20).unwrap();
    for length in [0, PAGE - 1, PAGE, (4 << 30) + PAGE] {
        // SAFETY: the region is not touched before its size was checked.
        assert!(unsafe { Heap::new(base, length, 0) }.is_none(), "{length}");
    }
    // SAFETY: the region was just mapped.
    let mut heap = unsafe { Heap::new(base, 2 * PAGE + 5, 0) }.unwrap();
    assert_eq!(heap.capacity(), PAGE);
    assert_eq!(alloc(&mut heap, 16), None, "a span does not fit");
}

#[test]
fn the_largest_region_works_to_its_last_page() {
    let mut heap = heap(4 << 30);
    let first = alloc(&mut heap, 100).unwrap();
    bytes(&heap, first).fill(7);
    let second = alloc(&mut heap, 100).unwrap();
    dealloc(&mut heap, first);
    assert_eq!(alloc(&mut heap, 100), Some(first));
    dealloc(&mut heap, second);
    dealloc(&mut heap, first);
    check_all_free(&mut heap);
}

#[test]
fn the_engine_leaves_the_reserve() {
    for size in [64, 4096, 50_000] {
        let mut heap = heap(8 << 20);
        while heap.alloc(layout(size, GRANULE), Owner::Engine).is_some() {}
        let left = heap.capacity() - heap.used();
        assert!((RESERVE..RESERVE + (1 << 19)).contains(&left), "{left} left by blocks of {size}");
        let mine = alloc(&mut heap, RESERVE - 64 * 1024).expect("the reserve in one piece");
        // SAFETY: the block is replaced.
        assert_eq!(unsafe { heap.realloc(mine, 2 * RESERVE, GRANULE, Owner::Engine) }, None);
    }
}

#[test]
fn large_blocks_grow_and_shrink_at_their_place() {
    let mut heap = heap(8 << 20);
    let small = alloc(&mut heap, 50).unwrap();
    let block = alloc(&mut heap, 10_000).unwrap();
    for size in [20_000, 100_000, 1 << 20, 5 << 20, 1 << 20, 12_289, 12_000, 8193, 6 << 20] {
        assert_eq!(realloc(&mut heap, block, size), Some(block), "{size}");
        assert_eq!(heap.used(), 64 + usable_size_for(size), "{size}");
    }
    assert_eq!(realloc(&mut heap, block, 30_000), Some(block));
    let behind = alloc(&mut heap, 9_000).unwrap();
    bytes(&heap, block).fill(3);
    let moved = realloc(&mut heap, block, 40_000).unwrap();
    assert_ne!(moved, block);
    assert!(bytes(&heap, moved)[..30_000].iter().all(|&byte| byte == 3));
    assert_eq!(realloc(&mut heap, behind, 9_100), Some(behind));
    assert_eq!(realloc(&mut heap, small, 33), Some(small), "more than half stays");
    for block in [small, moved, behind] {
        dealloc(&mut heap, block);
    }
    check_all_free(&mut heap);
}

#[test]
fn a_large_block_that_becomes_small_moves_among_the_small_ones() {
    let mut heap = heap(1 << 20);
    let block = alloc(&mut heap, 20_000).unwrap();
    bytes(&heap, block).fill(9);
    let small = realloc(&mut heap, block, 100).unwrap();
    assert_eq!(heap.used(), 112);
    assert!(bytes(&heap, small)[..100].iter().all(|&byte| byte == 9));
    dealloc(&mut heap, small);
    check_all_free(&mut heap);
}

#[test]
fn zeroed_blocks_are_zero_even_where_memory_was_used() {
    let mut heap = heap(4 << 20);
    for size in [1_usize, 100, 4096, 9_000, 100_000, 3 << 20] {
        for _ in 0..2 {
            // The first half of the block was used before, the rest was not.
            let dirty = alloc(&mut heap, size.div_ceil(2)).unwrap();
            bytes(&heap, dirty).fill(0xff);
            dealloc(&mut heap, dirty);
            let zeroed = heap.alloc_zeroed(layout(size, GRANULE), Owner::Runner).unwrap();
            assert!(bytes(&heap, zeroed)[..size].iter().all(|&byte| byte == 0), "{size}");
            dealloc(&mut heap, zeroed);
        }
    }
}

/// Pages of the heap that have memory behind them.
#[cfg(target_os = "linux")]
fn committed(heap: &Heap, region: NonNull<u8>) -> usize {
    let mut pages = vec![0_u8; heap.capacity().div_ceil(PAGE)];
    // SAFETY: the region is mapped, and there is a byte for each page of it that is asked about.
    let result = unsafe { libc::mincore(region.as_ptr().cast(), pages.len() * PAGE, pages.as_mut_ptr()) };
    assert_eq!(result, 0);
    pages.iter().filter(|&&page| page & 1 != 0).count()
}

#[test]
#[cfg(target_os = "linux")]
fn untouched_pages_stay_uncommitted() {
    let length = 256 << 20;
    let region = region::map(length).unwrap();
    // SAFETY: the region was just mapped and is never unmapped.
    let mut heap = unsafe { Heap::new(region, length, RESERVE) }.unwrap();
    assert!(committed(&heap, region) <= 1, "an unused heap");
    let zeroed = heap.alloc_zeroed(layout(100 << 20, GRANULE), Owner::Runner).unwrap();
    let plain = alloc(&mut heap, 50 << 20).unwrap();
    assert!(committed(&heap, region) <= 4, "unused blocks");
    for page in bytes(&heap, plain).chunks_mut(PAGE).take(100) {
        page[0] = 1;
    }
    assert!((100..=104).contains(&committed(&heap, region)));
    dealloc(&mut heap, plain);
    dealloc(&mut heap, zeroed);
    for _ in 0..1000 {
        let block = alloc(&mut heap, 100).unwrap();
        bytes(&heap, block).fill(1);
        dealloc(&mut heap, block);
    }
    assert!(committed(&heap, region) <= 110, "a block that comes and goes");
}
