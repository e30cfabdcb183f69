//! The control page: 4 KiB of memory that a host and one runner share.
//!
//! It tells what no message can: what a runner is doing while it does not read. The runner writes its state, a
//! heartbeat and its last words; the host writes how much it has sent and what it wants. Reading or writing costs no
//! system call. The runner is hostile, so every field is an atomic, every text has a bound, and whatever stands there
//! is a claim and not a fact.

use crate::exit::Cause;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering, fence};

/// The size of the page, in bytes.
pub const SIZE: usize = 4_096;

/// The longest text in each of the two text areas, in bytes.
pub const TEXT: usize = 1_920;

/// The first word of a page that a host has prepared.
pub const MAGIC: u32 = 0x504c_4748;

/// The request bit by which the host asks for the JavaScript stack.
pub const WANT_STACK: u32 = 1;

/// The request bit by which the host asks the runner to end the turn that `stop_turn` names.
pub const WANT_STOP: u32 = 2;

/// What a runner says it is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum State {
    /// It has not finished its start.
    Booting = 0,
    /// It waits for a message.
    Idle = 1,
    /// It runs JavaScript or handles messages.
    Busy = 2,
    /// It waits inside a blocking call.
    Waiting = 3,
    /// It has ended, and `cause` says why.
    Ended = 4,
}

/// The page itself. All fields are atomics, so a shared mapping of it may be used through `&Page` on both sides.
#[repr(C)]
#[derive(Debug)]
pub struct Page {
    magic: AtomicU32,
    // -- written by the host before it spawns ----------------------------------------------------------------------
    parent: AtomicU32,
    memory: AtomicU64,
    // -- written by the host at any time ---------------------------------------------------------------------------
    sent: AtomicU64,
    stop_turn: AtomicU64,
    request: AtomicU32,
    // -- written by the runner -------------------------------------------------------------------------------------
    state: AtomicU32,
    turn: AtomicU64,
    heartbeat: AtomicU64,
    serving: AtomicU64,
    stacks: AtomicU32,
    stack_length: AtomicU32,
    cause: AtomicU32,
    words_length: AtomicU32,
    // -- written by the host before it spawns ----------------------------------------------------------------------
    plan: AtomicU64,
    reserved: [AtomicU64; 4],
    stack: [AtomicU8; TEXT],
    words: [AtomicU8; TEXT],
    tail: [AtomicU8; SIZE - 120 - 2 * TEXT],
}

const _: () = assert!(size_of::<Page>() == SIZE);

/// What a host reads off the page in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// What the runner says it is doing; an unknown number counts as busy.
    pub state: State,
    /// Grows by one with each turn.
    pub turn: u64,
    /// Grows while JavaScript runs.
    pub heartbeat: u64,
    /// The call that the runner serves, or 0.
    pub serving: u64,
}

impl Page {
    /// Host, before the runner is spawned: the arena's size in bytes, and the process that the runner shall die with.
    pub fn prepare(&self, memory: u64, parent: u32) {
        self.memory.store(memory, Ordering::Relaxed);
        self.parent.store(parent, Ordering::Relaxed);
        self.magic.store(MAGIC, Ordering::Release);
    }

    /// Runner, first thing: the arena's size in bytes and the host's process, or none when no host prepared this
    /// page.
    pub fn spawn_parameters(&self) -> Option<(u64, u32)> {
        if self.magic.load(Ordering::Acquire) != MAGIC {
            return None;
        }
        Some((self.memory.load(Ordering::Relaxed), self.parent.load(Ordering::Relaxed)))
    }

    /// Host, before the runner is spawned: the rights that it shall give up, as the number of a plan. Without one it gives
    /// up none.
    pub fn set_plan(&self, plan: u64) {
        self.plan.store(plan, Ordering::Release);
    }

    /// Runner: the number of the plan for its lock-down; 0 if the host gave none.
    pub fn plan(&self) -> u64 {
        self.plan.load(Ordering::Acquire)
    }

    /// Runner: a new state.
    pub fn set_state(&self, state: State) {
        self.state.store(state as u32, Ordering::Release);
    }

    /// Runner: a turn begins, serving `call` (or 0). Returns the turn's number.
    pub fn begin_turn(&self, call: u64) -> u64 {
        let turn = self.turn.load(Ordering::Relaxed).wrapping_add(1);
        self.serving.store(call, Ordering::Relaxed);
        self.turn.store(turn, Ordering::Relaxed);
        self.set_state(State::Busy);
        turn
    }

