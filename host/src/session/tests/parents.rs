//! What a plugin calls while it serves a call ends with that call.

use super::*;
use crate::callback::{Call, Target as Callee};
use crate::{CallError, Callback, Cx, Thrown};
use std::pin::Pin;
use std::task::{Context, Waker};
use tokio::sync::Semaphore;

/// The functions of the application: `slow` goes on until it is told to return, also when it is cancelled.
#[derive(Default)]
struct State {
    started: Gate,
    cancelled: Gate,
    may_return: Gate,
}

/// It lets through whoever was let through.
struct Gate(Semaphore);

impl Default for Gate {
    fn default() -> Gate {
        Gate(Semaphore::new(0))
    }
}

impl Gate {
    async fn take(&self, what: &str) {
        patiently(what, self.0.acquire()).await.unwrap().forget();
    }

    fn give(&self) {
        self.0.add_permits(1);
    }
}

const SLOW: Target = Target::Api(0);
const RELAY: Target = Target::Api(1);

fn bench(state: &Arc<State>) -> Bench {
    let api = Api::new(state.clone())
        .function("slow", async |cx: Cx<Arc<State>>, _: Option<Callback<(), ()>>| {
            cx.state().started.give();
            cx.cancelled().await;
            cx.state().cancelled.give();
            cx.state().may_return.0.acquire().await?.forget();
            Ok::<_, Thrown>(())
        })
        .function("relay", async |cx: Cx<Arc<State>>, function: Callback<(), ()>| {
            cx.call(&function, ()).await
        });
    Bench::new(api)
}

/// How a call to a plugin ends before its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Its time passes.
    Deadline,
    /// Whoever made it drops it.
    Dropped,
}

impl End {
    fn code(self) -> &'static str {
        match self {
            End::Deadline => "E_DEADLINE",
            End::Dropped => "E_CANCELLED",
        }
    }

    fn words(self) -> &'static str {
        match self {
            End::Deadline => "Error: the time of the call on whose behalf this one was made is over",
            End::Dropped => "Error: the call on whose behalf this one was made was cancelled",
        }
    }
}

/// A call to the plugin of a rig.
struct Parent {
    call: Pin<Box<Call<()>>>,
    id: u64,
}

impl Parent {
    async fn of(rig: &mut Rig, end: End) -> Parent {
        let call = Call::new(rig.session.clone(), Callee::Export("f".into()), &(), None);
        let limit = if end == End::Deadline { Duration::from_millis(50) } else { PATIENCE };
        let mut call = Box::pin(call.within(limit));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        Parent { call, id: rig.next().await.id() }
    }

    async fn end(self, end: End) {
        if end == End::Deadline {
            let answer = patiently("the deadline", self.call).await;
            assert_eq!(answer, Err(CallError::Deadline { after: Duration::from_millis(50) }));
        }
    }
}

