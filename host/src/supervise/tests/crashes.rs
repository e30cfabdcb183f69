//! Crashes, and when it is enough.

use super::{check, check_active, check_with};
use crate::{Backoff, Restart};
use expect_test::expect;

#[test]
fn a_plugin_that_crashes_comes_back() {
    check_active(
        "dies 1; closed 1; wait 100; up 2",
        expect![[r#"
        dies 1 -> [active]
        closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 1, Restarting 1 [backoff]
        wait 100 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2 [active]
    "#]],
    );
    check_active(
        "closed 1; dies 1; use 2; start 3; up 2",
        expect![[r#"
        closed 1 -> [active]
        dies 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 1, Restarting 1 [backoff]
        use 2 -> refuse 2 [backoff]
        start 3 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, answer 3 ok [active]
    "#]],
    );
    check(
        "start 1; no-process 1; wait 100; up 2",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        no-process 1 -> publish backoff (the runner runner cannot be started: no memory), Restarting 1, answer 1 (the runner runner cannot be started: no memory) [backoff]
        wait 100 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2 [active]
    "#]],
    );
}

#[test]
fn half_of_an_end_is_not_waited_for_for_ever() {
    check_active(
        "dies 1; wait 1000",
        expect![[r#"
        dies 1 -> [active]
        wait 1000 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 1, Restarting 1 [backoff]
    "#]],
    );
    check_active(
        "closed 1; wait 1000; dies 1",
        expect![[r#"
        closed 1 -> [active]
        wait 1000 -> kill 1 (it broke the protocol: it closed its socket and went on) [active]
        dies 1 -> retire 1 (it was killed: it broke the protocol: it closed its socket and went on), publish backoff (it was killed: it broke the protocol: it closed its socket and went on), Exited 1, Restarting 1 [backoff]
    "#]],
    );
}

#[test]
fn five_crashes_disable_it_until_it_is_started_by_hand() {
    let crash =
        |generation: u32| format!("up {generation}; dies {generation}; closed {generation}; wait 30000;");
    let crashes = Vec::from_iter((1..=5).map(crash)).join(" ");
    check(
        &format!("start 1; {crashes} use 2; start 3; up 6; dies 6; closed 6"),
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        up 1 -> load 1, take over 1, publish active, Started 1, answer 1 ok [active]
        dies 1 -> [active]
        closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 1, Restarting 1 [backoff]
        wait 30000 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2 [active]
        dies 2 -> [active]
        closed 2 -> retire 2 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 2, Restarting 2 [backoff]
        wait 30000 -> publish starting, begin 3 present [starting]
        up 3 -> load 3, take over 3, publish active, Started 3 [active]
        dies 3 -> [active]
        closed 3 -> retire 3 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 3, Restarting 3 [backoff]
        wait 30000 -> publish starting, begin 4 present [starting]
        up 4 -> load 4, take over 4, publish active, Started 4 [active]
        dies 4 -> [active]
        closed 4 -> retire 4 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 4, Restarting 4 [backoff]
        wait 30000 -> publish starting, begin 5 present [starting]
        up 5 -> load 5, take over 5, publish active, Started 5 [active]
        dies 5 -> [active]
        closed 5 -> retire 5 (its process was ended by signal 9 (SIGKILL)), publish disabled (its process was ended by signal 9 (SIGKILL)), Exited 5, Disabled after 5, Failed, finish (its process was ended by signal 9 (SIGKILL)) [disabled]
        wait 30000 -> [disabled]
        use 2 -> refuse 2 [disabled]
        start 3 -> publish starting, begin 6 present [starting]
        up 6 -> load 6, take over 6, publish active, Started 6, answer 3 ok [active]
        dies 6 -> [active]
        closed 6 -> retire 6 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 6, Restarting 1 [backoff]
    "#]],
    );
}

#[test]
fn a_violation_disables_it_at_once() {
    check_active(
        "violates 1; closed 1; wait 600000; start 2; up 2",
        expect![[r#"
        violates 1 -> [active]
        closed 1 -> retire 1 (it broke its sandbox), publish disabled (it broke its sandbox), Exited 1, Disabled after 1, Failed, finish (it broke its sandbox) [disabled]
        wait 600000 -> [disabled]
        start 2 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, answer 2 ok [active]
    "#]],
    );
    check_active(
        "breaks 1; violates 1",
        expect![[r#"
        breaks 1 -> kill 1 (it broke the protocol: nonsense) [active]
        violates 1 -> retire 1 (it broke its sandbox), publish disabled (it broke its sandbox), Exited 1, Disabled after 1, Failed, finish (it broke its sandbox) [disabled]
    "#]],
    );
    check_active(
        "reload 2; violates 1; closed 1; given-up 2",
        expect![[r#"
        reload 2 -> begin 2 newest [active]
        violates 1 -> [active]
        closed 1 -> retire 1 (it broke its sandbox), kill 2 (it could not be loaded), publish starting, Exited 1 [starting]
        given-up 2 -> publish disabled (it broke its sandbox), RolledBack 2, Disabled after 1, Failed, finish (it broke its sandbox), answer 2 (it broke its sandbox) [disabled]
    "#]],
    );
}

#[test]
fn what_has_to_be_killed_is_a_crash() {
    check_active(
        "breaks 1; dies 1",
        expect![[r#"
        breaks 1 -> kill 1 (it broke the protocol: nonsense) [active]
        dies 1 -> retire 1 (it was killed: it broke the protocol: nonsense), publish backoff (it was killed: it broke the protocol: nonsense), Exited 1, Restarting 1 [backoff]
    "#]],
    );
    check_active(
        "hangs 1; recovers 1; hangs 1; never-ends 1; dies 1",
        expect![[r#"
        hangs 1 -> publish unresponsive, Unresponsive [unresponsive]
        recovers 1 -> publish active, Responsive [active]
        hangs 1 -> publish unresponsive, Unresponsive [unresponsive]
        never-ends 1 -> kill 1 (it did not respond, and an interrupt did not help) [unresponsive]
        dies 1 -> retire 1 (it was killed: it did not respond, and an interrupt did not help), publish backoff (it was killed: it did not respond, and an interrupt did not help), Exited 1, Restarting 1 [backoff]
    "#]],
    );
}

#[test]
fn the_policy_says_what_comes_back() {
    check_with(
        Restart::Never,
        "start 1; up 1; dies 1; closed 1; start 2; up 2",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        up 1 -> load 1, take over 1, publish active, Started 1, answer 1 ok [active]
        dies 1 -> [active]
        closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish failed (its process was ended by signal 9 (SIGKILL)), Exited 1, Failed, finish (its process was ended by signal 9 (SIGKILL)) [failed]
        start 2 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, answer 2 ok [active]
    "#]],
    );
    let always = Restart::Always(Backoff::default());
    check_with(
        always,
        "start 1; spawned 1; locked 1; throws 1; gone 1; wait 100; up 2",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        spawned 1 -> [starting]
        locked 1 -> load 1 [starting]
        throws 1 -> kill 1 (it could not be loaded) [starting]
        gone 1 -> retire 1 (it was killed: it could not be loaded), publish backoff (the top level failed: Error: no), Exited 1, Restarting 1, answer 1 (the top level failed: Error: no) [backoff]
        wait 100 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2 [active]
    "#]],
    );
}