    /// Runner: it goes to sleep until the next message.
    pub fn end_turn(&self) {
        self.serving.store(0, Ordering::Relaxed);
        self.set_state(State::Idle);
    }

    /// Runner: one beat of the interrupt handler. Returns the requests that are set.
    pub fn beat(&self) -> u32 {
        self.heartbeat.fetch_add(1, Ordering::Relaxed);
        self.request.load(Ordering::Acquire)
    }

    /// Runner: whether the host wants the turn `turn` to end now.
    pub fn must_stop(&self, turn: u64) -> bool {
        self.request.load(Ordering::Acquire) & WANT_STOP != 0
            && self.stop_turn.load(Ordering::Relaxed) == turn
    }

    /// Runner: whether the host wants the JavaScript stack.
    pub fn wants_stack(&self) -> bool {
        self.request.load(Ordering::Acquire) & WANT_STACK != 0
    }

    /// Runner: answers the request for the JavaScript stack. Its number is odd for as long as the text is written, so that
    /// no reader takes half of it for the whole.
    pub fn publish_stack(&self, stack: &str) {
        // Before the text is written: whoever asks meanwhile gets the next one.
        self.request.fetch_and(!WANT_STACK, Ordering::AcqRel);
        let writing = self.stacks.load(Ordering::Relaxed).wrapping_add(1) | 1;
        self.stacks.store(writing, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        store_text(&self.stack, &self.stack_length, stack);
        self.stacks.store(writing.wrapping_add(1), Ordering::Release);
    }

    /// Runner, last thing: why it ends.
    pub fn record_cause(&self, cause: Cause, words: &str) {
        store_text(&self.words, &self.words_length, words);
        self.cause.store(cause as u32, Ordering::Release);
        self.set_state(State::Ended);
    }

    /// Host: adds to the bytes that it has sent, so that a busy runner can see that something waits.
    pub fn add_sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Ordering::Release);
    }

    /// Runner: the bytes that the host has sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Acquire)
    }

    /// Host: asks for the JavaScript stack. [`stack_after`](Page::stack_after) with what this returns gives it.
    pub fn request_stack(&self) -> u32 {
        // One that is being written already was begun before anybody asked.
        let before = self.stacks.load(Ordering::Acquire).wrapping_add(1) & !1;
        self.request.fetch_or(WANT_STACK, Ordering::AcqRel);
        before
    }

    /// Host: the stack is not wanted any more. One that is published all the same harms nobody.
    pub fn withdraw_stack(&self) {
        self.request.fetch_and(!WANT_STACK, Ordering::AcqRel);
    }

    /// Host: the stack, once one was published after `before`; none while the next one is being written. Plugin's text: to
    /// be cleaned before it is shown.
    pub fn stack_after(&self, before: u32) -> Option<String> {
        let number = self.stacks.load(Ordering::Acquire);
        if number == before || number & 1 != 0 {
            return None;
        }
        let stack = load_text(&self.stack, &self.stack_length);
        fence(Ordering::SeqCst);
        (self.stacks.load(Ordering::Acquire) == number).then_some(stack)
    }

    /// Host: asks the runner to end the turn `turn`, and no other.
    pub fn request_stop(&self, turn: u64) {
        self.stop_turn.store(turn, Ordering::Relaxed);
        self.request.fetch_or(WANT_STOP, Ordering::AcqRel);
    }

    /// Host: what the runner is doing.
    pub fn pulse(&self) -> Pulse {
        let state = match self.state.load(Ordering::Acquire) {
            0 => State::Booting,
            1 => State::Idle,
            3 => State::Waiting,
            4 => State::Ended,
            _ => State::Busy,
        };
        Pulse {
            state,
            turn: self.turn.load(Ordering::Relaxed),
            heartbeat: self.heartbeat.load(Ordering::Relaxed),
            serving: self.serving.load(Ordering::Relaxed),
        }
    }

    /// Host, after the process ended: the cause that it claims and its last words. Plugin's text: to be cleaned
    /// before it is shown.
    pub fn cause(&self) -> (Cause, String) {
        let cause = Cause::from_number(self.cause.load(Ordering::Acquire)).unwrap_or(Cause::None);
        (cause, load_text(&self.words, &self.words_length))
    }
}

fn store_text(area: &[AtomicU8; TEXT], length: &AtomicU32, text: &str) {
    let bytes = &text.as_bytes()[..text.floor_char_boundary(TEXT)];
    for (cell, byte) in area.iter().zip(bytes) {
        cell.store(*byte, Ordering::Relaxed);
    }
    length.store(bytes.len() as u32, Ordering::Release);
}

