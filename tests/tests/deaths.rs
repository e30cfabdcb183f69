//! How a locked runner dies is told apart, at every level: this test program is its own runner, in which
//! `Math.cbrt(n)` is native code that dies in the way with the number `n`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(unsafe_code, reason = "native code that dies is what is tested")]

use plughold::{Api, CallError, Exit, LoadError, Sandbox, SandboxLevel};
use plughold_tests::TestHost;
use std::hint::black_box;

plughold_runner::install_arena!();

plughold_tests::also_as_an_ordinary_user!();

/// Before `main`, whose test harness starts threads: a runner has one.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = run_if_asked;

extern "C" fn run_if_asked() {
    plughold_runner::run_if_asked();
}

/// What the engine calls for `Math.cbrt`, in place of the C library's.
#[unsafe(no_mangle)]
extern "C" fn cbrt(number: f64) -> f64 {
    match number as u32 {
        // SAFETY: these end the process, which is what they are for.
        1 => unsafe { libc::abort() },
        2 => panic!("a mistake of our own"),
        3 => drop(black_box(Vec::<u8>::with_capacity(1 << 40))),
        4 => drop(black_box(recurse(1))),
        // SAFETY: as above.
        5 => unsafe { std::ptr::without_provenance_mut::<u8>(64).write_volatile(1) },
        // SAFETY: a call without arguments.
        6 => drop(black_box(unsafe { libc::syscall(libc::SYS_getuid) })),
        // SAFETY: as above.
        7 => unsafe { libc::_exit(7) },
        8 => std::process::abort(),
        // SAFETY: as above.
        9 => _ = unsafe { libc::raise(libc::SIGILL) },
        _ => {}
    }
    number
}

#[allow(unconditional_recursion, reason = "it shall run over its stack")]
fn recurse(depth: u64) -> u64 {
    let room = black_box([depth; 64]);
    recurse(room[1]) ^ room[2]
}

const PLUGIN: &str = "
    export function die(how) { return Math.cbrt(how) }
    export function fill() { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)) }
";

/// A host whose runners are this program.
fn host(sandbox: Sandbox) -> TestHost {
    let program = std::env::current_exe().unwrap();
    TestHost::built(Api::new(()), |builder| builder.runner(program).sandbox(sandbox).allow_unsandboxed())
}

/// Loads a plugin that ends by a call of `export`, and gives how it ended; none if the machine has no such sandbox.
async fn death(sandbox: Sandbox, export: &str, how: u32) -> Option<Exit> {
    let mut host = host(sandbox);
    let package = host.script("mortal", PLUGIN);
    let plugin = match host.load_package(package).await {
        Ok(plugin) => plugin,
        Err(LoadError::Sandbox(words)) => {
            plughold_tests::ordinary::skip("a death", &words);
            host.abandon();
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    let level = plugin.info().sandbox;
    if let Sandbox::Exactly(expected) = sandbox {
        assert_eq!(level, Some(expected));
    }
    let exit = match plugin.call::<_, f64>(export, (how,)).await {
        Err(CallError::Gone { exit, .. }) => exit,
        other => panic!("it lives: {other:?}"),
    };
    let _report = host.end().await;
    Some(exit)
}

async fn check(export: &str, how: u32, expected: &str) {
    for level in [SandboxLevel::A, SandboxLevel::B, SandboxLevel::C] {
        if let Some(exit) = death(Sandbox::Exactly(level), export, how).await {
            assert_eq!(exit.to_string(), expected, "at level {level}");
        }
    }
}

#[tokio::test]
async fn an_abort_is_no_violation() {
    check("die", 1, "its process ended with code 77: the runner aborted").await;
    check("die", 8, "its process ended with code 77: the runner aborted").await;
}

#[tokio::test]
async fn a_panic_says_where_it_was() {
    let Some(exit) = death(Sandbox::Exactly(SandboxLevel::A), "die", 2).await else { return };
    let words = exit.to_string();
    let expected = "its process ended with code 70: the runner panicked: a mistake of our own at ";
    assert!(words.starts_with(expected), "{words}");
}

#[tokio::test]
async fn memory_runs_out_in_the_runner_and_in_the_plugin() {
    let expected = "its process ended with code 71: out of memory: the runner used all 63 MiB of its arena";
    check("die", 3, expected).await;
    let expected = "its process ended with code 71: out of memory: the plugin used its 64 MiB";
    check("fill", 0, expected).await;
}

#[tokio::test]
async fn a_native_stack_runs_over() {
    let expected = "its process ended with code 72: native stack overflow: the native stack ran over";
    check("die", 4, expected).await;
}

#[tokio::test]
async fn a_fault_is_the_signal_that_it_is() {
    check("die", 5, "its process was ended by signal 11 (SIGSEGV)").await;
}

#[tokio::test]
async fn only_a_violation_is_one() {
    check("die", 6, "it broke its sandbox").await;
    check("die", 9, "it broke its sandbox").await;
    check("die", 7, "its process ended with code 7").await;
}

#[tokio::test]
async fn a_violation_is_named_where_that_is_wanted() {
    let Some(exit) = death(Sandbox::Log, "die", 6).await else { return };
    let number = libc::SYS_getuid;
    let expected = format!("it broke its sandbox: the system call getuid ({number})");
    assert_eq!(exit.to_string(), expected);
}

#[tokio::test]
async fn without_a_sandbox_none_of_it_is_held() {
    let mut host = host(Sandbox::Exactly(SandboxLevel::D));
    let plugin = host.load("mortal", PLUGIN).await;
    assert_eq!(plugin.info().sandbox, Some(SandboxLevel::D));
    assert_eq!(plugin.call::<_, f64>("die", (6,)).await, Ok(6.0));
    host.finish().await;
}
