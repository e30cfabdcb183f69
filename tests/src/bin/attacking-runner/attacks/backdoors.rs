//! Ways around a filter: numbers that no list knows, other kinds of system calls, other descriptors.

use super::attack::{Attack, PASSWORDS, answers, attack, done};
use super::system::{self, X32, call};

/// A number that no kernel has.
const UNKNOWN: i64 = 999;

/// Numbers of the calls of 32 bits.
const GETPID_32: i32 = 20;
const OPEN_32: i32 = 5;

/// Descriptors that a process usually has.
const OUTPUT: i32 = 1;
const ERRORS: i32 = 2;

pub(crate) const ATTACKS: &[Attack] = &[
    attack(166, "the unknown call 999, which a kernel answers", |_| {
        answers(system::raw(UNKNOWN, &[]), libc::ENOSYS)
    }),
    attack(167, "getpid as x32, which a kernel answers", |_| {
        answers(system::raw(libc::SYS_getpid | X32, &[]), libc::ENOSYS)
    }),
    attack(168, "int 0x80: getpid of 32 bits", |_| system::call_32(GETPID_32, 0, 0).map(done)),
    attack(169, "int 0x80: open(/etc/passwd) of 32 bits", |_| {
        // Where there is no memory to be had, the call goes to the kernel with a path that is none.
        let path = system::low_copy(PASSWORDS.to_bytes_with_nul()).unwrap_or_default();
        system::call_32(OPEN_32, path, libc::O_RDONLY as u32).map(done)
    }),
    attack(170, "write(standard output)", |_| call!(SYS_write, OUTPUT, c"x".as_ptr(), 1).map(done)),
    attack(171, "write(standard error)", |_| call!(SYS_write, ERRORS, c"x".as_ptr(), 1).map(done)),
    attack(172, "read(another descriptor than the protocol's)", |_| {
        let mut byte = 0_u8;
        call!(SYS_read, OUTPUT, &raw mut byte, 1).map(done)
    }),
    attack(173, "getrandom", |_| {
        let mut bytes = [0_u8; 16];
        call!(SYS_getrandom, bytes.as_mut_ptr(), bytes.len(), 0).map(done)
    }),
    attack(174, "nanosleep", |_| {
        let shortly = [0_i64, 1];
        call!(SYS_nanosleep, shortly.as_ptr(), 0).map(done)
    }),
    attack(175, "sched_yield", |_| call!(SYS_sched_yield).map(done)),
];
