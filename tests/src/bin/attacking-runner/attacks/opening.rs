//! Files that are opened, listed and looked at.

use super::attack::{Attack, Loot, PASSWORDS, attack, done, only_if};
use super::system::{call, peek};

/// What `.` and `..` need in the list of a directory, in bytes: a longer list has something in it.
const EMPTY_LIST: i64 = 48;

pub(crate) const ATTACKS: &[Attack] = &[
    attack(1, "openat(/etc/passwd)", |_| {
        call!(SYS_openat, libc::AT_FDCWD, PASSWORDS.as_ptr(), libc::O_RDONLY).map(done)
    }),
    attack(2, "open(/etc/passwd), the old call", |_| {
        call!(SYS_open, PASSWORDS.as_ptr(), libc::O_RDONLY).map(done)
    }),
    attack(3, "openat2(/etc/passwd)", |_| {
        let how = [libc::O_RDONLY as u64, 0, 0];
        call!(SYS_openat2, libc::AT_FDCWD, PASSWORDS.as_ptr(), how.as_ptr(), size_of_val(&how)).map(done)
    }),
    attack(4, "openat(canary, O_WRONLY + O_TRUNC)", |bait| {
        let canary = bait.file("canary");
        call!(SYS_openat, libc::AT_FDCWD, canary.as_ptr(), libc::O_WRONLY | libc::O_TRUNC).map(done)
    }),
    attack(5, "creat(a new file)", |bait| call!(SYS_creat, bait.file("created").as_ptr(), 0o600).map(done)),
    attack(6, "openat(/tmp, O_TMPFILE)", |_| {
        let flags = libc::O_TMPFILE | libc::O_RDWR;
        call!(SYS_openat, libc::AT_FDCWD, c"/tmp".as_ptr(), flags, 0o600).map(done)
    }),
    attack(7, "openat(/), getdents64", |_| {
        let root = call!(SYS_openat, libc::AT_FDCWD, c"/".as_ptr(), libc::O_RDONLY | libc::O_DIRECTORY)?;
        let mut list = [0_u8; 4_096];
        let length = call!(SYS_getdents64, root, list.as_mut_ptr(), list.len())?;
        only_if(EMPTY_LIST < length)
    }),
    attack(8, "stat(/etc/passwd)", |_| {
        let mut facts = [0_u64; 32];
        call!(SYS_stat, PASSWORDS.as_ptr(), facts.as_mut_ptr()).map(done)
    }),
    attack(9, "statx(/etc/passwd)", |_| {
        let mut facts = [0_u64; 32];
        let what = libc::STATX_BASIC_STATS;
        call!(SYS_statx, libc::AT_FDCWD, PASSWORDS.as_ptr(), 0, what, facts.as_mut_ptr()).map(done)
    }),
    attack(10, "access(/etc/passwd)", |_| call!(SYS_access, PASSWORDS.as_ptr(), libc::R_OK).map(done)),
    attack(11, "readlink(/proc/self/exe)", |_| {
        let mut path = [0_u8; 256];
        call!(SYS_readlink, c"/proc/self/exe".as_ptr(), path.as_mut_ptr(), path.len()).map(done)
    }),
    attack(12, "open and read(/proc/HOST/environ)", |bait| {
        let environment =
            call!(SYS_openat, libc::AT_FDCWD, bait.of_host("environ").as_ptr(), libc::O_RDONLY)?;
        let mut bytes = [0_u8; 256];
        let length = call!(SYS_read, environment, bytes.as_mut_ptr(), bytes.len())?;
        only_if(0 < length)
    }),
    attack(13, "open(/proc/HOST/mem, O_RDWR), pread64", |bait| {
        let memory = call!(SYS_openat, libc::AT_FDCWD, bait.of_host("mem").as_ptr(), libc::O_RDWR)?;
        let mut secret = 0_u32;
        call!(SYS_pread64, memory, &raw mut secret, size_of_val(&secret), bait.secret)?;
        Ok(Loot::Secret(peek((&raw const secret) as i64)))
    }),
    attack(14, "open(/proc/self/mem, O_RDWR)", |_| {
        call!(SYS_openat, libc::AT_FDCWD, c"/proc/self/mem".as_ptr(), libc::O_RDWR).map(done)
    }),
    attack(15, "open(/proc/self/fd/N) for more rights", |bait| {
        let canary = bait.file("canary");
        let weak = call!(SYS_openat, libc::AT_FDCWD, canary.as_ptr(), libc::O_PATH)?;
        let again = format!("/proc/self/fd/{weak}\0");
        call!(SYS_openat, libc::AT_FDCWD, again.as_ptr(), libc::O_RDWR).map(done)
    }),
    attack(16, "open(/dev/null)", |_| {
        call!(SYS_openat, libc::AT_FDCWD, c"/dev/null".as_ptr(), libc::O_RDWR).map(done)
    }),
];
