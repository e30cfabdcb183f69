//! What a process can still do once it has locked itself: this test program is executed again for each row, locks
//! itself as the row says, and does one thing.
#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "the children do what no safe code does")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use plughold_sandbox::{Calls, Layer, Layers, Level, OnViolation, Plan, Trapped, Witness, call_name, lock};
use std::env;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};

/// In a child: the plan as a number, then what it does.
const CHILD: &str = "PLUGHOLD_TEST_LOCKED";

/// The deed of a child that waits for another byte before it locks itself.
const LATE: &str = "late";

/// The deed of a child that has memory which can be written and executed.
const OPEN: &str = "open";

/// A user without rights, whom every machine has.
const NOBODY: u32 = 65_534;

/// The exit code of a child that could not lock itself.
const NOT_LOCKED: i32 = 90;

/// The exit code of a child that was told of an abort.
const ABORTED: i32 = 91;

/// The exit code of a child that was told of a violation.
const VIOLATION: i32 = 92;

/// A child and our end of its descriptor 0.
struct Locked {
    child: Child,
    socket: UnixStream,
}

impl Locked {
    /// Starts a child that locks itself, says what is in force, and waits for a byte before it does `deed`.
    fn start(plan: &Plan, deed: &str, user: Option<u32>) -> Locked {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .env_clear()
            .env(CHILD, format!("{} {} {deed}", plan.encode(), std::process::id()))
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null());
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        Locked { child: command.spawn().unwrap(), socket: ours }
    }

    /// What it says once it is locked.
    fn claim(&mut self) -> String {
        let mut length = [0];
        self.socket.read_exact(&mut length).unwrap();
        let mut text = vec![0; usize::from(length[0])];
        self.socket.read_exact(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    /// Lets it do its deed; gives what it wrote, and how it ended.
    fn go(mut self) -> (String, ExitStatus) {
        self.socket.write_all(b"!").unwrap();
        self.end()
    }

    fn end(mut self) -> (String, ExitStatus) {
        let mut text = String::new();
        self.socket.read_to_string(&mut text).unwrap();
        (text, self.child.wait().unwrap())
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // It may have ended already.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Before `main`, whose test harness starts threads: a process that locks itself has one.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = child;

/// Does nothing, except in the processes that [`Locked::start`] starts.
extern "C" fn child() {
    let Ok(task) = env::var(CHILD) else { return };
    let [plan, parent, deed] = task.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
    let plan = Plan::decode(plan.parse().unwrap()).unwrap();
    match deed {
        LATE => wait(),
        OPEN => map_open_memory(),
        _ => {}
    }
    match lock(&plan, Some(parent.parse().unwrap()), c"locked", on_trap) {
        Ok(established) => say(&format!("{}: {}", established.level, established.layers.join(", "))),
        Err(error) => {
            say(&error.to_string());
            exit(NOT_LOCKED)
        }
    }
    wait();
    perform(deed)
}

fn map_open_memory() {
    let protection = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
    // SAFETY: a new mapping at an address of the system's choice touches no memory that is in use.
    unsafe {
        libc::mmap(std::ptr::null_mut(), 4096, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
    };
}

fn wait() {
    let mut byte = [0_u8];
    // SAFETY: reads one byte into a place of one byte.
    unsafe { libc::read(0, byte.as_mut_ptr().cast(), 1) };
}

fn perform(deed: &str) -> ! {
    match deed {
        "exit" | LATE | OPEN => exit(7),
        "abort" => std::process::abort(),
        // SAFETY: it is no valid access, which is what it is for: the process ends.
        "null" => unsafe { std::ptr::without_provenance_mut::<u8>(8).write_volatile(1) },
        // SAFETY: it ends the process.
        #[cfg(target_arch = "x86_64")]
        "illegal" => unsafe { std::arch::asm!("ud2") },
        "clock" => drop((std::time::Instant::now(), std::time::SystemTime::now())),
        "memory" => {
            // SAFETY: a new mapping at an address of the system's choice touches no memory that is in use.
            let address = unsafe {
                libc::mmap(
                    std::ptr::null_mut(),
                    4096,
                    libc::PROT_READ,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                    -1,
                    0,
                )
            };
            let error = std::io::Error::last_os_error().raw_os_error();
            write(match (address == libc::MAP_FAILED, error) {
                (true, Some(libc::ENOMEM)) => "none",
                (true, _) => "another error",
                (false, _) => "some",
            });
        }
        call => {
            let number: libc::c_long = call.parse().unwrap();
            // SAFETY: none of the calls in these tests touches memory when its arguments are zero.
            let answer = unsafe { libc::syscall(number, 0, 0, 0, 0, 0, 0) };
            write(if answer < 0 { "denied" } else { "done" });
        }
    }
    exit(0)
}

fn on_trap(trapped: Trapped) -> ! {
    match trapped {
        Trapped::Aborted => exit(ABORTED),
        Trapped::Violation { number } => {
            write(call_name(number));
            exit(VIOLATION)
        }
    }
}

fn say(text: &str) {
    let bytes = [&[text.len() as u8], text.as_bytes()].concat();
    // SAFETY: reads as many bytes as there are.
    unsafe { libc::write(0, bytes.as_ptr().cast(), bytes.len()) };
}

fn write(text: &str) {
    // SAFETY: reads as many bytes as there are.
    unsafe { libc::write(0, text.as_ptr().cast(), text.len()) };
}

fn exit(code: i32) -> ! {
    // SAFETY: takes any number and never returns.
    unsafe { libc::_exit(code) }
}

/// The users as whom the rows are run: the one who runs the tests, and an ordinary one where that is root.
fn users() -> Vec<Option<u32>> {
    if rustix::process::geteuid().is_root() { vec![None, Some(NOBODY)] } else { vec![None] }
}

/// Runs a deed at levels A, B and C, as every user.
#[track_caller]
fn check(change: impl Fn(Plan) -> Plan, deed: &str, code: Option<i32>, signal: Option<i32>, said: &str) {
    for level in [Level::A, Level::B, Level::C] {
        for user in users() {
            let plan = change(Plan::at(level));
            let mut locked = Locked::start(&plan, deed, user);
            let outcome = plan.outcome();
            assert_eq!(locked.claim(), format!("{level}: {}", outcome.layers.join(", ")), "{user:?}");
            let (text, status) = locked.go();
            let found = (status.code(), status.signal(), text.as_str());
            assert_eq!(found, (code, signal, said), "{deed} at level {level} as {user:?}");
        }
    }
}

#[test]
fn three_calls_are_left() {
    let plan = |plan| plan;
    check(plan, "exit", Some(7), None, "");
    check(plan, "memory", Some(0), None, "none");
    check(plan, "clock", Some(0), None, "");
}

#[test]
fn everything_else_kills() {
    let plan = |plan| plan;
    for call in [libc::SYS_openat, libc::SYS_getpid, libc::SYS_socket, libc::SYS_clone, libc::SYS_futex] {
        check(plan, &call.to_string(), None, Some(libc::SIGSYS), "");
    }
}

#[test]
fn a_violation_is_told_where_that_is_wanted() {
    let told = |plan| Plan { on_violation: OnViolation::Trap, ..plan };
    check(told, &libc::SYS_openat.to_string(), Some(VIOLATION), None, "openat");
    check(told, "abort", Some(ABORTED), None, "");
    check(told, "exit", Some(7), None, "");
}

#[test]
fn a_signal_from_elsewhere_is_not_taken_for_a_call() {
    for on_violation in [OnViolation::Kill, OnViolation::Trap] {
        let mut locked = Locked::start(&Plan { on_violation, ..Plan::at(Level::C) }, "exit", None);
        locked.claim();
        let pid = rustix::process::Pid::from_child(&locked.child);
        rustix::process::kill_process(pid, rustix::process::Signal::SYS).unwrap();
        let (text, status) = locked.end();
        assert_eq!((text.as_str(), status.signal()), ("", Some(libc::SIGSYS)), "{on_violation:?}");
    }
}

#[test]
fn only_a_filtered_process_bears_the_name() {
    for (plan, is_named) in [(Plan::at(Level::C), true), (Plan::NONE, false)] {
        let mut locked = Locked::start(&plan, "exit", None);
        locked.claim();
        let name = std::fs::read_to_string(format!("/proc/{}/comm", locked.child.id())).unwrap();
        assert_eq!(name == "locked\n", is_named, "{name}");
    }
}

#[test]
fn faults_and_aborts_are_no_violations() {
    let plan = |plan| plan;
    check(plan, "abort", Some(ABORTED), None, "");
    check(plan, "null", None, Some(libc::SIGSEGV), "");
    #[cfg(target_arch = "x86_64")]
    check(plan, "illegal", None, Some(libc::SIGILL), "");
}

#[test]
fn seven_calls_map_memory() {
    check(|plan| Plan { calls: Calls::Seven, ..plan }, "memory", Some(0), None, "some");
}

#[test]
fn the_clock_may_be_read_where_the_plan_says_so() {
    let number = libc::SYS_clock_gettime.to_string();
    check(|plan| plan, &number, None, Some(libc::SIGSYS), "");
    // Without a place to write to, the call happens and fails.
    check(|plan| Plan { clock: true, ..plan }, &number, Some(0), None, "denied");
}

#[test]
fn the_system_confirms_what_a_process_claims() {
    for level in [Level::A, Level::B, Level::C] {
        for user in users() {
            let plan = Plan::at(level);
            let mut locked = Locked::start(&plan, "exit", user);
            let witness = Witness::new(locked.child.id(), plan).unwrap();
            locked.claim();
            assert_eq!(witness.verify(level, &layers(&plan)), Ok(()), "{level} as {user:?}");
        }
    }
}

/// Set where processes that nobody may look into are hidden.
const HIDDEN: &str = "PLUGHOLD_TEST_HIDDEN";

#[test]
fn a_process_is_seen_where_the_system_hides_it() {
    if env::var_os(HIDDEN).is_some() {
        let plan = Plan::at(Level::C);
        let mut locked = Locked::start(&plan, LATE, None);
        let witness = Witness::new(locked.child.id(), plan).unwrap();
        locked.socket.write_all(b"!").unwrap();
        locked.claim();
        assert!(Witness::new(locked.child.id(), plan).is_err(), "it is not hidden");
        return assert_eq!(witness.verify(Level::C, &layers(&plan)), Ok(()));
    }
    if !rustix::process::geteuid().is_root() {
        return skip("a hidden process", "only root can hide processes");
    }
    let script = "mount -t proc -o hidepid=invisible proc /proc || exit 77
        exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\"";
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", script, "sh"])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "a_process_is_seen_where_the_system_hides_it", "--nocapture"])
        .env(HIDDEN, "")
        .output();
    match output {
        Ok(output) if output.status.code() == Some(77) => {
            skip("a hidden process", &String::from_utf8_lossy(&output.stderr));
        }
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let words = String::from_utf8_lossy(&output.stdout);
            assert!(words.contains("1 passed"), "{words}");
        }
        Err(error) => skip("a hidden process", &error.to_string()),
    }
}

/// Says aloud why a test did not run.
fn skip(what: &str, why: &str) {
    // Not by the macro: the output of a test that passes would not be shown.
    std::io::stderr().write_all(format!("SKIPPED: {what}: {why}\n").as_bytes()).unwrap();
}

fn layers(plan: &Plan) -> Vec<String> {
    plan.outcome().layers.iter().map(ToString::to_string).collect()
}

/// In a container each process has a filter from the beginning, which says nothing about the runner's own.
#[test]
fn a_filter_that_the_process_has_inherited_is_no_proof() {
    let found = std::thread::spawn(|| {
        let reached = Plan { without: Layers::of(&[Layer::Filter]), ..Plan::at(Level::C) };
        let claimed = Plan::at(Level::C);
        allow_everything();
        let mut locked = Locked::start(&reached, "exit", None);
        let witness = Witness::new(locked.child.id(), claimed).unwrap();
        locked.claim();
        let found = witness.verify(Level::C, &layers(&claimed)).unwrap_err().to_string();
        let mut locked = Locked::start(&claimed, "exit", None);
        let witness = Witness::new(locked.child.id(), claimed).unwrap();
        locked.claim();
        assert_eq!(witness.verify(Level::C, &layers(&claimed)), Ok(()), "one of its own besides");
        found
    });
    let found = found.join().unwrap();
    assert!(found.contains("`Seccomp_filters: ") && found.ends_with(" one more than of the host"), "{found}");
}

/// Puts a filter on this thread that leaves every call.
fn allow_everything() {
    let allow = libc::sock_filter {
        code: (libc::BPF_RET | libc::BPF_K) as u16,
        jt: 0,
        jf: 0,
        k: libc::SECCOMP_RET_ALLOW,
    };
    let program = libc::sock_fprog { len: 1, filter: (&raw const allow).cast_mut() };
    // SAFETY: the program has one instruction, which the kernel reads and keeps a copy of.
    let result = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program)
    };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

#[test]
fn a_process_that_claims_too_much_is_found_out() {
    let reached = Plan { without: Layers::of(&[Layer::Filter]), ..Plan::at(Level::B) };
    let mut locked = Locked::start(&reached, "exit", None);
    let claimed = Plan::at(Level::B);
    let witness = Witness::new(locked.child.id(), claimed).unwrap();
    assert!(locked.claim().starts_with("D: "));
    let found = witness.verify(Level::B, &layers(&claimed)).unwrap_err().to_string();
    let expected = "it reports level B, but the system says `Seccomp: 0` of its process and not 2";
    assert_eq!(found, expected);
}

#[test]
fn each_layer_can_be_put_on_alone() {
    for layer in Layer::ALL {
        for user in users() {
            let plan = Plan::only(layer);
            let mut locked = Locked::start(&plan, "exit", user);
            assert_eq!(locked.claim(), format!("D: {}", plan.outcome().layers.join(", ")));
            let (_, status) = locked.go();
            assert_eq!(status.code(), Some(7), "{layer} as {user:?}");
        }
    }
}

#[test]
fn memory_that_can_be_written_and_executed_already_is_told() {
    let mut locked = Locked::start(&Plan::at(Level::B), OPEN, None);
    assert_eq!(locked.claim(), "no new code: the program has memory that can be written and executed");
    // So the layer is left out, and what is reported does not name it.
    let plan = Plan { without: Layers::of(&[Layer::NoNewCode]), ..Plan::at(Level::B) };
    let mut locked = Locked::start(&plan, OPEN, None);
    assert_eq!(locked.claim(), format!("B: {}", plan.outcome().layers.join(", ")));
    assert_eq!(locked.go().1.code(), Some(7));
}

#[test]
fn a_process_whose_parent_is_gone_does_not_go_on() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let child = Command::new(env::current_exe().unwrap())
        .env(CHILD, format!("{} 1 exit", Plan::at(Level::C).encode()))
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut locked = Locked { child, socket: ours };
    assert_eq!(locked.claim(), "the process that started it has ended");
    assert_eq!(locked.end().1.code(), Some(NOT_LOCKED));
}
