//! How many calls may be in flight.
//!
//! Credit, never "stop reading": a side that stopped reading could block the other one in `write`, and both would wait
//! for ever. A call takes room, its `Return` gives the room back, and `Credit` adds more.

/// The widest that a window becomes. A call in flight takes the caller's memory until it is answered, also when nobody wants
/// the answer any more, so a peer that gives room and no answers may not make it much.
const WIDEST: u64 = 1 << 14;

/// The room that one side has for calls to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    size: u64,
    in_flight: u64,
}

impl Window {
    /// A window for `size` calls at a time.
    pub fn new(size: u32) -> Window {
        Window { size: u64::from(size), in_flight: 0 }
    }

    /// Takes room for one call; false when there is none.
    #[must_use]
    pub fn take(&mut self) -> bool {
        let has_room = self.in_flight < self.size;
        if has_room {
            self.in_flight += 1;
        }
        has_room
    }

    /// Gives back the room of one call that was answered.
    pub fn give_back(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Adds room, as `Credit` says. The peer chooses the amount, so the sum has a bound.
    pub fn widen(&mut self, amount: u64) {
        self.size = self.size.saturating_add(amount).min(WIDEST.max(self.size));
    }

    /// Calls that are in flight.
    pub fn in_flight(&self) -> u64 {
        self.in_flight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_given_back_and_added() {
        let mut window = Window::new(1);
        assert!(window.take());
        assert!(!window.take());
        window.widen(1);
        assert!(window.take());
        assert_eq!(window.in_flight(), 2);
        window.give_back();
        window.give_back();
        window.give_back();
        assert_eq!(window.in_flight(), 0);
        window.widen(u64::MAX);
        assert_eq!(
            (0..WIDEST + 1).filter(|_| window.take()).count() as u64,
            WIDEST,
            "the peer's word is not enough"
        );
        let mut wide = Window::new(u32::MAX);
        wide.widen(1);
        assert!((0..WIDEST + 1).all(|_| wide.take()), "room that was given is not taken away");
    }
}
