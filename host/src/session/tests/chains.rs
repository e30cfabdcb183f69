//! What a call inherits from the calls on whose behalf it is made.

use super::*;
use crate::{CallError, Callback, Cx, Thrown};
use plughold_protocol::limits;
use std::sync::Mutex;

type Function = Callback<(), ()>;

/// Functions that were given to `keep`, and the chain that `relay` has seen last.
#[derive(Default)]
struct State {
    kept: Mutex<Vec<Function>>,
    chain: Mutex<String>,
}

fn bench() -> Bench {
    let api = Api::new(Arc::new(State::default()))
        .function("keep", async |cx: Cx<Arc<State>>, function: Function| {
            cx.state().kept.lock().unwrap().push(function);
            Ok::<_, Thrown>(())
        })
        // Calls all that was kept, on behalf of whoever calls it.
        .function("relay", async |cx: Cx<Arc<State>>| {
            *cx.state().chain.lock().unwrap() = cx.chain().to_string();
            let kept = cx.state().kept.lock().unwrap().clone();
            for function in kept {
                cx.call(&function, ()).await?;
            }
            Ok::<_, CallError>(())
        })
        .function("chain", async |cx: Cx<Arc<State>>| {
            Ok::<_, Thrown>(cx.state().chain.lock().unwrap().clone())
        });
    Bench::new(api)
}

const KEEP: Target = Target::Api(0);
const RELAY: Target = Target::Api(1);

async fn keep(rig: &mut Rig) {
    let id = rig.call(KEEP, &with_function(1), None, false);
    assert_eq!(rig.next().await, Said::Returned { id });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calls_b_calls_a() {
    let bench = bench();
    let (mut a, mut b) = (bench.rig("a"), bench.rig("b"));
    keep(&mut b).await;
    let first = a.call(RELAY, NO_ARGS, None, true);
    let to_b = b.next().await;
    assert!(matches!(to_b, Said::Call { parent: None, .. }), "b has made no call of this chain");
    keep(&mut a).await;
    // b serves it, and calls back while a waits.
    let second = b.call(RELAY, NO_ARGS, Some(to_b.id()), true);
    let again = b.next().await;
    assert!(matches!(again, Said::Call { parent: Some(parent), .. } if parent == second));
    b.answer(again.id());
    let to_a = a.next().await;
    assert!(matches!(to_a, Said::Call { parent: Some(parent), .. } if parent == first), "{to_a:?}");
    a.answer(to_a.id());
    assert_eq!(b.next().await, Said::Returned { id: second });
    b.answer(to_b.id());
    assert_eq!(a.next().await, Said::Returned { id: first });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_fails_at_the_call_that_closes_it() {
    let bench = bench();
    let (mut a, mut b) = (bench.rig("a"), bench.rig("b"));
    keep(&mut b).await;
    let from_a = a.call(RELAY, NO_ARGS, None, true);
    let to_b = b.next().await;
    keep(&mut a).await;
    // b blocks, and not on behalf of the call from a: it will not serve that until it goes on.
    let from_b = b.call(RELAY, NO_ARGS, None, true);
    let own = b.next().await;
    b.answer(own.id());
    let words = "Error: a circle of waiting calls: plugin b waits in app.relay for a function of a, plugin a waits in \
                 app.relay for a function of b";
    let code = Some("E_CIRCLE".to_owned());
    assert_eq!(b.next().await, Said::Threw { id: from_b, words: words.to_owned(), code });
    b.answer(to_b.id());
    assert_eq!(a.next().await, Said::Returned { id: from_a }, "everybody goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_plugins_go_on_when_the_one_that_they_wait_for_dies() {
    let bench = bench();
    let (mut a, mut b) = (bench.rig("a"), bench.rig("b"));
    keep(&mut b).await;
    let from_a = a.call(RELAY, NO_ARGS, None, true);
    b.next().await;
    b.die().await;
    let gone = a.next().await;
    let code = Some("E_GONE".to_owned());
    let words = "Error: plugin b is gone: its process was ended by signal 9 (SIGKILL)".to_owned();
    assert_eq!(gone, Said::Threw { id: from_a, words, code });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_that_is_unknown_or_answered_is_none() {
    let bench = bench();
    let mut a = bench.rig("a");
    keep(&mut a).await;
    for parent in [1 << 40, 1] {
        let from_a = a.call(RELAY, NO_ARGS, Some(parent), false);
        let to_a = a.next().await;
        assert!(matches!(to_a, Said::Call { parent: Some(parent), .. } if parent == from_a));
        a.answer(to_a.id());
        assert_eq!(a.next().await, Said::Returned { id: from_a });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_is_too_long_ends_with_an_error() {
    let bench = bench();
    let mut a = bench.rig("a");
    keep(&mut a).await;
    let mut parent = None;
    let mut calls = Vec::new();
    let refused = loop {
        let call = a.call(RELAY, NO_ARGS, parent, false);
        match a.next().await {
            Said::Call { id, .. } => {
                parent = Some(id);
                calls.push(call);
            }
            other => break other,
        }
    };
    assert_eq!(2 * calls.len(), limits::CHAIN);
    let code = Some("E_DEPTH".to_owned());
    let words = "Error: a chain of more than 64 calls that were made while serving each other".to_owned();
    assert_eq!(refused, Said::Threw { id: calls.len() as u64 + 2, words, code });
}

#[tokio::test(flavor = "multi_thread")]
async fn deadlines_shrink() {
    let mut bench = bench();
    bench.limits.call = Duration::from_secs(60);
    let mut a = bench.rig("a");
    keep(&mut a).await;
    let deadline = |said: &Said| match said {
        Said::Call { deadline_us: Some(us), .. } => Duration::from_micros(*us),
        other => panic!("{other:?}"),
    };
    a.call(RELAY, NO_ARGS, None, false);
    let first = a.next().await;
    assert_eq!(deadline(&first), Duration::from_secs(60), "the limit of the host");
    a.last_id += 1;
    let call = Message::Call {
        id: a.last_id,
        target: RELAY,
        args: NO_ARGS,
        deadline_us: Some(5_000_000),
        parent: None,
        blocking: false,
        trace: None,
    };
    a.runner.send(&call).unwrap();
    let second = a.next().await;
    assert!(deadline(&second) <= Duration::from_secs(5), "the deadline of the plugin");
    a.call(RELAY, NO_ARGS, Some(second.id()), false);
    let third = a.next().await;
    assert!(deadline(&third) <= deadline(&second), "the deadline of the call before");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_is_told() {
    let bench = bench();
    let (mut a, mut b) = (bench.rig("a"), bench.rig("b"));
    keep(&mut b).await;
    a.call(RELAY, NO_ARGS, None, false);
    let to_b = b.next().await;
    b.call(RELAY, NO_ARGS, Some(to_b.id()), false);
    b.next().await;
    b.call(Target::Api(2), NO_ARGS, None, false);
    let body = b.runner.receive_until("Return").unwrap();
    let Message::Return { outcome: Outcome::Returned(bytes), .. } = Message::decode(&body).unwrap() else {
        panic!("it threw");
    };
    let chain =
        "plugin a called app.relay, the application called a function of b, plugin b called app.relay";
    assert_eq!(rmp_serde::from_slice::<String>(bytes).unwrap(), chain);
}
