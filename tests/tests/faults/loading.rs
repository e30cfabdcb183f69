//! What goes wrong before the plugin is loaded.

use crate::check;
use expect_test::expect;

#[test]
fn exits_before_hello() {
    check(
        "exits-before-hello",
        expect![[r#"
        failed: its process ended with code 3
        loading: END
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn aborts_before_hello() {
    check(
        "aborts-before-hello",
        expect![[r#"
        failed: its process was ended by signal 6 (SIGABRT)
        loading: END
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn never_hello() {
    check(
        "never-hello",
        expect![[r#"
        failed: it was killed: it did not start in time
        loading: the runner did not get ready within 1s
        event: exited, generation 1, END
        event: failed, the runner did not get ready within 1s
    "#]],
    );
}

#[test]
fn claims_to_be_locked() {
    check(
        "claims-to-be-locked",
        expect![[r#"
        failed: it was killed: it broke the protocol: a runner at level D was asked for, and it reports level C
        loading: END
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn wrong_version() {
    check(
        "wrong-version",
        expect![[r#"
        failed: it was killed: it broke the protocol: the runner speaks version 2 of the protocol, the host version 1
        loading: END
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn wrong_token() {
    check(
        "wrong-token",
        expect![[r#"
        failed: it was killed: it broke the protocol: the runner answers with the token of another session
        loading: END
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn locks_without_welcome() {
    check(
        "locks-without-welcome",
        expect![[r#"
        failed: it was killed: it broke the protocol: Locked is out of order in the greeting
        loading: END
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn garbage() {
    check(
        "garbage",
        expect![[r#"
        failed: it was killed: it broke the protocol: a frame of 1347703880 bytes; at least 1 and at most 4194304 are allowed
        loading: END
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn half_a_frame() {
    check(
        "half-a-frame",
        expect![[r#"
        failed: its process ended with code 0
        loading: END
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn half_a_frame_then_silence() {
    check(
        "half-a-frame-then-silence",
        expect![[r#"
        failed: it was killed: it did not start in time
        loading: the runner did not get ready within 1s
        event: exited, generation 1, END
        event: failed, the runner did not get ready within 1s
    "#]],
    );
}

#[test]
fn giant_length() {
    check(
        "giant-length",
        expect![[r#"
        failed: it was killed: it broke the protocol: a frame of 4294967295 bytes; at least 1 and at most 4194304 are allowed
        loading: END
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn never_ready() {
    check(
        "never-ready",
        expect![[r#"
        failed: it was killed: it did not start in time
        loading: the runner did not activate its plugin within 1s
        event: exited, generation 1, END
        event: failed, the runner did not activate its plugin within 1s
    "#]],
    );
}

#[test]
fn exits_while_loading() {
    check(
        "exits-while-loading",
        expect![[r#"
        failed: its process ended with code 4
        loading: END
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}
