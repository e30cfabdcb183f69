//! How much an input may cost.

use crate::heap::most_of;
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Time of the processor that one look at an input may take. Everything here takes microseconds to milliseconds, also in
/// an instrumented build; what takes this long grows faster than its input.
const LONGEST: Duration = Duration::from_secs(2);

/// What an input may take of the heap at one time.
#[derive(Clone, Copy)]
pub(crate) struct Heap {
    /// Bytes, whatever the input.
    pub(crate) base: usize,
    /// Bytes for each byte of the input.
    pub(crate) each: usize,
}

/// Does `work` on an input of so many bytes.
///
/// # Panics
///
/// If it takes more memory or time than it may.
pub(crate) fn within<T>(heap: Heap, bytes: usize, work: impl FnOnce() -> T) -> T {
    let start = processor_time();
    let (result, most) = most_of(work);
    let time = processor_time().saturating_sub(start);
    let allowed = heap.base + heap.each * bytes;
    assert!(most <= allowed, "{most} bytes of memory for {bytes} bytes of input, and {allowed} are allowed");
    assert!(time <= LONGEST, "{time:?} for {bytes} bytes of input");
    result
}

/// Of this thread, so that whatever else the machine does costs nothing.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