fn threw(id: u64, end: End) -> Said {
    Said::Threw { id, words: end.words().to_owned(), code: Some(end.code().to_owned()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_call_is_answered_at_once_and_never_again() {
    for end in [End::Deadline, End::Dropped] {
        for blocking in [false, true] {
            let state = Arc::<State>::default();
            let mut rig = bench(&state).rig("a");
            let parent = Parent::of(&mut rig, end).await;
            let called = parent.id;
            let id = rig.call(SLOW, &with_function(7), Some(called), blocking);
            let other = rig.call(SLOW, NO_ARGS, None, false);
            state.started.take("the start").await;
            state.started.take("the start").await;
            parent.end(end).await;
            assert_eq!(rig.next().await, Said::Cancel { id: called }, "{end:?}");
            assert_eq!(rig.next().await, threw(id, end));
            state.cancelled.take("the cancellation").await;
            assert!(!rig.session.serving.is_blocking(), "the plugin goes on");
            // What the function gives later is dropped, and what it holds is given back.
            state.may_return.give();
            assert_eq!(rig.next().await, Said::Other("Release"));
            assert_eq!(rig.session.references().imported, 0);
            rig.runner.send(&Message::Cancel { id: other, why: None }).unwrap();
            state.may_return.give();
            assert_eq!(rig.next().await, Said::Returned { id: other }, "this had no parent");
            assert!(!rig.session.serving.is_open());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_crosses_the_end_is_not_served() {
    for end in [End::Deadline, End::Dropped] {
        let state = Arc::<State>::default();
        let mut rig = bench(&state).rig("a");
        let parent = Parent::of(&mut rig, end).await;
        let called = parent.id;
        parent.end(end).await;
        assert_eq!(rig.next().await, Said::Cancel { id: called });
        let id = rig.call(SLOW, NO_ARGS, Some(called), false);
        assert_eq!(rig.next().await, threw(id, end));
        rig.answer(called);
        assert_eq!(rig.rest().await, []);
        assert_eq!(state.started.0.available_permits(), 0, "{end:?}");
        // Once it is answered it is nobody's parent.
        let id = rig.call(SLOW, NO_ARGS, Some(called), false);
        state.started.take("the start").await;
        rig.runner.send(&Message::Cancel { id, why: None }).unwrap();
        state.may_return.give();
        assert_eq!(rig.next().await, Said::Returned { id });
    }
}

/// The application calls the plugin, which calls the application, which calls the plugin, which calls the application.
#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_down_the_chain() {
    for end in [End::Deadline, End::Dropped] {
        let state = Arc::<State>::default();
        let bench = bench(&state);
        let mut a = bench.rig("a");
        let parent = Parent::of(&mut a, end).await;
        let called = parent.id;
        let from_a = a.call(RELAY, &with_function(1), Some(called), false);
        let back_in_a = a.next().await.id();
        let inner = a.call(SLOW, NO_ARGS, Some(back_in_a), false);
        state.started.take("the start").await;
        parent.end(end).await;
        let mut said = vec![a.next().await, a.next().await, a.next().await, a.next().await];
        said.sort_by_key(|said| format!("{said:?}"));
        let ids = |said: &[Said]| {
            Vec::from_iter(said.iter().map(|said| match said {
                Said::Cancel { id } | Said::Threw { id, .. } => *id,
                other => panic!("{other:?}"),
            }))
        };
        assert_eq!(ids(&said), [called, back_in_a, from_a, inner], "{said:?}");
        assert!(said[2..].iter().all(|said| matches!(said, Said::Threw { code: Some(_), .. })), "{said:?}");
        state.cancelled.take("the cancellation").await;
        state.may_return.give();
        a.answer(back_in_a);
        a.answer(called);
        let rest = a.rest().await;
        assert!(rest.iter().all(|said| *said == Said::Other("Release")), "{end:?}: {rest:?}");
    }
}

/// Functions that go on after their answers are bounded: the plugin is told that there are too many, and is not ended.
#[tokio::test(flavor = "multi_thread")]
async fn functions_that_never_end_are_bounded() {
    let state = Arc::<State>::default();
    let mut bench = bench(&state);
    bench.limits.in_flight = 2;
    let mut rig = bench.rig("a");
    for _ in 0..2 {
        let parent = Parent::of(&mut rig, End::Dropped).await;
        let called = parent.id;
        let id = rig.call(SLOW, NO_ARGS, Some(called), false);
        state.started.take("the start").await;
        parent.end(End::Dropped).await;
        assert_eq!(rig.next().await, Said::Cancel { id: called });
        assert_eq!(rig.next().await, threw(id, End::Dropped));
        rig.answer(called);
    }
    let id = rig.call(SLOW, NO_ARGS, None, false);
    let words = "Error: the application works on too much for this plugin already".to_owned();
    assert_eq!(rig.next().await, Said::Threw { id, words, code: Some("E_BUSY".to_owned()) });
    state.may_return.give();
    while !rig.session.serving.has_room() {
        tokio::task::yield_now().await;
    }
    rig.call(SLOW, NO_ARGS, None, false);
    state.started.take("the start").await;
}
