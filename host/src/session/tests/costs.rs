//! What a plugin costs, what is in flight and what it holds, as a session tells it.

use super::*;
use crate::callback::{Call, Target as Callee};
use crate::{
    CallDirection, CallFigures, CallInFlight, Callback, Cx, Figures, Function, FunctionFigures, FunctionKind,
    Holder, Latency, ReferenceInfo, ReferenceKind, Thrown,
};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Waker};

/// What `keep` was given.
type Given = Mutex<VecDeque<Callback<(), ()>>>;

const KEEP: Target = Target::Api(0);
const FAIL: Target = Target::Api(1);
const WAIT: Target = Target::Api(2);
const GIVE: Target = Target::Api(3);

fn bench() -> (Bench, Arc<Given>) {
    let given = Arc::new(Given::default());
    let api = Api::new(given.clone())
        .function("keep", async |cx: Cx<Arc<Given>>, function: Callback<(), ()>| {
            cx.state().lock().unwrap().push_back(function);
            Ok::<_, Thrown>(())
        })
        .function("fail", async |_: Cx<Arc<Given>>| Err::<(), _>(Thrown::new("Error", "no")))
        .function("wait", async |cx: Cx<Arc<Given>>| {
            cx.cancelled().await;
            Ok::<_, Thrown>(())
        })
        .function("give", async |_: Cx<Arc<Given>>| {
            let nothing = async |_: Cx<()>| Ok::<_, Thrown>(());
            Ok::<_, Thrown>(Function::new((), nothing).named("nothing"))
        });
    (Bench::new(api), given)
}

/// A call to the plugin that was sent, and its id.
async fn sent(rig: &mut Rig, callee: Callee) -> (Pin<Box<Call<()>>>, u64) {
    let mut call = Box::pin(Call::<()>::new(rig.session.clone(), callee, &(), None).within(PATIENCE));
    assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let id = next_call(rig).await;
    (call, id)
}

/// The id of the next call to the plugin, whatever else it is told before.
async fn next_call(rig: &mut Rig) -> u64 {
    loop {
        if let Said::Call { id, .. } = rig.next().await {
            return id;
        }
    }
}

