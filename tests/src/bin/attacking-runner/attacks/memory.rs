//! Memory that is executable, shared, huge, or another process's.
#![allow(unsafe_code, reason = "a page of code is set aside, for an attack to replace")]

use super::attack::{Attack, Denied, attack, done, only_if};
use super::system::{call, peek};
use libc::{MAP_ANONYMOUS, MAP_FIXED, MAP_NORESERVE, MAP_PRIVATE, MAP_SHARED};
use libc::{PROT_EXEC, PROT_READ, PROT_WRITE};

const PAGE: usize = 4_096;

const ALL: i32 = PROT_READ | PROT_WRITE | PROT_EXEC;

/// Memory that may be locked when it is touched: `MCL_FUTURE | MCL_ONFAULT`.
const LOCK_LATER: i32 = 2 | 4;

/// `UFFD_USER_MODE_ONLY`, which everybody may ask for.
const USER_MODE_ONLY: u32 = 1;

std::arch::global_asm!(
    ".pushsection .text",
    ".p2align 12",
    "unused_code:",
    ".fill 4096, 1, 0xcc",
    ".popsection",
);

unsafe extern "C" {
    /// A page of code that nothing calls.
    safe static unused_code: u8;
}

fn code() -> usize {
    (&raw const unused_code) as usize
}

/// A page of the heap.
fn heap() -> usize {
    let room = Vec::<u8>::with_capacity(2 * PAGE).leak();
    (room.as_ptr() as usize).next_multiple_of(PAGE)
}

fn map(length: usize, protection: i32, flags: i32) -> Result<i64, Denied> {
    call!(SYS_mmap, 0, length, protection, flags | MAP_ANONYMOUS, -1_i32, 0)
}

/// A segment of System V's memory, which is gone when the last process lets go of it.
fn segment() -> Result<i64, Denied> {
    call!(SYS_shmget, libc::IPC_PRIVATE, PAGE, libc::IPC_CREAT | 0o700)
}

pub(crate) const ATTACKS: &[Attack] = &[
    attack(106, "mmap(to write and execute)", |_| map(PAGE, ALL, MAP_PRIVATE).map(done)),
    attack(107, "mmap(to execute)", |_| map(PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE).map(done)),
    attack(108, "mprotect(the heap, to execute)", |_| call!(SYS_mprotect, heap(), PAGE, ALL).map(done)),
    attack(109, "mprotect(code, to write)", |_| call!(SYS_mprotect, code(), PAGE, ALL).map(done)),
    attack(110, "pkey_mprotect(the heap, to execute)", |_| {
        call!(SYS_pkey_mprotect, heap(), PAGE, ALL, -1_i32).map(done)
    }),
    attack(111, "shmat(SHM_EXEC)", |_| {
        let segment = segment()?;
        let attached = call!(SYS_shmat, segment, 0, libc::SHM_EXEC);
        call!(SYS_shmctl, segment, libc::IPC_RMID, 0)?;
        attached.map(done)
    }),
    attack(112, "mmap(MAP_SHARED)", |_| map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED).map(done)),
    attack(113, "mmap(canary)", |bait| {
        let canary = bait.file("canary");
        let file = call!(SYS_openat, libc::AT_FDCWD, canary.as_ptr(), libc::O_RDONLY)?;
        let mapped = call!(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, file, 0)?;
        only_if(peek(mapped) == u32::from_ne_bytes(*b"cana"))
    }),
    attack(114, "mmap(MAP_FIXED) over code", |_| {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
        call!(SYS_mmap, code(), PAGE, PROT_READ | PROT_WRITE, flags, -1_i32, 0).map(done)
    }),
    attack(115, "memfd_create", |_| call!(SYS_memfd_create, c"hidden".as_ptr(), 0).map(done)),
    attack(116, "memfd_secret", |_| call!(SYS_memfd_secret, 0).map(done)),
    attack(117, "shmget", |_| {
        let segment = segment()?;
        call!(SYS_shmctl, segment, libc::IPC_RMID, 0).map(done)
    }),
    attack(118, "semget", |_| {
        let set = call!(SYS_semget, libc::IPC_PRIVATE, 1, libc::IPC_CREAT | 0o600)?;
        call!(SYS_semctl, set, 0, libc::IPC_RMID, 0).map(done)
    }),
    attack(119, "msgget", |_| {
        let queue = call!(SYS_msgget, libc::IPC_PRIVATE, libc::IPC_CREAT | 0o600)?;
        call!(SYS_msgctl, queue, libc::IPC_RMID, 0).map(done)
    }),
    attack(120, "mq_open", |bait| {
        let name = format!("plughold-bait-{}-{}\0", bait.host, bait.serial);
        call!(SYS_mq_open, name.as_ptr(), libc::O_CREAT | libc::O_RDWR, 0o600, 0)?;
        call!(SYS_mq_unlink, name.as_ptr()).map(done)
    }),
    attack(121, "userfaultfd", |_| call!(SYS_userfaultfd, USER_MODE_ONLY).map(done)),
    attack(122, "mlockall", |_| call!(SYS_mlockall, LOCK_LATER).map(done)),
    attack(123, "mmap(64 GiB)", |_| {
        map(64 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE).map(done)
    }),
    attack(124, "madvise(the heap)", |_| call!(SYS_madvise, heap(), PAGE, libc::MADV_DONTDUMP).map(done)),
    attack(125, "get_mempolicy", |_| {
        let mut mode = 0_i32;
        call!(SYS_get_mempolicy, &raw mut mode, 0, 0, 0, 0).map(done)
    }),
    attack(126, "move_pages(the host)", |bait| {
        let (page, mut status) = (bait.secret & !(PAGE - 1), 0_i32);
        call!(SYS_move_pages, bait.host, 1, &raw const page, 0, &raw mut status, 0).map(done)
    }),
];
