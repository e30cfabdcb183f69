//! Which pages of the arena are taken: one bit a page, searched a word at a time.
//!
//! Both ends of the arena are used. Small spans come from the top, large runs from the bottom: so a growing
//! buffer has other buffers or nothing behind it, not a stray page of small blocks, and can mostly grow where
//! it is. The lowest (highest) fitting run wins, because memory that was used before is warm and already
//! committed.

use std::ops::Range;

/// The pages of a word.
const WORD: usize = u64::BITS as usize;

/// A set of pages, numbered from zero, with a bit for each: set means taken.
pub(super) struct PagePool {
    taken: &'static mut [u64],
    free: usize,
    /// All words below this one are full: where a search from the bottom begins.
    lowest: usize,
    /// All words from this one on are full: where a search from the top begins.
    highest: usize,
    /// Pages that were never handed out, hence still zero and without memory behind them.
    pristine: Range<usize>,
}

impl PagePool {
    /// A pool of `pages` pages with none taken; `taken` must be zero and have a bit for each page.
    pub(super) fn new(taken: &'static mut [u64], pages: usize) -> Self {
        let mut pool = Self { lowest: 0, highest: taken.len(), free: pages, pristine: 0..pages, taken };
        let bits = pool.bits();
        pool.mark(pages..bits, true);
        pool
    }

    /// How many pages are free.
    pub(super) fn free(&self) -> usize {
        self.free
    }

    /// The pages that were never taken: their memory is zero.
    pub(super) fn pristine(&self) -> Range<usize> {
        self.pristine.clone()
    }

    /// Takes the lowest run of `count` free pages and returns its first page.
    pub(super) fn take_lowest(&mut self, count: usize) -> Option<usize> {
        if self.free < count {
            return None;
        }
        let mut from = self.lowest * WORD;
        let mut first_hole = true;
        loop {
            let start = self.next_free(from)?;
            if first_hole {
                self.lowest = start / WORD;
                first_hole = false;
            }
            let end = self.end_of_free(start, start + count);
            if end == start + count {
                self.take(start..end);
                return Some(start);
            }
            from = end;
        }
    }

    /// Takes the highest run of `count` free pages and returns its first page.
    pub(super) fn take_highest(&mut self, count: usize) -> Option<usize> {
        if self.free < count {
            return None;
        }
        let mut before = self.highest * WORD;
        let mut first_hole = true;
        loop {
            let end = self.previous_free(before)? + 1;
            if first_hole {
                self.highest = end.div_ceil(WORD);
                first_hole = false;
            }
            let start = end.checked_sub(count)?;
            let free_from = self.start_of_free(end, start);
            if free_from == start {
                self.take(start..end);
                return Some(start);
            }
            before = free_from;
        }
    }

    /// Takes exactly the `count` pages from `start`, or nothing (false) if one of them is taken or does not
    /// exist.
    pub(super) fn take_at(&mut self, start: usize, count: usize) -> bool {
        let end = start + count;
        if self.bits() < end || self.end_of_free(start, end) < end {
            return false;
        }
        self.take(start..end);
        true
    }

    /// Gives back the `count` taken pages from `start`.
    pub(super) fn give_back(&mut self, start: usize, count: usize) {
        let end = start + count;
        self.mark(start..end, false);
        self.free += count;
        self.lowest = self.lowest.min(start / WORD);
        self.highest = self.highest.max(end.div_ceil(WORD));
    }

    fn bits(&self) -> usize {
        self.taken.len() * WORD
    }

    fn take(&mut self, run: Range<usize>) {
        self.free -= run.len();
        // A run that begins inside the pristine pages ends them; any other one that reaches in moves their
        // start.
        if run.start <= self.pristine.start {
            self.pristine.start = self.pristine.start.max(run.end);
        } else {
            self.pristine.end = self.pristine.end.min(run.start);
        }
        self.mark(run, true);
    }

    fn mark(&mut self, run: Range<usize>, taken: bool) {
        let mut page = run.start;
        while page < run.end {
            let bit = page % WORD;
            let count = (WORD - bit).min(run.end - page);
            let mask = (u64::MAX >> (WORD - count)) << bit;
            let word = &mut self.taken[page / WORD];
            if taken {
                *word |= mask;
            } else {
                *word &= !mask;
            }
            page += count;
        }
    }

    /// The first free page at or above `from`.
    fn next_free(&self, from: usize) -> Option<usize> {
        let mut mask = u64::MAX << (from % WORD);
        for (index, word) in self.taken.iter().enumerate().skip(from / WORD) {
            let free = !word & mask;
            if free != 0 {
                return Some(index * WORD + free.trailing_zeros() as usize);
            }
            mask = u64::MAX;
        }
        None
    }

    /// The first taken page at or above `from`, at most `limit`.
    fn end_of_free(&self, from: usize, limit: usize) -> usize {
        let mut mask = u64::MAX << (from % WORD);
        for (index, word) in self.taken.iter().enumerate().skip(from / WORD) {
            if limit <= index * WORD {
                return limit;
            }
            let taken = word & mask;
            if taken != 0 {
                return limit.min(index * WORD + taken.trailing_zeros() as usize);
            }
            mask = u64::MAX;
        }
        limit.min(self.bits())
    }

