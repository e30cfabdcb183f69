//! Reloads: who takes over from whom, and what happens when nobody does.

use super::{check, check_active, check_reloading};
use expect_test::expect;

#[test]
fn the_new_one_takes_over_when_it_is_active() {
    check(
        "start 1; up 1; reload 2; spawned 2; locked 2; state 1; ready 2; settled 2; drained 1; gone 1",
        expect![[r#"
            start 1 -> publish starting, begin 1 present [starting]
            up 1 -> load 1, take over 1, publish active, Started 1, answer 1 ok [active]
            reload 2 -> begin 2 newest [active]
            spawned 2 -> [active]
            locked 2 -> suspend 1 [active]
            state 1 -> load 2 with state [active]
            ready 2 -> [active]
            settled 2 -> take over 2, Started 2, Reloaded 2, answer 2 ok, drain 1 [active]
            drained 1 -> stop 1 [active]
            gone 1 -> retire 1 (it was stopped), Exited 1 [active]
        "#]],
    );
}

#[test]
fn what_is_in_flight_has_a_while() {
    check_active(
        "reload 2; up 2; stateless 1; ready 2; settled 2; wait 2000; wait 2000; dies 1",
        expect![[r#"
            reload 2 -> begin 2 newest [active]
            up 2 -> suspend 1 [active]
            stateless 1 -> load 2 [active]
            ready 2 -> [active]
            settled 2 -> take over 2, Started 2, Reloaded 2, answer 2 ok, drain 1 [active]
            wait 2000 -> stop 1 [active]
            wait 2000 -> kill 1 (it did not stop in time) [active]
            dies 1 -> retire 1 (it was killed: it did not stop in time), Exited 1 [active]
        "#]],
    );
}

#[test]
fn the_state_does_not_come() {
    check_reloading(
        "wait 2000; state 1; ready 2; settled 2",
        expect![[r#"
            wait 2000 -> StateLost 1 (it did not give its state in time), load 2 [active]
            state 1 -> [active]
            ready 2 -> [active]
            settled 2 -> take over 2, Started 2, Reloaded 2, answer 2 ok, drain 1 [active]
        "#]],
    );
    check_reloading(
        "state-throws 1; ready 2; settled 2",
        expect![[r#"
        state-throws 1 -> StateLost 1 (no), load 2 [active]
        ready 2 -> [active]
        settled 2 -> take over 2, Started 2, Reloaded 2, answer 2 ok, drain 1 [active]
    "#]],
    );
}

#[test]
fn it_is_rolled_back_whatever_goes_wrong() {
    check_active(
        "reload 2; no-package 2; use 3",
        expect![[r#"
        reload 2 -> begin 2 newest [active]
        no-package 2 -> RolledBack 2, answer 2 (the package cannot be read: it is not there) [active]
        use 3 -> answer 3 ok [active]
    "#]],
    );
    check_active(
        "reload 2; no-process 2",
        expect![[r#"
        reload 2 -> begin 2 newest [active]
        no-process 2 -> RolledBack 2, answer 2 (the runner runner cannot be started: no memory) [active]
    "#]],
    );
    check_active(
        "reload 2; spawned 2; wait 5000; dies 2",
        expect![[r#"
        reload 2 -> begin 2 newest [active]
        spawned 2 -> [active]
        wait 5000 -> kill 2 (it did not start in time) [active]
        dies 2 -> retire 2 (it was killed: it did not start in time), Exited 2, RolledBack 2, answer 2 (the runner did not get ready within 5s) [active]
    "#]],
    );
    check_reloading(
        "state 1; throws 2; gone 2; dies 1; closed 1; wait 100; up 3",
        expect![[r#"
            state 1 -> load 2 with state [active]
            throws 2 -> kill 2 (it could not be loaded) [active]
            gone 2 -> retire 2 (it was killed: it could not be loaded), Exited 2, RolledBack 2, answer 2 (the top level failed: Error: no) [active]
            dies 1 -> [active]
            closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 1, Restarting 1 [backoff]
            wait 100 -> publish starting, begin 3 present [starting]
            up 3 -> load 3, take over 3, publish active, Started 3 [active]
        "#]],
    );
    check_reloading(
        "dies 2; closed 2; state 1",
        expect![[r#"
        dies 2 -> [active]
        closed 2 -> retire 2 (its process was ended by signal 9 (SIGKILL)), Exited 2, RolledBack 2, answer 2 (its process was ended by signal 9 (SIGKILL)) [active]
        state 1 -> [active]
    "#]],
    );
    check_reloading(
        "stateless 1; never-ends 2; dies 2",
        expect![[r#"
        stateless 1 -> load 2 [active]
        never-ends 2 -> kill 2 (it did not respond, and an interrupt did not help) [active]
        dies 2 -> retire 2 (it was killed: it did not respond, and an interrupt did not help), Exited 2, RolledBack 2, answer 2 (it was killed: it did not respond, and an interrupt did not help) [active]
    "#]],
    );
}

#[test]
fn two_at_once() {
    check(
        "start 1; reload 2; reload 3; up 1; reload 4; up 2; stateless 1; ready 2; settled 2; gone 1",
        expect![[r#"
            start 1 -> publish starting, begin 1 present [starting]
            reload 2 -> [starting]
            reload 3 -> [starting]
            up 1 -> load 1, take over 1, publish active, Started 1, answer 1 ok, begin 2 newest [active]
            reload 4 -> [active]
            up 2 -> suspend 1 [active]
            stateless 1 -> load 2 [active]
            ready 2 -> [active]
            settled 2 -> take over 2, Started 2, Reloaded 2, answer 2 ok, answer 3 ok, drain 1 [active]
            gone 1 -> retire 1 (its process ended with code 0), Exited 1, begin 3 newest [active]
        "#]],
    );
}

#[test]
fn the_old_one_crashes_meanwhile() {
    check_active(
        "reload 2; spawned 2; dies 1; closed 1; locked 2; ready 2; settled 2",
        expect![[r#"
            reload 2 -> begin 2 newest [active]
            spawned 2 -> [active]
            dies 1 -> [active]
            closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish starting, Exited 1 [starting]
            locked 2 -> load 2 [starting]
            ready 2 -> [starting]
            settled 2 -> take over 2, publish active, Started 2, Reloaded 2, answer 2 ok [active]
        "#]],
    );
    check_reloading(
        "dies 1; closed 1; ready 2; settled 2",
        expect![[r#"
            dies 1 -> [active]
            closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), StateLost 1 (it ended before it gave its state: its process was ended by signal 9 (SIGKILL)), publish starting, Exited 1, load 2 [starting]
            ready 2 -> [starting]
            settled 2 -> take over 2, publish active, Started 2, Reloaded 2, answer 2 ok [active]
        "#]],
    );
    check_active(
        "reload 2; spawned 2; dies 1; closed 1; dies 2; closed 2; wait 100",
        expect![[r#"
        reload 2 -> begin 2 newest [active]
        spawned 2 -> [active]
        dies 1 -> [active]
        closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish starting, Exited 1 [starting]
        dies 2 -> [starting]
        closed 2 -> retire 2 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 2, RolledBack 2, Restarting 1, answer 2 (its process was ended by signal 9 (SIGKILL)) [backoff]
        wait 100 -> publish starting, begin 3 present [starting]
    "#]],
    );
    check_active(
        "reload 2; up 2; stateless 1; ready 2; dies 1; settled 2; closed 1",
        expect![[r#"
        reload 2 -> begin 2 newest [active]
        up 2 -> suspend 1 [active]
        stateless 1 -> load 2 [active]
        ready 2 -> [active]
        dies 1 -> [active]
        settled 2 -> take over 2, Started 2, Reloaded 2, answer 2 ok, drain 1 [active]
        closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), Exited 1 [active]
    "#]],
    );
}

#[test]
fn a_stop_meanwhile_ends_both() {
    check_active(
        "reload 2; stop 3; gone 1; given-up 2",
        expect![[r#"
        reload 2 -> begin 2 newest [active]
        stop 3 -> stop 1, kill 2 (that was asked for) [active]
        gone 1 -> retire 1 (it was stopped), Exited 1, publish stopped [stopped]
        given-up 2 -> RolledBack 2, Stopped, answer 2 (it was stopped while it was loading), finish (it was stopped), answer 3 (it was stopped) [stopped]
    "#]],
    );
    check_reloading(
        "stop 3; dies 2; gone 1",
        expect![[r#"
        stop 3 -> stop 1, kill 2 (that was asked for) [active]
        dies 2 -> retire 2 (it was killed: that was asked for), Exited 2, RolledBack 2 [active]
        gone 1 -> retire 1 (it was stopped), Exited 1, publish stopped, Stopped, answer 2 (it was stopped while it was loading), finish (it was stopped), answer 3 (it was stopped) [stopped]
    "#]],
    );
    check_active(
        "reload 2; up 2; stateless 1; ready 2; settled 2; stop 3; gone 1; gone 2",
        expect![[r#"
            reload 2 -> begin 2 newest [active]
            up 2 -> suspend 1 [active]
            stateless 1 -> load 2 [active]
            ready 2 -> [active]
            settled 2 -> take over 2, Started 2, Reloaded 2, answer 2 ok, drain 1 [active]
            stop 3 -> stop 1, stop 2 [active]
            gone 1 -> retire 1 (it was stopped), Exited 1 [active]
            gone 2 -> retire 2 (it was stopped), Exited 2, publish stopped, Stopped, finish (it was stopped), answer 3 (it was stopped) [stopped]
        "#]],
    );
}

#[test]
fn a_plugin_without_a_process_is_started() {
    check(
        "reload 1; up 1; reload 2; no-package 2",
        expect![[r#"
        reload 1 -> publish starting, begin 1 newest [starting]
        up 1 -> load 1, take over 1, publish active, Started 1, Reloaded 1, answer 1 ok [active]
        reload 2 -> begin 2 newest [active]
        no-package 2 -> RolledBack 2, answer 2 (the package cannot be read: it is not there) [active]
    "#]],
    );
    check(
        "reload 1; spawned 1; locked 1; throws 1; gone 1; reload 2; up 2",
        expect![[r#"
        reload 1 -> publish starting, begin 1 newest [starting]
        spawned 1 -> [starting]
        locked 1 -> load 1 [starting]
        throws 1 -> kill 1 (it could not be loaded) [starting]
        gone 1 -> retire 1 (it was killed: it could not be loaded), publish failed (the top level failed: Error: no), Exited 1, RolledBack 1, Failed, finish (it was killed: it could not be loaded), answer 1 (the top level failed: Error: no) [failed]
        reload 2 -> publish starting, begin 2 newest [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, Reloaded 2, answer 2 ok [active]
    "#]],
    );
    check(
        "rest; reload 1; use 2; no-package 1; up 2",
        expect![[r#"
        rest -> publish resting [resting]
        reload 1 -> publish starting, begin 1 newest [starting]
        use 2 -> [starting]
        no-package 1 -> RolledBack 1, answer 1 (the package cannot be read: it is not there), begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, answer 2 ok [active]
    "#]],
    );
    check_active(
        "dies 1; closed 1; reload 2; no-package 2; wait 100; up 3",
        expect![[r#"
        dies 1 -> [active]
        closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 1, Restarting 1 [backoff]
        reload 2 -> publish starting, begin 2 newest [starting]
        no-package 2 -> publish backoff (its process was ended by signal 9 (SIGKILL)), RolledBack 2, Restarting 1, answer 2 (the package cannot be read: it is not there) [backoff]
        wait 100 -> publish starting, begin 3 present [starting]
        up 3 -> load 3, take over 3, publish active, Started 3 [active]
    "#]],
    );
}
