//! Rest, use, and planned restarts.

use super::{check, check_active};
use expect_test::expect;

#[test]
fn a_plugin_that_nobody_uses_rests_and_comes_back_with_its_state() {
    check(
        "start 1; up 1; wait 10000; in-use 1; wait 10000; quiet 1 5; wait 10000; quiet 1 5; wait 10000; quiet 1 6; wait 10000; \
         quiet 1 6; wait 10000; quiet 1 6; wait 10000; quiet 1 6; wait 10000; quiet 1 6; sealed 1; use 2; state 1; gone 1; up 2",
        expect![[r#"
            start 1 -> publish starting, begin 1 present [starting]
            up 1 -> load 1, take over 1, publish active, Started 1, answer 1 ok [active]
            wait 10000 -> look 1 [active]
            in-use 1 -> [active]
            wait 10000 -> look 1 [active]
            quiet 1 5 -> [active]
            wait 10000 -> look 1 [active]
            quiet 1 5 -> [active]
            wait 10000 -> look 1 [active]
            quiet 1 6 -> [active]
            wait 10000 -> look 1 [active]
            quiet 1 6 -> [active]
            wait 10000 -> look 1 [active]
            quiet 1 6 -> [active]
            wait 10000 -> look 1 [active]
            quiet 1 6 -> [active]
            wait 10000 -> look 1 [active]
            quiet 1 6 -> seal 1 [active]
            sealed 1 -> publish resting, Resting, stop 1 with state [resting]
            use 2 -> publish starting [starting]
            state 1 -> [starting]
            gone 1 -> retire 1 (it was stopped), Exited 1, begin 2 present [starting]
            up 2 -> load 2 with state, take over 2, publish active, Started 2, answer 2 ok [active]
        "#]],
    );
}

#[test]
fn a_use_before_it_is_sealed_keeps_it() {
    check_active(
        "rest; in-use 1; use 2",
        expect![[r#"
        rest -> seal 1 [active]
        in-use 1 -> [active]
        use 2 -> answer 2 ok [active]
    "#]],
    );
}

#[test]
fn a_start_on_use() {
    check(
        "rest; use 1; use 2; up 1",
        expect![[r#"
        rest -> publish resting [resting]
        use 1 -> publish starting, begin 1 present [starting]
        use 2 -> [starting]
        up 1 -> load 1, take over 1, publish active, Started 1, answer 1 ok, answer 2 ok [active]
    "#]],
    );
    check(
        "rest; use 1; spawned 1; locked 1; throws 1; gone 1; use 2",
        expect![[r#"
        rest -> publish resting [resting]
        use 1 -> publish starting, begin 1 present [starting]
        spawned 1 -> [starting]
        locked 1 -> load 1 [starting]
        throws 1 -> kill 1 (it could not be loaded) [starting]
        gone 1 -> retire 1 (it was killed: it could not be loaded), publish failed (the top level failed: Error: no), Exited 1, Failed, finish (it was killed: it could not be loaded), answer 1 (the top level failed: Error: no) [failed]
        use 2 -> refuse 2 [failed]
    "#]],
    );
    check(
        "rest; use 1; spawned 1; dies 1; closed 1; use 2; wait 100; up 2",
        expect![[r#"
        rest -> publish resting [resting]
        use 1 -> publish starting, begin 1 present [starting]
        spawned 1 -> [starting]
        dies 1 -> [starting]
        closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 1, Restarting 1, answer 1 (its process was ended by signal 9 (SIGKILL)) [backoff]
        use 2 -> refuse 2 [backoff]
        wait 100 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2 [active]
    "#]],
    );
    check(
        "rest; stop 1; use 2",
        expect![[r#"
        rest -> publish resting [resting]
        stop 1 -> publish stopped, Stopped, finish (it was stopped), answer 1 (it was stopped) [stopped]
        use 2 -> refuse 2 [stopped]
    "#]],
    );
}

#[test]
fn a_start_that_is_no_use_is_not_waited_for() {
    check(
        "use 1; start 2; use 3; up 1; use 4",
        expect![[r#"
        use 1 -> refuse 1, publish stopped [stopped]
        start 2 -> publish starting, begin 1 present [starting]
        use 3 -> refuse 3 [starting]
        up 1 -> load 1, take over 1, publish active, Started 1, answer 2 ok [active]
        use 4 -> answer 4 ok [active]
    "#]],
    );
}

#[test]
fn a_planned_restart_hands_over() {
    check_active(
        "restart 2; use 3; drained 1; state 1; gone 1; up 2",
        expect![[r#"
        restart 2 -> publish starting, drain 1 [starting]
        use 3 -> [starting]
        drained 1 -> stop 1 with state [starting]
        state 1 -> [starting]
        gone 1 -> retire 1 (it was stopped), Exited 1, begin 2 present [starting]
        up 2 -> load 2 with state, take over 2, publish active, Started 2, answer 2 ok, answer 3 ok [active]
    "#]],
    );
    check_active(
        "restart 2; wait 2000; wait 2000; dies 1; up 2",
        expect![[r#"
        restart 2 -> publish starting, drain 1 [starting]
        wait 2000 -> stop 1 with state [starting]
        wait 2000 -> kill 1 (it did not stop in time) [starting]
        dies 1 -> retire 1 (it was killed: it did not stop in time), StateLost 1 (it ended before it gave its state: it was killed: it did not stop in time), Exited 1, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, answer 2 ok [active]
    "#]],
    );
    check_active(
        "restart 2; stop 3; drained 1; state 1; gone 1",
        expect![[r#"
        restart 2 -> publish starting, drain 1 [starting]
        stop 3 -> stop 1, publish stopped [stopped]
        drained 1 -> [stopped]
        state 1 -> [stopped]
        gone 1 -> retire 1 (it was stopped), Exited 1, Stopped, answer 2 (it was stopped while it was loading), finish (it was stopped), answer 3 (it was stopped) [stopped]
    "#]],
    );
    check(
        "restart 1; restart 2; up 1",
        expect![[r#"
        restart 1 -> publish starting, begin 1 present [starting]
        restart 2 -> [starting]
        up 1 -> load 1, take over 1, publish active, Started 1, answer 1 ok, answer 2 ok [active]
    "#]],
    );
    check_active(
        "restart 2; drained 1; gone 1; restart 3; up 2",
        expect![[r#"
            restart 2 -> publish starting, drain 1 [starting]
            drained 1 -> stop 1 with state [starting]
            gone 1 -> retire 1 (it was stopped), StateLost 1 (it ended before it gave its state: it was stopped), Exited 1, begin 2 present [starting]
            restart 3 -> [starting]
            up 2 -> load 2, take over 2, publish active, Started 2, answer 2 ok, answer 3 ok [active]
        "#]],
    );
    check_active(
        "dies 1; restart 2; closed 1; up 2",
        expect![[r#"
            dies 1 -> [active]
            restart 2 -> [active]
            closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), publish backoff (its process was ended by signal 9 (SIGKILL)), Exited 1, Restarting 1, publish starting, begin 2 present [starting]
            up 2 -> load 2, take over 2, publish active, Started 2, answer 2 ok [active]
        "#]],
    );
    check_active(
        "reload 2; restart 3; up 2; stateless 1; ready 2; settled 2; drained 1; gone 1; drained 2; gone 2; up 3",
        expect![[r#"
            reload 2 -> begin 2 newest [active]
            restart 3 -> [active]
            up 2 -> suspend 1 [active]
            stateless 1 -> load 2 [active]
            ready 2 -> [active]
            settled 2 -> take over 2, Started 2, Reloaded 2, answer 2 ok, drain 1, publish starting, drain 2 [starting]
            drained 1 -> stop 1 [starting]
            gone 1 -> retire 1 (it was stopped), Exited 1 [starting]
            drained 2 -> stop 2 with state [starting]
            gone 2 -> retire 2 (it was stopped), StateLost 2 (it ended before it gave its state: it was stopped), Exited 2, begin 3 present [starting]
            up 3 -> load 3, take over 3, publish active, Started 3, answer 3 ok [active]
        "#]],
    );
}

#[test]
fn a_plugin_that_is_being_reloaded_does_not_rest() {
    check_active(
        "reload 2; rest; up 2; rest; state 1; rest; ready 2; settled 2; rest",
        expect![[r#"
            reload 2 -> begin 2 newest [active]
            rest -> [active]
            up 2 -> suspend 1 [active]
            rest -> [active]
            state 1 -> load 2 with state [active]
            rest -> [active]
            ready 2 -> [active]
            settled 2 -> take over 2, Started 2, Reloaded 2, answer 2 ok, drain 1 [active]
            rest -> seal 2 [active]
        "#]],
    );
}

#[test]
fn a_stop_while_it_goes_to_rest() {
    check_active(
        "rest; sealed 1; stop 2; gone 1; use 3",
        expect![[r#"
        rest -> seal 1 [active]
        sealed 1 -> publish resting, Resting, stop 1 with state [resting]
        stop 2 -> publish stopped [stopped]
        gone 1 -> retire 1 (it was stopped), Exited 1, Stopped, finish (it was stopped), answer 2 (it was stopped) [stopped]
        use 3 -> refuse 3 [stopped]
    "#]],
    );
    check_active(
        "rest; sealed 1; kill 2; dies 1",
        expect![[r#"
        rest -> seal 1 [active]
        sealed 1 -> publish resting, Resting, stop 1 with state [resting]
        kill 2 -> kill 1 (that was asked for), publish stopped [stopped]
        dies 1 -> retire 1 (it was killed: that was asked for), Exited 1, Stopped, finish (it was killed: that was asked for), answer 2 (it was killed: that was asked for) [stopped]
    "#]],
    );
    check_active(
        "rest; sealed 1; dies 1; closed 1; use 2; up 2",
        expect![[r#"
        rest -> seal 1 [active]
        sealed 1 -> publish resting, Resting, stop 1 with state [resting]
        dies 1 -> [resting]
        closed 1 -> retire 1 (its process was ended by signal 9 (SIGKILL)), StateLost 1 (it ended before it gave its state: its process was ended by signal 9 (SIGKILL)), Exited 1 [resting]
        use 2 -> publish starting, begin 2 present [starting]
        up 2 -> load 2, take over 2, publish active, Started 2, answer 2 ok [active]
    "#]],
    );
}
