//! New processes, and other ones: first of all the host.

use super::attack::{Attack, Loot, attack, done};
use super::system::{call, multiply};

/// The code with which programs end that an attack has executed: so one sees that they ran.
const RAN: u8 = 42;

/// From here on are the numbers that the C library's headers have under another type, or not at all.
const PTRACE_SEIZE: u32 = 0x4206;
const PTRACE_DETACH: u32 = 17;
const KCMP_VM: u32 = 1;

/// Where the first page of a program without an address of its own is mapped.
const BASE: u64 = 0x40_0000;

/// The smallest program: both headers, and three instructions that end it with the code [`RAN`].
fn program() -> Vec<u8> {
    const HEADERS: u64 = 64 + 56;
    const CODE: [u8; 12] = [0xbf, RAN, 0, 0, 0, 0xb8, 231, 0, 0, 0, 0x0f, 0x05];
    let length = HEADERS + CODE.len() as u64;
    let mut bytes = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // An executable for x86-64, which begins behind the headers; one program header follows at once.
    let (kind, machine, version) = (2, 62 << 16, 1 << 32);
    let sizes = [64 << 32 | 56 << 48, 1];
    let header = [kind | machine | version, BASE + HEADERS, 64, 0, sizes[0], sizes[1]];
    // All of it, to be read and executed.
    let (load, readable_executable) = (1, 5 << 32);
    let segment = [load | readable_executable, 0, BASE, BASE, length, length, 4_096];
    header.into_iter().chain(segment).for_each(|word: u64| bytes.extend(word.to_le_bytes()));
    bytes.extend(CODE);
    bytes
}

/// A place in this memory and one in the host's, each as the kernel wants it.
fn places(here: *const u32, there: usize) -> ([usize; 2], [usize; 2]) {
    ([here as usize, size_of::<u32>()], [there, size_of::<u32>()])
}

pub(crate) const ATTACKS: &[Attack] = &[
    attack(67, "fork", |_| multiply(libc::SYS_fork, [0; 5]).map(done)),
    attack(68, "clone(CLONE_VM + CLONE_VFORK), as vfork", |_| {
        let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
        multiply(libc::SYS_clone, [flags as usize, 0, 0, 0, 0]).map(done)
    }),
    attack(69, "clone(CLONE_THREAD)", |_| {
        let shared = libc::CLONE_VM | libc::CLONE_FS | libc::CLONE_FILES | libc::CLONE_SIGHAND;
        multiply(libc::SYS_clone, [(shared | libc::CLONE_THREAD) as usize, 0, 0, 0, 0]).map(done)
    }),
    attack(70, "clone3", |_| {
        let arguments = [0, 0, 0, 0, libc::SIGCHLD as u64, 0, 0, 0, 0, 0, 0];
        let (address, length) = (arguments.as_ptr() as usize, size_of_val(&arguments));
        multiply(libc::SYS_clone3, [address, length, 0, 0, 0]).map(done)
    }),
    attack(71, "execve(/bin/true)", |_| {
        let arguments = [c"true".as_ptr(), std::ptr::null()];
        call!(SYS_execve, c"/bin/true".as_ptr(), arguments.as_ptr(), 0).map(done)
    }),
    attack(72, "memfd_create, write and execveat", |_| {
        let program = program();
        let file = call!(SYS_memfd_create, c"program".as_ptr(), 0)?;
        call!(SYS_write, file, program.as_ptr(), program.len())?;
        let arguments = [c"program".as_ptr(), std::ptr::null()];
        call!(SYS_execveat, file, c"".as_ptr(), arguments.as_ptr(), 0, libc::AT_EMPTY_PATH).map(done)
    }),
    attack(73, "kill(the host, 0)", |bait| call!(SYS_kill, bait.host, 0).map(done)),
    attack(74, "kill(everyone, 0)", |_| call!(SYS_kill, -1_i32, 0).map(done)),
    attack(75, "kill(itself, SIGSTOP), to freeze", |_| call!(SYS_kill, 0, libc::SIGSTOP).map(done)),
    attack(76, "tgkill(the host, 0)", |bait| call!(SYS_tgkill, bait.host, bait.host, 0).map(done)),
    attack(77, "rt_sigqueueinfo(the host, 0)", |bait| {
        let mut information = [0_i32; 32];
        information[2] = libc::SI_QUEUE;
        call!(SYS_rt_sigqueueinfo, bait.host, 0, information.as_ptr()).map(done)
    }),
    attack(78, "pidfd_open(the host)", |bait| call!(SYS_pidfd_open, bait.host, 0).map(done)),
    attack(79, "pidfd_getfd(the host)", |bait| {
        let host = call!(SYS_pidfd_open, bait.host, 0)?;
        call!(SYS_pidfd_getfd, host, 0, 0).map(done)
    }),
    attack(80, "ptrace(PTRACE_SEIZE, the host)", |bait| {
        call!(SYS_ptrace, PTRACE_SEIZE, bait.host, 0, 0)?;
        // A process that is not stopped cannot be let go of, so that is for the end of this one.
        call!(SYS_ptrace, PTRACE_DETACH, bait.host, 0, 0).or(Ok(0)).map(done)
    }),
    attack(81, "ptrace(PTRACE_TRACEME)", |_| call!(SYS_ptrace, 0, 0, 0, 0).map(done)),
    attack(82, "process_vm_readv(the host)", |bait| {
        let mut secret = 0_u32;
        let (here, there) = places(&raw mut secret, bait.secret);
        call!(SYS_process_vm_readv, bait.host, here.as_ptr(), 1, there.as_ptr(), 1, 0)?;
        Ok(Loot::Secret(std::hint::black_box(secret)))
    }),
    attack(83, "process_vm_writev(the host)", |bait| {
        let written = bait.number;
        let (here, there) = places(&raw const written, bait.target);
        call!(SYS_process_vm_writev, bait.host, here.as_ptr(), 1, there.as_ptr(), 1, 0).map(done)
    }),
    attack(84, "kcmp(the host)", |bait| call!(SYS_kcmp, bait.host, bait.host, KCMP_VM, 0, 0).map(done)),
    attack(85, "setpriority(the host)", |bait| {
        call!(SYS_setpriority, libc::PRIO_PROCESS, bait.host, 1).map(done)
    }),
    attack(86, "sched_setaffinity(the host)", |bait| {
        let everywhere = [u64::MAX; 16];
        call!(SYS_sched_setaffinity, bait.host, size_of_val(&everywhere), everywhere.as_ptr()).map(done)
    }),
    attack(87, "sched_setscheduler(the host)", |bait| {
        let priority = 0_i32;
        call!(SYS_sched_setscheduler, bait.host, libc::SCHED_BATCH, &raw const priority).map(done)
    }),
    attack(88, "prlimit64(the host)", |bait| {
        let mut limit = [0_u64; 2];
        call!(SYS_prlimit64, bait.host, libc::RLIMIT_CORE, 0, limit.as_mut_ptr())?;
        call!(SYS_prlimit64, bait.host, libc::RLIMIT_CORE, limit.as_ptr(), 0).map(done)
    }),
    attack(89, "prlimit64(itself, no limit of processes)", |_| {
        let unlimited = [u64::MAX; 2];
        call!(SYS_prlimit64, 0, libc::RLIMIT_NPROC, unlimited.as_ptr(), 0).map(done)
    }),
    attack(90, "setns(into the host's network)", |bait| {
        let network = call!(SYS_openat, libc::AT_FDCWD, bait.of_host("ns/net").as_ptr(), libc::O_RDONLY)?;
        call!(SYS_setns, network, 0).map(done)
    }),
];