    /// The last free page below `before`.
    fn previous_free(&self, before: usize) -> Option<usize> {
        let mut mask = below(before);
        for index in (0..before.div_ceil(WORD)).rev() {
            let free = !self.taken[index] & mask;
            if free != 0 {
                return Some((index + 1) * WORD - 1 - free.leading_zeros() as usize);
            }
            mask = u64::MAX;
        }
        None
    }

    /// The page from which on all pages below `before` are free, at least `limit`.
    fn start_of_free(&self, before: usize, limit: usize) -> usize {
        let mut mask = below(before);
        for index in (limit / WORD..before.div_ceil(WORD)).rev() {
            let taken = self.taken[index] & mask;
            if taken != 0 {
                return limit.max((index + 1) * WORD - taken.leading_zeros() as usize);
            }
            mask = u64::MAX;
        }
        limit
    }
}

/// The bits of the last word that stand for pages below `before`; a whole word if `before` begins one.
fn below(before: usize) -> u64 {
    match before % WORD {
        0 => u64::MAX,
        bits => u64::MAX >> (WORD - bits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(pages: usize) -> PagePool {
        PagePool::new(Box::leak(vec![0; pages.div_ceil(WORD)].into_boxed_slice()), pages)
    }

    /// The free runs, found the slow way.
    fn holes(pool: &PagePool) -> Vec<Range<usize>> {
        let mut holes: Vec<Range<usize>> = Vec::new();
        for page in (0..pool.bits()).filter(|page| pool.taken[page / WORD] >> (page % WORD) & 1 == 0) {
            match holes.last_mut() {
                Some(hole) if hole.end == page => hole.end += 1,
                _ => holes.push(page..page + 1),
            }
        }
        holes
    }

    #[test]
    fn runs_come_from_both_ends() {
        let mut pool = pool(200);
        assert_eq!(pool.take_lowest(3), Some(0));
        assert_eq!(pool.take_highest(4), Some(196));
        assert_eq!(pool.take_lowest(130), Some(3));
        assert_eq!(pool.take_highest(64), None);
        assert_eq!(pool.take_highest(63), Some(133));
        assert_eq!(pool.free(), 0);
        assert_eq!(pool.take_lowest(1), None);
        assert_eq!(pool.take_highest(1), None);
        pool.give_back(60, 10);
        assert_eq!(pool.take_highest(4), Some(66));
        assert_eq!(pool.take_lowest(6), Some(60));
    }

    #[test]
    fn a_run_is_taken_at_its_place_or_not_at_all() {
        let mut pool = pool(128);
        assert!(pool.take_at(10, 100));
        assert!(!pool.take_at(5, 6));
        assert!(!pool.take_at(109, 2));
        assert!(pool.take_at(110, 18));
        assert!(!pool.take_at(128, 1));
        assert_eq!(pool.free(), 10);
        assert_eq!(holes(&pool), vec![0..10]);
    }

    #[test]
    fn pristine_pages_shrink_from_both_ends_and_never_come_back() {
        let mut pool = pool(100);
        pool.take_lowest(10);
        pool.take_highest(10);
        assert_eq!(pool.pristine(), 10..90);
        pool.give_back(0, 10);
        assert_eq!(pool.take_lowest(20), Some(0));
        assert_eq!(pool.pristine(), 20..90);
        assert_eq!(pool.take_highest(70), Some(20));
        assert!(pool.pristine().is_empty());
    }

    #[test]
    fn every_search_agrees_with_a_slow_one() {
        let mut random = super::super::tests::Random::new(7);
        for pages in [1, 63, 64, 65, 190, 640] {
            let mut pool = pool(pages);
            let mut taken: Vec<Range<usize>> = Vec::new();
            for _ in 0..4000 {
                let count = 1 + random.below(1 + pages / 6);
                let holes = holes(&pool);
                let run = match random.below(4) {
                    0 => {
                        let expected = holes.iter().find(|hole| count <= hole.len()).map(|hole| hole.start);
                        assert_eq!(pool.take_lowest(count), expected);
                        expected.map(|start| start..start + count)
                    }
                    1 => {
                        let expected =
                            holes.iter().rev().find(|hole| count <= hole.len()).map(|hole| hole.end - count);
                        assert_eq!(pool.take_highest(count), expected);
                        expected.map(|start| start..start + count)
                    }
                    2 => {
                        let start = random.below(pages);
                        let fits = holes.iter().any(|hole| hole.start <= start && start + count <= hole.end);
                        assert_eq!(pool.take_at(start, count), fits);
                        fits.then(|| start..start + count)
                    }
                    _ if taken.is_empty() => None,
                    _ => {
                        let run = taken.swap_remove(random.below(taken.len()));
                        pool.give_back(run.start, run.len());
                        None
                    }
                };
                taken.extend(run);
                assert_eq!(pool.free(), pages - taken.iter().map(Range::len).sum::<usize>());
            }
        }
    }
}
