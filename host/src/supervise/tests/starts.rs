//! Starts, stops and what comes between.

use super::{check, check_active};
use expect_test::expect;

#[test]
fn a_plugin_is_started_and_stopped() {
    check(
        "start 1; spawned 1; locked 1; ready 1; settled 1; stop 2; exited 1; closed 1",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        spawned 1 -> [starting]
        locked 1 -> load 1 [starting]
        ready 1 -> [starting]
        settled 1 -> take over 1, publish active, Started 1, answer 1 ok [active]
        stop 2 -> stop 1 [active]
        exited 1 -> [active]
        closed 1 -> retire 1 (it was stopped), Exited 1, publish stopped, Stopped, finish (it was stopped), answer 2 (it was stopped) [stopped]
    "#]],
    );
}

#[test]
fn a_start_by_another_is_the_same_start() {
    check(
        "start 1; start 2; up 1; start 3; use 4",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        start 2 -> [starting]
        up 1 -> load 1, take over 1, publish active, Started 1, answer 1 ok, answer 2 ok [active]
        start 3 -> answer 3 ok [active]
        use 4 -> answer 4 ok [active]
    "#]],
    );
}

#[test]
fn a_start_takes_no_longer_than_it_may() {
    check(
        "start 1; wait 60000; spawned 1; wait 5000; gone 1",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        wait 60000 -> [starting]
        spawned 1 -> [starting]
        wait 5000 -> kill 1 (it did not start in time) [starting]
        gone 1 -> retire 1 (it was killed: it did not start in time), publish backoff (the runner did not get ready within 5s), Exited 1, Restarting 1, answer 1 (the runner did not get ready within 5s) [backoff]
    "#]],
    );
    check(
        "start 1; spawned 1; locked 1; wait 29999; ready 1; wait 1; gone 1",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        spawned 1 -> [starting]
        locked 1 -> load 1 [starting]
        wait 29999 -> [starting]
        ready 1 -> [starting]
        wait 1 -> kill 1 (it did not start in time) [starting]
        gone 1 -> retire 1 (it was killed: it did not start in time), publish backoff (the runner did not activate its plugin within 30s), Exited 1, Restarting 1, answer 1 (the runner did not activate its plugin within 30s) [backoff]
    "#]],
    );
}

#[test]
fn code_that_throws_is_not_started_again() {
    check(
        "start 1; spawned 1; locked 1; throws 1; throws 1; gone 1; start 2; up 2",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        spawned 1 -> [starting]
        locked 1 -> load 1 [starting]
        throws 1 -> kill 1 (it could not be loaded) [starting]
        throws 1 -> [starting]
        gone 1 -> retire 1 (it was killed: it could not be loaded), publish failed (the top level failed: Error: no), Exited 1, Failed, finish (it was killed: it could not be loaded), answer 1 (the top level failed: Error: no) [failed]
        start 2 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, answer 2 ok [active]
    "#]],
    );
    check(
        "start 1; no-package 1; start 2; up 2",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        no-package 1 -> publish failed (the package cannot be read: it is not there), Failed, finish (it was killed: it could not be loaded), answer 1 (the package cannot be read: it is not there) [failed]
        start 2 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, answer 2 ok [active]
    "#]],
    );
}

