//! A table whose ids are never used again: 40 bits that count, above 24 bits that say where the entry stands.
//!
//! An id that was forgotten is found to be unknown for ever, although its place is used again; and ids grow.

/// Bits of an id that are the place.
const PLACE_BITS: u32 = 24;

/// Places, hence entries at one time.
const PLACES: usize = 1 << PLACE_BITS;

/// Entries under ids.
#[derive(Debug)]
pub struct Slab<T> {
    entries: Vec<Option<(u64, T)>>,
    free: Vec<u32>,
    issued: u64,
}

impl<T> Slab<T> {
    /// An empty table.
    pub const fn new() -> Slab<T> {
        Slab { entries: Vec::new(), free: Vec::new(), issued: 0 }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an entry and returns its id, which is above all ids before.
    ///
    /// # Errors
    /// Gives the entry back when the table is full: it has 2^24 places.
    pub fn insert(&mut self, entry: T) -> Result<u64, T> {
        let place = match self.free.pop() {
            Some(place) => place as usize,
            None if self.entries.len() == PLACES => return Err(entry),
            None => {
                self.entries.push(None);
                self.entries.len() - 1
            }
        };
        self.issued += 1;
        let id = self.issued << PLACE_BITS | place as u64;
        if let Some(slot) = self.entries.get_mut(place) {
            *slot = Some((id, entry));
        }
        Ok(id)
    }

    /// The entry of an id.
    pub fn get(&self, id: u64) -> Option<&T> {
        let (known, entry) = self.entries.get(place_of(id))?.as_ref()?;
        (*known == id).then_some(entry)
    }

    /// The entry of an id, to change.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        let (known, entry) = self.entries.get_mut(place_of(id))?.as_mut()?;
        (*known == id).then_some(entry)
    }

    /// All entries with their ids, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.entries.iter().flatten().map(|(id, entry)| (*id, entry))
    }

    /// Takes the entry of an id out.
    pub fn remove(&mut self, id: u64) -> Option<T> {
        self.get(id)?;
        let place = place_of(id);
        let (_, entry) = self.entries.get_mut(place)?.take()?;
        self.free.push(place as u32);
        Some(entry)
    }

    /// Takes all entries out, in no order that means anything. Their ids are never used again.
    pub fn drain(&mut self) -> impl Iterator<Item = T> {
        self.free.clear();
        self.free.extend((0..self.entries.len() as u32).rev());
        self.entries.iter_mut().filter_map(|entry| Some(entry.take()?.1)).collect::<Vec<_>>().into_iter()
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab::new()
    }
}

fn place_of(id: u64) -> usize {
    id as usize & (PLACES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_never_come_back() {
        let mut slab = Slab::new();
        let mut last = 0;
        for round in 0..1_000 {
            let id = slab.insert(round).unwrap();
            assert!(last < id);
            assert_eq!(slab.get(last), None);
            assert_eq!(slab.remove(id), Some(round));
            assert_eq!((slab.remove(id), slab.len()), (None, 0));
            last = id;
        }
    }

    #[test]
    fn entries_keep_apart() {
        let mut slab = Slab::new();
        let (first, second) = (slab.insert('a').unwrap(), slab.insert('b').unwrap());
        slab.remove(first);
        let third = slab.insert('c').unwrap();
        *slab.get_mut(second).unwrap() = 'd';
        assert_eq!((slab.get(second), slab.get(third), slab.len()), (Some(&'d'), Some(&'c'), 2));
        assert_eq!(slab.get(u64::MAX), None);
        assert_eq!(slab.iter().collect::<Vec<_>>(), [(third, &'c'), (second, &'d')]);
        assert_eq!(slab.drain().collect::<Vec<_>>(), ['c', 'd']);
        assert!(slab.is_empty() && third < slab.insert('e').unwrap());
    }
}
