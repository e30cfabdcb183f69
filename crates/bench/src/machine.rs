//! Placement on one processor, the memory of a process, and what is usual among many times.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::io;
use std::time::Duration;

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

/// The time in microseconds that `percent` of the sorted times do not exceed; 0 when there are none.
pub(crate) fn percentile_us(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}