/// Name, kind, calls and errors of each function, by name.
fn functions(figures: &CallFigures) -> Vec<(&str, FunctionKind, u64, u64)> {
    fn row(each: &FunctionFigures) -> (&str, FunctionKind, u64, u64) {
        (&each.name, each.kind, each.calls, each.errors)
    }
    let mut rows = Vec::from_iter(figures.functions.iter().map(row));
    rows.sort_unstable_by_key(|row| row.0);
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_by_function_in_each_direction() {
    let (bench, given) = bench();
    let mut rig = bench.rig("a");
    rig.call(KEEP, &with_function(1), None, false);
    for _ in 0..3 {
        rig.call(FAIL, NO_ARGS, None, false);
    }
    rig.call(Target::Service("made.up"), NO_ARGS, None, false);
    assert_eq!(rig.rest().await.len(), 5);
    let kept = given.lock().unwrap().pop_front().unwrap();
    let answering = tokio::spawn(async move { kept.call(()).await });
    let id = rig.next().await.id();
    let answer = Message::Return { id, outcome: Outcome::Returned(NIL), spent_us: u64::MAX };
    rig.runner.send(&answer).unwrap();
    patiently("the answer", answering).await.unwrap().unwrap();
    let (call, id) = sent(&mut rig, Callee::Export("go".into())).await;
    let thrown = Thrown::new("Error", "no").to_value();
    rig.runner.send(&Message::Return { id, outcome: Outcome::Threw(&thrown), spent_us: 0 }).unwrap();
    assert!(patiently("the error", call).await.is_err());

    let figures = rig.session.figures();
    let from_plugin = [
        ("app.fail", FunctionKind::Api, 3, 3),
        ("app.keep", FunctionKind::Api, 1, 0),
        ("made.up", FunctionKind::Service, 1, 1),
    ];
    assert_eq!(functions(&figures.from_plugin), from_plugin);
    let to_plugin =
        [("argument of app.keep", FunctionKind::Function, 1, 0), ("go", FunctionKind::Export, 1, 1)];
    assert_eq!(functions(&figures.to_plugin), to_plugin);
    let CallFigures { calls, errors, latency, spent_us, .. } = &figures.to_plugin;
    assert_eq!((*calls, *errors), (2, 2 - 1));
    let Latency { p50_ns, p90_ns, p99_ns, slowest_ns, .. } = *latency;
    assert!(0 < p50_ns && p50_ns <= p90_ns && p90_ns <= p99_ns && p99_ns <= slowest_ns, "{latency:?}");
    let slowest_us = figures.to_plugin.functions[0].latency.slowest_ns / 1_000;
    assert_eq!(*spent_us, slowest_us, "nobody has computed for longer than the call took");
    let (traffic, queues) = (figures.traffic, figures.queues);
    // Welcome, Locked, five calls, a ping, two answers.
    assert_eq!(traffic.from_plugin_messages, 10);
    assert!(100 < traffic.from_plugin_bytes && 100 < traffic.to_plugin_bytes, "{traffic:?}");
    assert_eq!((queues.calls_to_plugin, queues.calls_from_plugin, queues.unwritten_bytes), (0, 0, 0));

    let json = serde_json::to_value(&figures).unwrap();
    assert_eq!(serde_json::from_value::<Figures>(json).unwrap(), figures);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_processors_time_is_that_of_the_process() {
    let rig = bench().0.rig("a");
    // The process of the rig is this one, which is at work.
    let first = rig.session.figures().cpu;
    let mut spin = 0_u64;
    while rig.session.figures().cpu.total_us < first.total_us + 20_000 {
        spin = std::hint::black_box(spin + 1);
    }
    let then = rig.session.figures().cpu;
    assert!(0 < first.total_us && first.total_us < then.total_us);
    assert_eq!(then.total_us, then.last_minute_us, "all of it was seen in this minute");
    assert_eq!((then.per_minute_us, then.is_slowed), (None, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_in_flight_are_told_with_whom_they_serve() {
    let (bench, _) = bench();
    let mut rig = bench.rig("a");
    let (call, parent) = sent(&mut rig, Callee::Export("go".into())).await;
    let waiting = rig.call(WAIT, NO_ARGS, Some(parent), false);
    let alone = rig.call(WAIT, NO_ARGS, None, true);
    assert_eq!(rig.rest().await, []);
    let pending = rig.session.pending();
    let row = |call: &CallInFlight| {
        let parent = call.parent.as_ref().map(|parent| format!("{}.{}", parent.plugin, parent.name));
        (call.direction, call.id, call.name.clone(), parent, call.is_blocking, call.is_wanted)
    };
    let expected = [
        (CallDirection::ToPlugin, parent, "go".to_owned(), None, false, true),
        (CallDirection::FromPlugin, waiting, "app.wait".to_owned(), Some("a.go".to_owned()), false, true),
        (CallDirection::FromPlugin, alone, "app.wait".to_owned(), None, true, true),
    ];
    assert_eq!(Vec::from_iter(pending.iter().map(row)), expected);
    let patience = PATIENCE.as_millis() as u64;
    assert!(pending[0].deadline_ms.is_some_and(|left| 0 < left && left <= patience), "{:?}", pending[0]);
    assert_eq!(pending[1].deadline_ms, None, "the plugin did not say");

    // Nobody wants its answer any more, but it is owed; what was called on its behalf has ended with it.
    drop(call);
    let ended = Said::Cancel { id: parent };
    assert_eq!(rig.rest().await.first(), Some(&ended));
    let rows = Vec::from_iter(rig.session.pending().iter().map(|call| (call.id, call.is_wanted)));
    assert_eq!(rows, [(parent, false), (alone, true)]);
    let failed = rig.session.figures().from_plugin;
    assert_eq!((failed.calls, failed.errors), (1, 1));
    let json = serde_json::to_value(rig.session.pending()).unwrap();
    assert_eq!(serde_json::from_value::<Vec<CallInFlight>>(json).unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_told_with_where_it_was_passed() {
    let (bench, given) = bench();
    let mut rig = bench.rig("a");
    rig.call(KEEP, &with_function(1), None, false);
    assert_eq!(rig.rest().await.len(), 1);
    let stream = [&[0x91, 0xd7, plughold_protocol::value::STREAM as u8][..], &5_u64.to_le_bytes()].concat();
    rig.call(WAIT, &stream, None, false);
    let give = rig.call(GIVE, NO_ARGS, None, false);
    // Nobody reads the stream, and it is open until its source has ended.
    let said = rig.rest().await;
    assert!(said.contains(&Said::Returned { id: give }), "{said:?}");
    let held = rig.session.exports().some(1).remove(0).id;
    for _ in 0..2 {
        rig.call(Target::Function(held), NO_ARGS, None, false);
    }
    // What else the host says of the stream comes at its own time.
    let answers = rig.rest().await.into_iter().filter(|said| matches!(said, Said::Returned { .. }));
    assert_eq!(answers.count(), 2);
    let kept = given.lock().unwrap().front().unwrap().clone();
    let answering = tokio::spawn(async move { kept.call(()).await });
    let id = next_call(&mut rig).await;
    rig.answer(id);
    patiently("the answer", answering).await.unwrap().unwrap();

    let infos = rig.session.held_things();
    let row = |info: &ReferenceInfo| {
        (info.holder, info.kind, info.id, info.name.clone(), info.calls, info.place.clone())
    };
    let place = |place: &str| Some(place.to_owned());
    let expected = [
        (Holder::Host, ReferenceKind::Function, 1, "function".to_owned(), 1, place("argument of app.keep")),
        (Holder::Host, ReferenceKind::Stream, 5, "stream".to_owned(), 0, place("argument of app.wait")),
        (Holder::Plugin, ReferenceKind::Function, held, "nothing".to_owned(), 2, place("result of app.give")),
    ];
    assert_eq!(Vec::from_iter(infos.iter().map(row)), expected);
    assert!(infos[2].age_ms <= infos[0].age_ms, "the oldest first");
    let json = serde_json::to_value(&infos).unwrap();
    assert_eq!(serde_json::from_value::<Vec<ReferenceInfo>>(json).unwrap(), infos);
    given.lock().unwrap().clear();
    assert_eq!(rig.session.held_things().len(), 2, "what nobody holds any more is not told");
}
