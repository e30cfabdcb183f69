//! Placement on one processor, and the memory of a process.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::io;

/// Pins this process, and the processes that it starts, to the first processor that it may use.
pub(crate) fn pin_to_one_processor() -> io::Result<()> {
    let allowed = sched_getaffinity(None)?;
    let Some(first) = (0..CpuSet::MAX_CPU).find(|processor| allowed.is_set(*processor)) else {
        return Ok(());
    };
    let mut one = CpuSet::new();
    one.set(first);
    Ok(sched_setaffinity(None, &one)?)
}

/// The memory that a process has for itself plus its share of what it shares, in KiB.
pub(crate) fn proportional_kib(pid: u32) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
