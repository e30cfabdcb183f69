//! Runners that send too much: too many, too long, too deep.

use crate::{check, host_with_good_plugin, run, work};
use expect_test::expect;
use plughold::{Event, Exit, KillReason};
use plughold_tests::patiently;
use std::time::Duration;

#[test]
fn calls_too_many() {
    check(
        "calls-too-many",
        expect![[r#"
        failed: it was killed: it broke the protocol: more than 1024 calls in flight
        call: plugin calls-too-many is gone: END
        call: plugin calls-too-many is gone: END
        call: plugin calls-too-many is gone: END
        later call: plugin calls-too-many is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn nested_bomb() {
    check(
        "nested-bomb",
        expect![[r#"
        failed: it was killed: it broke the protocol: a value that is refused: nested deeper than 64
        call: plugin nested-bomb is gone: END
        call: plugin nested-bomb is gone: END
        call: plugin nested-bomb is gone: END
        later call: plugin nested-bomb is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn nodes_bomb() {
    check(
        "nodes-bomb",
        expect![[r#"
        failed: it was killed: it broke the protocol: a value that is refused: more than 100000 elements
        call: plugin nodes-bomb is gone: END
        call: plugin nodes-bomb is gone: END
        call: plugin nodes-bomb is gone: END
        later call: plugin nodes-bomb is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn length_bomb() {
    check(
        "length-bomb",
        expect![[r#"
        failed: it was killed: it broke the protocol: a value that is refused: the value ends early: 1 more bytes expected at offset 6
        call: plugin length-bomb is gone: END
        call: plugin length-bomb is gone: END
        call: plugin length-bomb is gone: END
        later call: plugin length-bomb is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

#[test]
fn log_with_escapes() {
    check(
        "log-with-escapes",
        expect![[r#"
            stopped: it was stopped
            call: answered
            call: answered
            call: answered
            later call: answered
            event: started, generation 1
            event: log, all is well
            \u{1b}[31m[host] all is lost\u{202e}\u{0}\u{9b}2J
            event: exited, generation 1, END
            event: stopped
        "#]],
    );
}

#[test]
fn floods_notifications() {
    check(
        "floods-notifications",
        expect![[r#"
        failed: it was killed: it broke the protocol: more than 10000 messages a second that need no credit
        call: plugin floods-notifications is gone: END
        call: plugin floods-notifications is gone: END
        call: plugin floods-notifications is gone: END
        later call: plugin floods-notifications is not active: it has failed
        event: started, generation 1
        event: exited, generation 1, END
        event: failed, END
    "#]],
    );
}

/// More lines than are shown: each is either shown or counted, and the calls go on.
#[test]
fn floods_logs() {
    run(|| async {
        let (mut host, good) = host_with_good_plugin().await;
        let plugin = host.load("floods-logs", "").await;
        let (first, second, third) = tokio::join!(work(&plugin), work(&plugin), work(&plugin));
        assert_eq!((first, second, third), (Ok(()), Ok(()), Ok(())), "its logs do not harm its calls");
        // Each further call makes a short line, until one gets through.
        let mut calls = 0;
        let further_calls = async {
            loop {
                calls += 1;
                work(&plugin).await.unwrap();
            }
        };
        let is_short = |event: &Event| matches!(event, Event::Log { message, .. } if message == "and so on");
        let events = tokio::select! {
            events = host.events_until("a line after the flood", is_short) => events,
            () = further_calls => unreachable!(),
        };
        work(&good).await.unwrap();
        let (mut shown, mut dropped) = (0, 0);
        for event in events {
            if let Event::Log { message, dropped_before, .. } = event {
                shown += u64::from(message.len() == 1_024);
                dropped += dropped_before;
            }
        }
        assert!(64 <= shown && 0 < dropped, "{shown} lines were shown and {dropped} dropped");
        assert!(
            (1_000..1_000 + calls).contains(&(shown + dropped)),
            "{shown} lines and {dropped} dropped ones"
        );
        host.finish().await;
    });
}

/// Calls that never stop: others go on meanwhile, and the runner can be killed.
#[test]
fn floods_calls() {
    run(|| async {
        let (mut host, good) = host_with_good_plugin().await;
        let plugin = host.load("floods-calls", "").await;
        let flooded = plugin.call::<(), ()>("work", ());
        let (_, answer) = tokio::join!(flooded.within(Duration::from_millis(200)), work(&good));
        answer.unwrap();
        assert_eq!(patiently("the kill", plugin.kill()).await, Exit::Killed(KillReason::Asked));
        work(&good).await.unwrap();
        host.finish().await;
    });
}
