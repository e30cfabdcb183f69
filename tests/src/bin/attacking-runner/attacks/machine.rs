//! The kernel as the master of the machine: programs for it, modules, power, clocks.

use super::attack::{Attack, Denied, attack, done};
use super::system::call;
use std::time::{SystemTime, UNIX_EPOCH};

/// `struct perf_event_attr` up to its flags: a software clock of this process, user mode only.
const CLOCK_EVENT: [u64; 16] = [1 | 128 << 32, 0, 0, 0, 0, 1 << 5 | 1 << 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// `KEY_SPEC_PROCESS_KEYRING`.
const OWN_KEYRING: i32 = -2;

/// `SYSLOG_ACTION_READ_ALL`.
const READ_ALL: i32 = 3;

/// `ARCH_SET_GS`.
const SET_GS: u32 = 0x1001;

fn add_key() -> Result<i64, Denied> {
    let (kind, name) = (c"user", c"plughold");
    call!(SYS_add_key, kind.as_ptr(), name.as_ptr(), name.as_ptr(), 1, OWN_KEYRING)
}

fn ring() -> Result<i64, Denied> {
    let mut parameters = [0_u32; 30];
    call!(SYS_io_uring_setup, 1, parameters.as_mut_ptr())
}

/// The processor clock of another process.
fn clock_of(process: i32) -> i32 {
    !process << 3 | 2
}

pub(crate) const ATTACKS: &[Attack] = &[
    attack(127, "bpf(BPF_MAP_CREATE)", |_| {
        let (kind, key, value, entries) = (2_u32, 4, 4, 1);
        let map = [kind, key, value, entries];
        call!(SYS_bpf, 0, map.as_ptr(), size_of_val(&map)).map(done)
    }),
    attack(128, "perf_event_open(itself)", |_| {
        call!(SYS_perf_event_open, CLOCK_EVENT.as_ptr(), 0, -1_i32, -1_i32, 0).map(done)
    }),
    attack(129, "io_uring_setup", |_| ring().map(done)),
    attack(130, "io_uring_setup, io_uring_enter", |_| {
        let ring = ring()?;
        call!(SYS_io_uring_enter, ring, 0, 0, 0, 0, 0).map(done)
    }),
    attack(131, "add_key", |_| add_key().map(done)),
    attack(132, "keyctl(KEYCTL_GET_KEYRING_ID)", |_| call!(SYS_keyctl, 0, OWN_KEYRING, 1).map(done)),
    attack(133, "add_key, request_key", |_| {
        add_key()?;
        call!(SYS_request_key, c"user".as_ptr(), c"plughold".as_ptr(), 0, 0).map(done)
    }),
    attack(134, "init_module", |_| call!(SYS_init_module, 0, 0, c"".as_ptr()).map(done)),
    attack(135, "finit_module", |_| call!(SYS_finit_module, -1_i32, c"".as_ptr(), 0).map(done)),
    attack(136, "kexec_load", |_| call!(SYS_kexec_load, 0, 0, 0, 0).map(done)),
    attack(137, "reboot, with the wrong magic", |_| call!(SYS_reboot, 0, 0, 0, 0).map(done)),
    attack(138, "syslog(SYSLOG_ACTION_READ_ALL)", |_| {
        let mut text = [0_u8; 256];
        call!(SYS_syslog, READ_ALL, text.as_mut_ptr(), text.len()).map(done)
    }),
    attack(139, "iopl(3)", |_| call!(SYS_iopl, 3).map(done)),
    attack(140, "modify_ldt(read)", |_| {
        let mut table = [0_u64; 8];
        call!(SYS_modify_ldt, 0, table.as_mut_ptr(), size_of_val(&table)).map(done)
    }),
    attack(141, "arch_prctl(ARCH_SET_GS)", |_| call!(SYS_arch_prctl, SET_GS, 0).map(done)),
    attack(142, "uname", |_| {
        let mut names = [0_u8; 6 * 65];
        call!(SYS_uname, names.as_mut_ptr()).map(done)
    }),
    attack(143, "sysinfo", |_| {
        let mut facts = [0_u64; 16];
        call!(SYS_sysinfo, facts.as_mut_ptr()).map(done)
    }),
    attack(144, "getrusage", |_| {
        let mut usage = [0_u64; 18];
        call!(SYS_getrusage, libc::RUSAGE_SELF, usage.as_mut_ptr()).map(done)
    }),
    attack(145, "clock_settime", |_| {
        // The time that it is: a machine that allows it is not to suffer.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = [since.as_secs(), u64::from(since.subsec_nanos())];
        call!(SYS_clock_settime, libc::CLOCK_REALTIME, now.as_ptr()).map(done)
    }),
    attack(146, "adjtimex(read)", |_| {
        let mut state = [0_u64; 26];
        call!(SYS_adjtimex, state.as_mut_ptr()).map(done)
    }),
    attack(147, "clock_gettime(the host's processor time)", |bait| {
        let mut time = [0_i64; 2];
        call!(SYS_clock_gettime, clock_of(bait.host), time.as_mut_ptr()).map(done)
    }),
];