/// A copy with a bound: the writer may change the text meanwhile, or lie about its length.
fn load_text(area: &[AtomicU8; TEXT], length: &AtomicU32) -> String {
    let length = (length.load(Ordering::Acquire) as usize).min(TEXT);
    let bytes: Vec<u8> = area.iter().take(length).map(|cell| cell.load(Ordering::Relaxed)).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        Page {
            magic: AtomicU32::new(0),
            parent: AtomicU32::new(0),
            memory: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            stop_turn: AtomicU64::new(0),
            request: AtomicU32::new(0),
            state: AtomicU32::new(0),
            turn: AtomicU64::new(0),
            heartbeat: AtomicU64::new(0),
            serving: AtomicU64::new(0),
            stacks: AtomicU32::new(0),
            stack_length: AtomicU32::new(0),
            cause: AtomicU32::new(0),
            words_length: AtomicU32::new(0),
            plan: AtomicU64::new(0),
            reserved: [const { AtomicU64::new(0) }; 4],
            stack: [const { AtomicU8::new(0) }; TEXT],
            words: [const { AtomicU8::new(0) }; TEXT],
            tail: [const { AtomicU8::new(0) }; SIZE - 120 - 2 * TEXT],
        }
    }

    #[test]
    fn the_layout_is_the_one_that_the_document_tells() {
        use std::mem::offset_of;
        let offsets = [
            offset_of!(Page, magic),
            offset_of!(Page, parent),
            offset_of!(Page, memory),
            offset_of!(Page, sent),
            offset_of!(Page, stop_turn),
            offset_of!(Page, request),
            offset_of!(Page, state),
            offset_of!(Page, turn),
            offset_of!(Page, heartbeat),
            offset_of!(Page, serving),
            offset_of!(Page, stacks),
            offset_of!(Page, stack_length),
            offset_of!(Page, cause),
            offset_of!(Page, words_length),
            offset_of!(Page, plan),
            offset_of!(Page, stack),
            offset_of!(Page, words),
        ];
        let told: Vec<usize> = include_str!("../../../docs/protocol.md")
            .lines()
            .skip_while(|line| !line.starts_with("| offset"))
            .skip(2)
            .map_while(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
            .collect();
        assert_eq!(told, offsets);
    }

    #[test]
    fn an_empty_page_is_no_invitation() {
        let page = page();
        assert_eq!(page.spawn_parameters(), None);
        page.prepare(64 << 20, 12);
        assert_eq!(page.spawn_parameters(), Some((64 << 20, 12)));
    }

    #[test]
    fn a_stop_is_for_one_turn_only() {
        let page = page();
        let turn = page.begin_turn(7);
        page.request_stop(turn);
        assert!(page.must_stop(turn));
        assert!(!page.must_stop(page.begin_turn(0)));
    }

    #[test]
    fn a_stack_is_seen_once_it_was_published() {
        let page = page();
        let before = page.request_stack();
        assert_eq!(page.beat() & WANT_STACK, WANT_STACK);
        assert_eq!(page.stack_after(before), None);
        page.publish_stack(&"ä".repeat(TEXT));
        assert_eq!(page.stack_after(before).unwrap(), "ä".repeat(TEXT / 2));
        assert_eq!(page.beat() & WANT_STACK, 0);
        page.request_stack();
        page.withdraw_stack();
        assert!(!page.wants_stack());
    }

    #[test]
    fn half_a_stack_is_none() {
        let page = page();
        page.publish_stack("at f (main.js:1:1)");
        let begun = page.request_stack();
        page.stacks.store(begun + 1, Ordering::Relaxed);
        assert_eq!(page.stack_after(begun), None, "it is being written");
        let asked = page.request_stack();
        page.stacks.store(begun + 2, Ordering::Relaxed);
        assert_eq!(page.stack_after(asked), None, "it was begun before anybody asked");
        page.publish_stack("at g (main.js:2:1)");
        assert_eq!(page.stack_after(asked).as_deref(), Some("at g (main.js:2:1)"));
    }

    #[test]
    fn what_a_hostile_runner_writes_is_bounded() {
        let page = page();
        page.words_length.store(u32::MAX, Ordering::Relaxed);
        page.words[0].store(0xff, Ordering::Relaxed);
        page.cause.store(u32::MAX, Ordering::Relaxed);
        page.state.store(99, Ordering::Relaxed);
        let (cause, words) = page.cause();
        assert_eq!(cause, Cause::None);
        assert_eq!(words.chars().count(), TEXT);
        assert_eq!(page.pulse().state, State::Busy);
    }
}
