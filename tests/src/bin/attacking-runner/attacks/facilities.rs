//! What a kernel offers to every process: timers, queues, pipes, locks.

use super::attack::{Attack, Denied, answers, attack, done};
use super::system::{self, call};

/// `Q_SYNC` for the quotas of users.
const SYNC_QUOTAS: u32 = 0x80_0001 << 8;

/// `RSEQ_FLAG_UNREGISTER`.
const UNREGISTER: u32 = 1;

/// `LANDLOCK_CREATE_RULESET_VERSION`.
const VERSION: u32 = 1;

/// A word of 32 bits that no other process waits for, in `futex_waitv`: `FUTEX2_SIZE_U32 | FUTEX2_PRIVATE`.
const WORD: u64 = 2 | 128;

/// Calls that are younger than the lists of the C library.
const MAP_SHADOW_STACK: i64 = 453;
const LSM_LIST_MODULES: i64 = 461;

fn pipe() -> Result<[i32; 2], Denied> {
    let mut pair = [0_i32; 2];
    call!(SYS_pipe2, pair.as_mut_ptr(), 0)?;
    Ok(pair)
}

pub(crate) const ATTACKS: &[Attack] = &[
    attack(148, "timer_create", |_| {
        let mut timer = 0_i32;
        call!(SYS_timer_create, libc::CLOCK_MONOTONIC, 0, &raw mut timer).map(done)
    }),
    attack(149, "setitimer", |_| {
        let never = [0_i64; 4];
        call!(SYS_setitimer, libc::ITIMER_REAL, never.as_ptr(), 0).map(done)
    }),
    attack(150, "signalfd4", |_| {
        let every = u64::MAX;
        call!(SYS_signalfd4, -1_i32, &raw const every, size_of_val(&every), 0).map(done)
    }),
    attack(151, "timerfd_create", |_| call!(SYS_timerfd_create, libc::CLOCK_MONOTONIC, 0).map(done)),
    attack(152, "epoll_create1", |_| call!(SYS_epoll_create1, 0).map(done)),
    attack(153, "eventfd2", |_| call!(SYS_eventfd2, 0, 0).map(done)),
    attack(154, "pipe2, vmsplice and tee", |_| {
        let ([from, to], [_, copy]) = (pipe()?, pipe()?);
        let piece = [c"x".as_ptr() as usize, 1];
        call!(SYS_vmsplice, to, piece.as_ptr(), 1, 0)?;
        call!(SYS_tee, from, copy, 1, 0).map(done)
    }),
    attack(155, "sendfile(canary)", |bait| {
        let canary = bait.file("canary");
        let file = call!(SYS_openat, libc::AT_FDCWD, canary.as_ptr(), libc::O_RDONLY)?;
        let [_, to] = pipe()?;
        call!(SYS_sendfile, to, file, 0, 1).map(done)
    }),
    attack(156, "quotactl(Q_SYNC)", |_| call!(SYS_quotactl, SYNC_QUOTAS, 0, 0, 0).map(done)),
    attack(157, "swapoff(a file that is not there)", |_| call!(SYS_swapoff, c"/nowhere".as_ptr()).map(done)),
    attack(158, "acct(a file that is not there)", |_| call!(SYS_acct, c"/nowhere".as_ptr()).map(done)),
    attack(159, "membarrier", |_| call!(SYS_membarrier, 0, 0, 0).map(done)),
    attack(160, "rseq(unregister)", |_| call!(SYS_rseq, 0, 0, UNREGISTER, 0).map(done)),
    attack(161, "landlock_create_ruleset(version)", |_| {
        call!(SYS_landlock_create_ruleset, 0, 0, VERSION).map(done)
    }),
    attack(162, "lsm_list_modules", |_| {
        let (mut modules, mut length) = ([0_u64; 32], 256_u32);
        let arguments = [modules.as_mut_ptr() as usize, &raw mut length as usize, 0];
        system::raw(LSM_LIST_MODULES, &arguments).map(done)
    }),
    attack(163, "map_shadow_stack", |_| system::raw(MAP_SHADOW_STACK, &[0, 4_096, 0]).map(done)),
    attack(164, "futex(FUTEX_LOCK_PI)", |_| {
        let lock = 0_u32;
        call!(SYS_futex, &raw const lock, libc::FUTEX_LOCK_PI, 0, 0, 0, 0).map(done)
    }),
    attack(165, "futex_waitv", |_| {
        let (word, at_once) = (0_u32, [0_i64; 2]);
        let waiter = [0, &raw const word as u64, WORD];
        let (waiters, time) = (waiter.as_ptr(), at_once.as_ptr());
        answers(call!(SYS_futex_waitv, waiters, 1, 0, time, libc::CLOCK_MONOTONIC), libc::ETIMEDOUT)
    }),
];
