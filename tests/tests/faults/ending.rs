//! Runners that end, freeze, or lie about it.

use crate::{check, check_within, host_with_good_plugin, leaves_nothing, run, work};
use expect_test::expect;
use plughold::{CallError, Exit, LoadError};
use plughold_tests::{children, open_descriptors};
use std::time::Duration;

#[test]
fn well_behaved() {
    check(
        "well-behaved",
        expect![[r#"
            stopped: it was stopped
            call: answered
            call: answered
            call: answered
            later call: answered
            event: started, generation 1
            event: exited, generation 1, END
            event: stopped
        "#]],
    );
}

#[test]
fn no_answer() {
    check_within(
        "no-answer",
        Duration::from_millis(300),
        expect![[r#"
            stopped: it was stopped
            call: no answer within 300ms
            call: no answer within 300ms
            call: no answer within 300ms
            later call: answered
            event: started, generation 1
            event: exited, generation 1, END
            event: stopped
        "#]],
    );
}

#[test]
fn closes_mid_call() {
    check(
        "closes-mid-call",
        expect![[r#"
        failed: its process ended with code 1
        call: plugin closes-mid-call is gone: END
        call: plugin closes-mid-call is gone: END
        call: plugin closes-mid-call is gone: END
        later call: plugin closes-mid-call is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn closes_socket_and_lives() {
    check(
        "closes-socket-and-lives",
        expect![[r#"
        failed: it was killed: it broke the protocol: it closed its socket and went on
        call: plugin closes-socket-and-lives is gone: END
        call: plugin closes-socket-and-lives is gone: END
        call: plugin closes-socket-and-lives is gone: END
        later call: plugin closes-socket-and-lives is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn exits_zero_mid_call() {
    check(
        "exits-zero-mid-call",
        expect![[r#"
        failed: its process ended with code 0
        call: plugin exits-zero-mid-call is gone: END
        call: plugin exits-zero-mid-call is gone: END
        call: plugin exits-zero-mid-call is gone: END
        later call: plugin exits-zero-mid-call is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn segfaults_mid_call() {
    check(
        "segfaults-mid-call",
        expect![[r#"
        failed: its process was ended by signal 11 (SIGSEGV)
        call: plugin segfaults-mid-call is gone: END
        call: plugin segfaults-mid-call is gone: END
        call: plugin segfaults-mid-call is gone: END
        later call: plugin segfaults-mid-call is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn freezes() {
    check(
        "freezes",
        expect![[r#"
        failed: it was killed: its process was stopped from outside, and did not go on
        call: plugin freezes is gone: END
        call: plugin freezes is gone: END
        call: plugin freezes is gone: END
        later call: plugin freezes is not active: it has failed
        event: started, generation 1
        event: unresponsive, stopped
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

/// Its page says that it sleeps: the host notices when it next has something to say.
#[test]
fn freezes_asleep() {
    check_within(
        "freezes-asleep",
        Duration::from_millis(300),
        expect![[r#"
        failed: it was killed: its process was stopped from outside, and did not go on
        call: no answer within 300ms
        call: no answer within 300ms
        call: no answer within 300ms
        later call: plugin freezes-asleep is gone: END
        event: started, generation 1
        event: unresponsive, stopped
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn ignores_stop() {
    check(
        "ignores-stop",
        expect![[r#"
            stopped: it was killed: it did not stop in time
            call: answered
            call: answered
            call: answered
            later call: answered
            event: started, generation 1
            event: exited, generation 1, END
            event: stopped
        "#]],
    );
}

#[test]
fn lies_on_the_page() {
    check(
        "lies-on-the-page",
        expect![[r#"
            stopped: it was stopped
            call: answered
            call: answered
            call: answered
            later call: answered
            event: started, generation 1
            event: exited, generation 1, END
            event: stopped
        "#]],
    );
}

#[test]
fn lies_about_its_end() {
    check(
        "lies-about-its-end",
        expect![[r#"
        failed: its process ended with code 71: out of memory: \u{1b}[2Jnot my fault\u{a}[host] trust it
        call: plugin lies-about-its-end is gone: END
        call: plugin lies-about-its-end is gone: END
        call: plugin lies-about-its-end is gone: END
        later call: plugin lies-about-its-end is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

/// A runner that is killed in the middle of a frame: at every byte of a whole conversation.
#[test]
fn dies_after_every_byte() {
    run(|| async {
        let (mut host, good) = host_with_good_plugin().await;
        let (descriptors, processes) = (open_descriptors(), children());
        let mut answered = 0;
        let mut bytes = 0;
        while answered < 3 {
            let package = host.script(&format!("dies-after-{bytes}"), "");
            let answers = match host.load_package(package).await {
                Ok(plugin) => {
                    let (first, second, third) = tokio::join!(work(&plugin), work(&plugin), work(&plugin));
                    plugin.kill().await;
                    vec![first, second, third]
                }
                Err(LoadError::Exited(Exit::Signal(9))) => vec![],
                Err(error) => panic!("after {bytes} bytes: {error}"),
            };
            let now = answers.iter().take_while(|answer| answer.is_ok()).count();
            assert!(answered <= now, "{now} answers after {bytes} bytes, and {answered} after fewer");
            for lost in answers.iter().skip(now) {
                let is_gone = matches!(
                    lost,
                    Err(CallError::Gone { exit: Exit::Signal(9), .. } | CallError::NotActive { .. })
                );
                assert!(is_gone, "after {bytes} bytes: {lost:?}");
            }
            (answered, bytes) = (now, bytes + 1);
        }
        assert!(100 < bytes, "a conversation of {bytes} bytes only");
        work(&good).await.unwrap();
        leaves_nothing(&mut host, descriptors, processes).await;
        host.finish().await;
    });
}

#[test]
fn half_closes() {
    check(
        "half-closes",
        expect![[r#"
        failed: it was killed: it broke the protocol: it closed its socket and went on
        call: plugin half-closes is gone: END
        call: plugin half-closes is gone: END
        call: plugin half-closes is gone: END
        later call: plugin half-closes is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn leaves_a_child() {
    check(
        "leaves-a-child",
        expect![[r#"
        failed: its process ended with code 0
        call: plugin leaves-a-child is gone: END
        call: plugin leaves-a-child is gone: END
        call: plugin leaves-a-child is gone: END
        later call: plugin leaves-a-child is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}
