//! What a process may do to itself: identity, capabilities, and what its parent relies on.

use super::attack::{Attack, attack, done};
use super::system::call;

/// The version of the structures of `capset`.
const CAPABILITIES: u32 = 0x2008_0522;

/// A filter of system calls that allows everything: one instruction.
const ALLOW_ALL: [u32; 2] = [0x0006, 0x7fff_0000];

/// `SECCOMP_SET_MODE_FILTER`.
const SET_FILTER: u32 = 1;

pub(crate) const ATTACKS: &[Attack] = &[
    attack(91, "unshare(CLONE_NEWUSER)", |_| call!(SYS_unshare, libc::CLONE_NEWUSER).map(done)),
    attack(92, "unshare(CLONE_NEWUSER + CLONE_NEWNET)", |_| {
        call!(SYS_unshare, libc::CLONE_NEWUSER | libc::CLONE_NEWNET).map(done)
    }),
    attack(93, "setuid(0)", |_| call!(SYS_setuid, 0).map(done)),
    attack(94, "setgroups(0)", |_| {
        let group = 0_u32;
        call!(SYS_setgroups, 1, &raw const group).map(done)
    }),
    attack(95, "capset(all)", |_| {
        let header = [CAPABILITIES, 0];
        let every = [u32::MAX; 6];
        call!(SYS_capset, header.as_ptr(), every.as_ptr()).map(done)
    }),
    attack(96, "prctl(PR_SET_PDEATHSIG, 0), to outlive it", |_| {
        call!(SYS_prctl, libc::PR_SET_PDEATHSIG, 0, 0, 0, 0).map(done)
    }),
    attack(97, "prctl(PR_SET_DUMPABLE, 1)", |_| {
        call!(SYS_prctl, libc::PR_SET_DUMPABLE, 1, 0, 0, 0).map(done)
    }),
    attack(98, "prctl(PR_SET_NAME)", |_| {
        call!(SYS_prctl, libc::PR_SET_NAME, c"systemd".as_ptr(), 0, 0, 0).map(done)
    }),
    attack(99, "prctl(PR_SET_MM)", |_| {
        let code = 0x1_0000;
        call!(SYS_prctl, libc::PR_SET_MM, libc::PR_SET_MM_START_CODE, code, 0, 0).map(done)
    }),
    attack(100, "seccomp(a filter of its own)", |_| {
        let filter = [1, ALLOW_ALL.as_ptr() as usize];
        call!(SYS_prctl, libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)?;
        call!(SYS_seccomp, SET_FILTER, 0, filter.as_ptr()).map(done)
    }),
    attack(101, "personality(ADDR_NO_RANDOMIZE)", |_| {
        call!(SYS_personality, libc::ADDR_NO_RANDOMIZE).map(done)
    }),
    attack(102, "setsid", |bait| {
        // Whoever leads a group can have no session of its own; whoever has joined another group can.
        let group = call!(SYS_getpgid, bait.host)?;
        call!(SYS_setpgid, 0, group)?;
        call!(SYS_setsid).map(done)
    }),
    attack(103, "setpgid(into the host's group)", |bait| {
        let group = call!(SYS_getpgid, bait.host)?;
        call!(SYS_setpgid, 0, group).map(done)
    }),
    attack(104, "wait4(anyone)", |_| call!(SYS_wait4, -1_i32, 0, libc::WNOHANG, 0).map(done)),
    attack(105, "process_madvise(the host)", |bait| {
        let host = call!(SYS_pidfd_open, bait.host, 0)?;
        let piece = [bait.secret & !4_095, 4_096];
        call!(SYS_process_madvise, host, piece.as_ptr(), 1, libc::MADV_COLD, 0).map(done)
    }),
];
