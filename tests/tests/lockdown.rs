//! What a host does about the lock-down of its runners. This test program is its own runner, and has no arena.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(unsafe_code, reason = "a function that runs before `main` makes this program a runner")]

use plughold::{Api, RunnerProgram, Sandbox, SandboxLevel};
use plughold_tests::{TestHost, program};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

plughold_tests::also_as_an_ordinary_user!();

/// Before `main`, whose test harness starts threads: a runner has one.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = run_if_asked;

extern "C" fn run_if_asked() {
    plughold_runner::run_if_asked();
}

/// A host with this runner, and whether it may go without a sandbox.
fn host(runner: impl Into<RunnerProgram>, sandbox: Sandbox, allow_unsandboxed: bool) -> TestHost {
    let runner = runner.into();
    TestHost::built(Api::new(()), |builder| {
        let builder = builder.runner(runner).sandbox(sandbox);
        if allow_unsandboxed { builder.allow_unsandboxed() } else { builder }
    })
}

/// Why a plugin is not loaded.
async fn refusal(runner: impl Into<RunnerProgram>, sandbox: Sandbox, id: &str) -> String {
    let mut host = host(runner, sandbox, false);
    let error = host.load_error(id, "export function work() {}").await;
    let _report = host.end().await;
    error.to_string()
}

/// A runner that passes the trial and is then another program.
fn impostor(folder: &Path, program: &Path) -> std::path::PathBuf {
    let path = folder.join("impostor");
    let text = format!("#!/bin/sh\n[ \"$2\" = trial ] && exit 98\nexec {} \"$@\"\n", program.display());
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test]
async fn the_best_is_what_the_machine_can_do() {
    let mut host = host(program("test-runner"), Sandbox::Best, false);
    let plugin = host.load("p", "export function zone() { return new Date(0).toString() }").await;
    let info = plugin.info();
    assert!(info.sandbox.is_some_and(|level| level < SandboxLevel::D), "{:?}", info.sandbox);
    assert_eq!(info.sandbox_layers.last().map(String::as_str), Some("three calls"));
    assert!(plugin.call::<_, String>("zone", ()).await.unwrap().contains("1970"));
    host.finish().await;
}

#[tokio::test]
async fn a_program_without_an_arena_has_seven_calls_and_says_so() {
    let mut host = host(std::env::current_exe().unwrap(), Sandbox::Best, false);
    let work = "export function work() { return 'x'.repeat(3e6).length + app_free() }
        function app_free() { const all = []; for (let i = 0; i < 8; i++) all.push(new Uint8Array(1 << 20)); return all.length }
        export function echo(text) { return text + text }";
    let plugin = host.load("p", work).await;
    assert_eq!(plugin.info().sandbox_layers.last().map(String::as_str), Some("seven calls"));
    assert_eq!(plugin.call::<_, u64>("work", ()).await, Ok(3_000_008));
    let long = "long ".repeat(200_000);
    assert_eq!(plugin.call::<_, String>("echo", (&long,)).await, Ok(format!("{long}{long}")));
    host.finish().await;
}

#[tokio::test]
async fn no_sandbox_has_to_be_allowed() {
    let words = refusal(program("test-runner"), Sandbox::Exactly(SandboxLevel::D), "p").await;
    let expected =
        "there is no sandbox for it: level D is no sandbox, and nobody has allowed plugins without one";
    assert_eq!(words, expected);
    let mut host = host(program("test-runner"), Sandbox::Exactly(SandboxLevel::D), true);
    let plugin = host.load("p", "").await;
    assert_eq!((plugin.info().sandbox, plugin.info().sandbox_layers), (Some(SandboxLevel::D), Vec::new()));
    host.finish().await;
}

#[tokio::test]
async fn a_program_that_cannot_lock_itself_gets_no_plugin() {
    let words = refusal("/bin/false", Sandbox::Best, "p").await;
    let expected = "there is no sandbox for it: level C is wanted, and this machine reaches level D: the trial ended with code 1: ";
    assert_eq!(words, expected);
}

#[tokio::test]
async fn a_runner_that_is_less_than_it_was_told_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let impostor = impostor(folder.path(), &program("misbehaving-runner"));
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let exactly = Sandbox::Exactly(SandboxLevel::C);
    let words = refusal(impostor.clone(), exactly, "well-behaved").await;
    let expected =
        "it was killed: it broke the protocol: a runner at level C was asked for, and it reports level D";
    assert_eq!(words, expected);
    let words = refusal(impostor, exactly, "claims-to-be-locked").await;
    let expected = "it was killed: it broke the protocol: it reports level C, but the system says `";
    assert!(words.starts_with(expected), "{words}");
}

#[tokio::test]
async fn an_honest_runner_that_is_told_less_than_the_host_wants_is_not_loaded() {
    let exactly = Sandbox::AtLeast(SandboxLevel::A);
    let words = refusal("/bin/true", exactly, "p").await;
    assert!(words.starts_with("there is no sandbox for it: level A is wanted"), "{words}");
}
