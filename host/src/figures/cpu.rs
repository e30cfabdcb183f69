//! The processor's time of a process, as the system counts it.
#![allow(unsafe_code, reason = "the clock of another process is read by a call of the C library")]

use std::mem::MaybeUninit;
use std::time::Duration;

/// What the process has had of the processors since it was started, or none when there is no such process.
///
/// The clock of the process is asked, which takes a twentieth of the time of reading `/proc/PID/schedstat`, and is not
/// hidden where other users' processes are.
pub(super) fn spent_by(pid: u32) -> Option<Duration> {
    let pid = libc::pid_t::try_from(pid).ok().filter(|pid| 0 < *pid)?;
    let mut clock = MaybeUninit::<libc::clockid_t>::uninit();
    // SAFETY: the function writes one clock's number to where it is told, and only then returns 0.
    let clock = unsafe {
        if libc::clock_getcpuclockid(pid, clock.as_mut_ptr()) != 0 {
            return None;
        }
        clock.assume_init()
    };
    let mut time = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the function writes one time to where it is told, and only then returns 0.
    let time = unsafe {
        if libc::clock_gettime(clock, time.as_mut_ptr()) != 0 {
            return None;
        }
        time.assume_init()
    };
    let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?);
    Some(Duration::new(seconds, nanos.min(999_999_999)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn it_grows_with_work_and_is_gone_with_the_process() {
        let own = std::process::id();
        let before = spent_by(own).unwrap();
        while spent_by(own).unwrap() < before + Duration::from_millis(20) {}
        let mut child = Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        assert_eq!(spent_by(child.id()), None);
        assert_eq!((spent_by(0), spent_by(u32::MAX)), (None, None), "these are no processes");
    }

    #[test]
    fn that_of_another_process_can_be_read() {
        let mut child = Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
        while spent_by(child.id()).unwrap() < Duration::from_millis(20) {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