#[test]
fn a_stop_at_any_moment() {
    check(
        "stop 1",
        expect![[r#"
        stop 1 -> publish stopped, finish (it was stopped), answer 1 (it was stopped) [stopped]
    "#]],
    );
    check(
        "start 1; stop 2; given-up 1",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        stop 2 -> kill 1 (that was asked for) [starting]
        given-up 1 -> publish stopped, Stopped, answer 1 (it was stopped while it was loading), finish (it was stopped), answer 2 (it was stopped) [stopped]
    "#]],
    );
    check(
        "start 1; stop 2; spawned 1; exited 1",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        stop 2 -> kill 1 (that was asked for) [starting]
        spawned 1 -> kill 1 (that was asked for) [starting]
        exited 1 -> retire 1 (it was killed: that was asked for), Exited 1, publish stopped, Stopped, answer 1 (it was stopped while it was loading), finish (it was killed: that was asked for), answer 2 (it was killed: that was asked for) [stopped]
    "#]],
    );
    check(
        "start 1; spawned 1; stop 2; gone 1",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        spawned 1 -> [starting]
        stop 2 -> stop 1 [starting]
        gone 1 -> retire 1 (it was stopped), Exited 1, publish stopped, Stopped, answer 1 (it was stopped while it was loading), finish (it was stopped), answer 2 (it was stopped) [stopped]
    "#]],
    );
    check(
        "start 1; spawned 1; locked 1; stop 2; throws 1; ready 1; settled 1; gone 1",
        expect![[r#"
        start 1 -> publish starting, begin 1 present [starting]
        spawned 1 -> [starting]
        locked 1 -> load 1 [starting]
        stop 2 -> stop 1 [starting]
        throws 1 -> [starting]
        ready 1 -> [starting]
        settled 1 -> [starting]
        gone 1 -> retire 1 (it was stopped), Exited 1, publish stopped, Stopped, answer 1 (it was stopped while it was loading), finish (it was stopped), answer 2 (it was stopped) [stopped]
    "#]],
    );
    check_active(
        "stop 2; wait 2000; exited 1",
        expect![[r#"
        stop 2 -> stop 1 [active]
        wait 2000 -> kill 1 (it did not stop in time) [active]
        exited 1 -> retire 1 (it was killed: it did not stop in time), Exited 1, publish stopped, Stopped, finish (it was killed: it did not stop in time), answer 2 (it was killed: it did not stop in time) [stopped]
    "#]],
    );
    check_active(
        "stop 2; kill 3; dies 1",
        expect![[r#"
        stop 2 -> stop 1 [active]
        kill 3 -> kill 1 (that was asked for) [active]
        dies 1 -> retire 1 (it was killed: that was asked for), Exited 1, publish stopped, Stopped, finish (it was killed: that was asked for), answer 2 (it was killed: that was asked for), answer 3 (it was killed: that was asked for) [stopped]
    "#]],
    );
    check_active(
        "stop 2; dies 1; closed 1",
        expect![[r#"
        stop 2 -> stop 1 [active]
        dies 1 -> [active]
        closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), Exited 1, publish stopped, Stopped, finish (its process was ended by signal 9 (SIGKILL)), answer 2 (its process was ended by signal 9 (SIGKILL)) [stopped]
    "#]],
    );
}

#[test]
fn the_last_wish_wins() {
    check_active(
        "stop 2; start 3; gone 1; up 2",
        expect![[r#"
        stop 2 -> stop 1 [active]
        start 3 -> [active]
        gone 1 -> retire 1 (it was stopped), Exited 1, publish stopped, Stopped, finish (it was stopped), answer 2 (it was stopped), publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, answer 3 ok [active]
    "#]],
    );
    check_active(
        "stop 2; start 3; stop 4; gone 1",
        expect![[r#"
        stop 2 -> stop 1 [active]
        start 3 -> [active]
        stop 4 -> [active]
        gone 1 -> retire 1 (it was stopped), Exited 1, publish stopped, Stopped, answer 3 (it was stopped while it was loading), finish (it was stopped), answer 2 (it was stopped), answer 4 (it was stopped) [stopped]
    "#]],
    );
    check_active(
        "stop 2; use 3; gone 1; use 4",
        expect![[r#"
        stop 2 -> stop 1 [active]
        use 3 -> refuse 3 [active]
        gone 1 -> retire 1 (it was stopped), Exited 1, publish stopped, Stopped, finish (it was stopped), answer 2 (it was stopped) [stopped]
        use 4 -> refuse 4 [stopped]
    "#]],
    );
    check_active(
        "stop 2; reload 3; gone 1; up 2",
        expect![[r#"
        stop 2 -> stop 1 [active]
        reload 3 -> [active]
        gone 1 -> retire 1 (it was stopped), Exited 1, publish stopped, Stopped, finish (it was stopped), answer 2 (it was stopped), publish starting, begin 2 newest [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, Reloaded 2, answer 3 ok [active]
    "#]],
    );
}

#[test]
fn a_stop_while_it_waits_for_its_restart() {
    check_active(
        "dies 1; closed 1; stop 2; wait 1000; stop 3; start 4; up 2",
        expect![[r#"
        dies 1 -> [active]
        closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 1, Restarting 1 [backoff]
        stop 2 -> publish stopped, Stopped, finish (it was stopped), answer 2 (it was stopped) [stopped]
        wait 1000 -> [stopped]
        stop 3 -> finish (it was stopped), answer 3 (it was stopped) [stopped]
        start 4 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, answer 4 ok [active]
    "#]],
    );
}

#[test]
fn what_comes_late_or_twice_is_absorbed() {
    check(
        "start 1; spawned 1; spawned 1; locked 1; locked 1; settled 1; ready 1; ready 1; settled 1; settled 1; locked 1; \
         throws 1; drained 1; state 1; sealed 7; gone 7; no-process 1; stop 2; gone 1; exited 1; closed 1; up 1",
        expect![[r#"
            start 1 -> publish starting, begin 1 present [starting]
            spawned 1 -> [starting]
            spawned 1 -> [starting]
            locked 1 -> load 1 [starting]
            locked 1 -> [starting]
            settled 1 -> [starting]
            ready 1 -> [starting]
            ready 1 -> [starting]
            settled 1 -> take over 1, publish active, Started 1, answer 1 ok [active]
            settled 1 -> [active]
            locked 1 -> [active]
            throws 1 -> [active]
            drained 1 -> [active]
            state 1 -> [active]
            sealed 7 -> [active]
            gone 7 -> [active]
            no-process 1 -> [active]
            stop 2 -> stop 1 [active]
            gone 1 -> retire 1 (it was stopped), Exited 1, publish stopped, Stopped, finish (it was stopped), answer 2 (it was stopped) [stopped]
            exited 1 -> [stopped]
            closed 1 -> [stopped]
            up 1 -> [stopped]
        "#]],
    );
}
