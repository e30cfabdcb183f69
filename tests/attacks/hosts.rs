//! The levels, from a host as applications have it: what it makes of runners that are taken over.

use crate::bait::Bait;
use crate::columns::{ATTACKS, Column, attacks, is_possible};
use crate::matrix::Matrix;
use crate::outcome::Outcome;
use crate::runner::{PLUGIN, Reply};
use plughold::{Api, CallError, Exit, Plugin, Sandbox, SandboxLevel, State};
use plughold_sandbox::Plan;
use plughold_tests::{TestHost, eventually, patiently, program};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// The attack that reads the memory of the host.
const READ_THE_HOST: u32 = 82;

/// Loads the attacking plugin and has it try one attack.
async fn try_one(host: &mut TestHost, number: u32) -> (Plugin, Outcome) {
    let bait = Bait::lay(number);
    let plugin = host.load(&format!("attack-{number}"), PLUGIN).await;
    let [attack, process, serial, port, secret, target] = bait.order();
    let order = (attack, process, serial, port, secret, target);
    let reply = match patiently("an answer", plugin.call::<_, String>("order", order)).await {
        Ok(text) => Reply::Answer(text.parse().unwrap()),
        Err(CallError::Gone { exit, .. }) => Reply::Ended(status(&exit)),
        Err(error) => panic!("{error}"),
    };
    let outcome = Outcome::of_attack(number, &reply, &bait);
    (plugin, outcome)
}

fn status(exit: &Exit) -> ExitStatus {
    match exit {
        Exit::Violation { .. } => ExitStatus::from_raw(libc::SIGSYS),
        Exit::Signal(signal) => ExitStatus::from_raw(*signal),
        Exit::Code { code, .. } => ExitStatus::from_raw(code << 8),
        other => panic!("{other}"),
    }
}

async fn nothing_succeeds(level: SandboxLevel) {
    if !is_possible(&format!("level {level}"), &Plan::at(level)) {
        return;
    }
    let mut host = TestHost::built(Api::new(()), |builder| {
        builder.runner(program("attacking-runner")).sandbox(Sandbox::Exactly(level))
    });
    let matrix = Matrix::read();
    let expected = matrix.column(Column::Level(level));
    let mut tried = 0;
    for (attack, expected) in attacks().iter().zip(expected) {
        let (plugin, outcome) = try_one(&mut host, attack.number).await;
        let (number, name) = (attack.number, &attack.name);
        assert!(!outcome.has_succeeded(), "{number} {name} succeeds at level {level}");
        assert_eq!(outcome, *expected, "{number} {name} at level {level}");
        if outcome.is_killed() {
            // A plugin that broke its sandbox gets no second chance.
            eventually(State::Disabled, || plugin.state()).await;
        } else if plugin.state() == State::Active {
            plugin.stop().await;
        }
        tried += 1;
    }
    assert_eq!(tried, ATTACKS);
    let _ended_by_attacks = host.end().await;
}

#[tokio::test]
async fn nothing_succeeds_at_level_a() {
    nothing_succeeds(SandboxLevel::A).await;
}

#[tokio::test]
async fn nothing_succeeds_at_level_b() {
    nothing_succeeds(SandboxLevel::B).await;
}

#[tokio::test]
async fn nothing_succeeds_at_level_c() {
    nothing_succeeds(SandboxLevel::C).await;
}

/// The proof that the other tests could fail: the same host, the same attack, and no sandbox.
#[tokio::test]
async fn a_host_without_a_sandbox_is_read() {
    let mut host = TestHost::built(Api::new(()), |builder| {
        let level = Sandbox::Exactly(SandboxLevel::D);
        builder.runner(program("attacking-runner")).sandbox(level).allow_unsandboxed()
    });
    let (plugin, outcome) = try_one(&mut host, READ_THE_HOST).await;
    assert!(outcome.has_succeeded(), "{outcome}");
    assert_eq!(plugin.info().sandbox, Some(SandboxLevel::D));
    let _ended_by_attacks = host.end().await;
}
