//! Runners that say what no honest runner says.

use crate::check;
use expect_test::expect;

#[test]
fn answers_twice() {
    check(
        "answers-twice",
        expect![[r#"
        failed: it was killed: it broke the protocol: an answer to call 1, which was never made or is answered already
        call: answered
        call: plugin answers-twice is gone: END
        call: plugin answers-twice is gone: END
        later call: plugin answers-twice is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn answers_for_others() {
    check(
        "answers-for-others",
        expect![[r#"
        failed: it was killed: it broke the protocol: an answer to call 1099511627776, which was never made or is answered already
        call: plugin answers-for-others is gone: END
        call: plugin answers-for-others is gone: END
        call: plugin answers-for-others is gone: END
        later call: plugin answers-for-others is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn reuses_call_id() {
    check(
        "reuses-call-id",
        expect![[r#"
        failed: it was killed: it broke the protocol: call 7 after call 7: ids grow and are never used again
        call: plugin reuses-call-id is gone: END
        call: plugin reuses-call-id is gone: END
        call: plugin reuses-call-id is gone: END
        later call: plugin reuses-call-id is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn calls_unknown_function() {
    check(
        "calls-unknown-function",
        expect![[r#"
        failed: it was killed: it broke the protocol: a call of API function 99; there are 2
        call: plugin calls-unknown-function is gone: END
        call: plugin calls-unknown-function is gone: END
        call: plugin calls-unknown-function is gone: END
        later call: plugin calls-unknown-function is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn calls_what_was_never_given() {
    check(
        "calls-what-was-never-given",
        expect![[r#"
        failed: it was killed: it broke the protocol: a call of the reference 1, which the plugin does not hold
        call: plugin calls-what-was-never-given is gone: END
        call: plugin calls-what-was-never-given is gone: END
        call: plugin calls-what-was-never-given is gone: END
        later call: plugin calls-what-was-never-given is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn bad_text() {
    check(
        "bad-text",
        expect![[r#"
        failed: it was killed: it broke the protocol: a value that is refused: text that is not UTF-8 at offset 2
        call: plugin bad-text is gone: END
        call: plugin bad-text is gone: END
        call: plugin bad-text is gone: END
        later call: plugin bad-text is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn bad_arguments() {
    check(
        "bad-arguments",
        expect![[r#"
        failed: it was killed: it broke the protocol: a value that is refused: arguments that are nil; an array is expected
        call: plugin bad-arguments is gone: END
        call: plugin bad-arguments is gone: END
        call: plugin bad-arguments is gone: END
        later call: plugin bad-arguments is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn bad_answer() {
    check(
        "bad-answer",
        expect![[r#"
        failed: it was killed: it broke the protocol: a value that is refused: the reserved byte 0xc1 at offset 0
        call: plugin bad-answer is gone: END
        call: plugin bad-answer is gone: END
        call: plugin bad-answer is gone: END
        later call: plugin bad-answer is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn trailing_bytes() {
    check(
        "trailing-bytes",
        expect![[r#"
        failed: it was killed: it broke the protocol: 1 bytes after the end of the message
        call: plugin trailing-bytes is gone: END
        call: plugin trailing-bytes is gone: END
        call: plugin trailing-bytes is gone: END
        later call: plugin trailing-bytes is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn unknown_message() {
    check(
        "unknown-message",
        expect![[r#"
        failed: it was killed: it broke the protocol: unknown message 99
        call: plugin unknown-message is gone: END
        call: plugin unknown-message is gone: END
        call: plugin unknown-message is gone: END
        later call: plugin unknown-message is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn host_only_message() {
    check(
        "host-only-message",
        expect![[r#"
        failed: it was killed: it broke the protocol: a runner may not send Load
        call: plugin host-only-message is gone: END
        call: plugin host-only-message is gone: END
        call: plugin host-only-message is gone: END
        later call: plugin host-only-message is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn is_ready_twice() {
    check(
        "is-ready-twice",
        expect![[r#"
        failed: it was killed: it broke the protocol: Ready is out of order
        call: plugin is-ready-twice is gone: END
        call: plugin is-ready-twice is gone: END
        call: plugin is-ready-twice is gone: END
        later call: plugin is-ready-twice is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn releases_nothing() {
    check(
        "releases-nothing",
        expect![[r#"
        failed: it was killed: it broke the protocol: a release of 1 for the reference 5, which is held 0 times
        call: plugin releases-nothing is gone: END
        call: plugin releases-nothing is gone: END
        call: plugin releases-nothing is gone: END
        later call: plugin releases-nothing is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}
