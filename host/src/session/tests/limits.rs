//! Limits that an embedder sets, and what one plugin leaves to others.

use super::*;
use crate::{CallError, Callback, Cx, Function, Thrown, Value};
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

type Kept = Arc<Mutex<Vec<Value>>>;

/// `keep` keeps what it is given, `pass` calls the first thing that is kept with it.
fn bench() -> (Bench, Kept) {
    let kept = Kept::default();
    let api = Api::new(kept.clone())
        .function("keep", async |cx: Cx<Kept>, thing: Value| {
            cx.state().lock().unwrap().push(thing);
            Ok::<_, Thrown>(())
        })
        .function("pass", async |cx: Cx<Kept>, thing: Value| {
            let first = cx.state().lock().unwrap().first().cloned();
            let Some(Value::Callback(first)) = first else { panic!("{first:?}") };
            cx.call(&first, vec![thing]).await
        });
    (Bench::new(api), kept)
}

const KEEP: Target = Target::Api(0);
const PASS: Target = Target::Api(1);

/// Tells when it is dropped.
struct Held(UnboundedSender<()>);

impl Drop for Held {
    fn drop(&mut self) {
        let _nobody_asks = self.0.send(());
    }
}

/// Arguments with one object of the plugin, whose class is `class`.
fn with_object(id: u64, class: &str) -> Vec<u8> {
    let mut payload = id.to_le_bytes().to_vec();
    let mut out = plughold_protocol::pack::Writer::new(&mut payload);
    out.array(3);
    out.text(class);
    out.array(0);
    out.array(0);
    let mut args = Vec::new();
    let mut out = plughold_protocol::pack::Writer::new(&mut args);
    out.array(1);
    out.extension(plughold_protocol::value::OBJECT, &payload);
    args
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_in_many_messages_is_held_once() {
    let (mut bench, kept) = bench();
    bench.limits.references = 3;
    let mut rig = bench.rig("a");
    for _ in 0..10 {
        let id = rig.call(KEEP, &with_function(7), None, false);
        assert_eq!(rig.next().await, Said::Returned { id });
    }
    assert_eq!((rig.session.references().imported, rig.session.imports().len()), (1, 1));
    let others = [8, 9].map(|id| rig.call(KEEP, &with_function(id), None, false));
    assert_eq!([rig.next().await, rig.next().await], others.map(|id| Said::Returned { id }));
    // Full: but whatever it has is no more than it was.
    let again = rig.call(KEEP, &with_function(8), None, false);
    assert_eq!(rig.next().await, Said::Returned { id: again });
    let things = std::mem::take(&mut *kept.lock().unwrap());
    let (sevens, others) = things.split_at(10);
    drop(sevens.to_vec());
    assert_eq!(rig.rest().await, [], "others have it still");
    drop((things.clone(), others.to_vec()));
    drop(things);
    let body = tokio::task::block_in_place(|| rig.runner.receive()).unwrap().unwrap();
    let Ok(Message::Release { references }) = Message::decode(&body) else { panic!() };
    let mut released = Vec::from_iter(references.iter().map(|released| (released.id, released.count)));
    released.sort_unstable();
    assert_eq!(released, [(7, 10), (8, 2), (9, 1)]);
    assert_eq!((rig.session.references().imported, rig.session.imports().len()), (0, 0));
    // From the beginning again.
    let id = rig.call(KEEP, &with_function(7), None, false);
    assert_eq!(rig.next().await, Said::Returned { id });
    for id in [8, 9, 10] {
        rig.call(KEEP, &with_function(id), None, false);
    }
    let ending = patiently("the end", &mut rig.connection).await.unwrap();
    assert_eq!(ending, Ending::Violation("more than 3 references".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_tells_something_else_is_another_handle() {
    let (bench, kept) = bench();
    let mut rig = bench.rig("a");
    for class in ["One", "One", "Other", "Other", "One"] {
        let id = rig.call(KEEP, &with_object(7, class), None, false);
        assert_eq!(rig.next().await, Said::Returned { id });
    }
    let things = std::mem::take(&mut *kept.lock().unwrap());
    let classes = Vec::from_iter(things.iter().map(|thing| match thing {
        Value::Remote(object) => object.class().to_owned(),
        other => panic!("{other:?}"),
    }));
    assert_eq!(classes, ["One", "One", "Other", "Other", "One"]);
    assert_eq!((rig.session.references().imported, rig.session.imports().len()), (3, 1));
    drop(things);
    patiently("the release", async {
        while rig.session.references().imported != 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(rig.session.imports().len(), 0);
}

/// As many exports as there may be, and names that would fill the host.
#[tokio::test(flavor = "multi_thread")]
async fn exports_have_a_bound() {
    let check = async |count: usize, length: usize, expected: Option<&str>| {
        let mut rig = bench().0.rig("a");
        assert!(matches!(rig.signals.recv().await, Some(Signal::Locked { .. })));
        let name = "x".repeat(length);
        let exports = vec![name.as_str(); count];
        let ready = Message::Ready { exports, compile_us: 0, evaluate_us: 0, activate_us: 0 };
        rig.runner.send(&ready).unwrap();
        match (expected, rig.signals.recv().await) {
            (None, Some(Signal::Ready { exports, .. })) => assert_eq!(exports.len(), count),
            (Some(words), None) => {
                let ending = patiently("the end", &mut rig.connection).await.unwrap();
                assert_eq!(ending, Ending::Violation(words.to_owned()));
            }
            (_, signal) => panic!("{signal:?}"),
        }
    };
    check(10_000, 26, None).await;
    check(10_001, 1, Some("10001 exports with 10001 bytes of names")).await;
    check(257, 1_024, Some("257 exports with 263168 bytes of names")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_are_the_embedders() {
    let (mut bench, _) = bench();
    (bench.limits.log_rate, bench.limits.message_rate) = (100, 5);
    let mut rig = bench.rig("a");
    let text = "x".repeat(40);
    for _ in 0..3 {
        let level = plughold_protocol::record::LogLevel::Info;
        rig.runner.send(&Message::Log { level, text: &text, place: None }).unwrap();
    }
    let dropped = || rig.session.counters.dropped_logs.load(std::sync::atomic::Ordering::Relaxed);
    patiently("a line that is too much", async {
        while dropped() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // Lines are no offence, and cost nothing here.
    rig.runner.send_all(&vec![Message::Ping { nonce: 1 }; 20]).unwrap();
    let ending = patiently("the end", &mut rig.connection).await.unwrap();
    let words = "more than 5 messages a second that need no credit".to_owned();
    assert_eq!(ending, Ending::Violation(words));
}

/// A function that does not look whether it is wanted goes on for a while, and not for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_nobody_wants_is_dropped_after_a_while() {
    const IGNORE: Target = Target::Api(0);
    let (sender, mut dropped) = unbounded_channel();
    let api = Api::new(sender).function("ignore", async |cx: Cx<UnboundedSender<()>>| {
        let _held = Held(cx.state().clone());
        std::future::pending::<Result<(), Thrown>>().await
    });
    let mut bench = Bench::new(api);
    bench.limits.linger = Duration::from_millis(20);
    let mut rig = bench.rig("a");
    let id = rig.call(IGNORE, NO_ARGS, None, false);
    assert_eq!(rig.rest().await, [], "it goes on for as long as somebody wants it");
    rig.runner.send(&Message::Cancel { id, why: None }).unwrap();
    let words =
        "Error: the application's function went on for 20ms when nobody wanted it any more".to_owned();
    assert_eq!(rig.next().await, Said::Threw { id, words, code: Some("E_CANCELLED".to_owned()) });
    assert!(rig.session.serving.is_idle());
    patiently("the end of the function", dropped.recv()).await.unwrap();
    // So it is when the process has ended: nothing of it is left then.
    rig.call(IGNORE, NO_ARGS, None, false);
    assert_eq!(rig.rest().await, []);
    rig.die().await;
    patiently("the end of the function", dropped.recv()).await.unwrap();
}

/// What one plugin hands over takes half of another one's table, and the application has the rest.
#[tokio::test(flavor = "multi_thread")]
async fn functions_of_one_plugin_leave_room_for_others() {
    let (mut bench, kept) = bench();
    bench.limits.references = 10;
    let (mut giver, mut other, taker) = (bench.rig("giver"), bench.rig("other"), bench.rig("taker"));
    for rig in [&mut giver, &mut other] {
        for id in 1..=8 {
            let id = rig.call(KEEP, &with_function(id), None, false);
            assert_eq!(rig.next().await, Said::Returned { id });
        }
    }
    let kept = std::mem::take(&mut *kept.lock().unwrap());
    let (givers, others) = kept.split_at(8);
    // Encoding counts; nothing is sent.
    let mut held = Vec::new();
    let mut hand_over = |things: &[Value]| {
        for thing in things {
            match crate::value::encode(thing, taker.session.exports()) {
                Ok(encoded) => held.push(encoded),
                Err(error) => return Some(CallError::from(error)),
            }
        }
        None
    };
    let refused =
        |held: usize, of: &str| CallError::References { held, of: Some(PluginId::native(of).unwrap()) };
    assert_eq!(hand_over(givers), Some(refused(5, "giver")));
    assert_eq!(hand_over(others), Some(refused(3, "other")));
    let words = "the plugin holds 3 references of the plugin other already, as many as it may";
    assert_eq!(refused(3, "other").to_string(), words);
    let function = || Value::Function(Function::new((), async |_: Cx<()>| Ok::<_, Thrown>(())));
    assert_eq!(hand_over(&[function(), function()]), None, "the application has room");
    let full = CallError::References { held: 10, of: None };
    assert_eq!(hand_over(&[function()]), Some(full));
    // What is held already is no more than it was.
    assert_eq!(hand_over(&givers[..5]), None);
    held.clear();
    assert_eq!(taker.session.exports().len(), 0);
    let _held = Vec::from_iter(
        givers[..5].iter().map(|thing| crate::value::encode(thing, taker.session.exports()).unwrap()),
    );
}

/// One plugin floods another one, which answers nothing: the application and a third one still reach that.
#[tokio::test(flavor = "multi_thread")]
async fn calls_of_one_plugin_leave_room_for_others() {
    let (mut bench, kept) = bench();
    bench.limits.in_flight = 16;
    let (mut flooding, mut other, mut slow) = (bench.rig("flooding"), bench.rig("other"), bench.rig("slow"));
    let id = slow.call(KEEP, &with_function(1), None, false);
    assert_eq!(slow.next().await, Said::Returned { id });
    let Value::Callback(function) = kept.lock().unwrap()[0].clone() else { panic!() };
    let pass = [0x91, 0xc0];
    let floods = Vec::from_iter((0..16).map(|_| flooding.call(PASS, &pass, None, false)));
    let mut arrived = Vec::new();
    for _ in 0..8 {
        arrived.push(slow.next().await.id());
    }
    assert_eq!(flooding.rest().await, [], "the others wait, and none has failed");
    assert_eq!(slow.session.calls_in_flight(), 8);
    for _ in 0..8 {
        other.call(PASS, &pass, None, false);
    }
    for _ in 0..6 {
        arrived.push(slow.next().await.id());
    }
    assert_eq!(other.rest().await, []);
    assert_eq!(slow.session.calls_in_flight(), 14);
    let own = start(&function);
    arrived.push(slow.next().await.id());
    assert_eq!(slow.session.calls_in_flight(), 15, "the application has room");
    // An answer makes room for whoever waits, in the order in which it came.
    slow.answer(arrived[0]);
    assert_eq!(flooding.next().await, Said::Returned { id: floods[0] });
    arrived.push(slow.next().await.id());
    // One whose caller has lost interest takes its room until it is answered.
    flooding.runner.send(&Message::Cancel { id: floods[1], why: None }).unwrap();
    assert!(matches!(flooding.next().await, Said::Threw { id, .. } if id == floods[1]));
    assert_eq!(slow.next().await, Said::Cancel { id: arrived[1] });
    assert_eq!(slow.rest().await, []);
    slow.answer(arrived[1]);
    arrived.push(slow.next().await.id());
    // And one that waits can be given up as well.
    flooding.runner.send(&Message::Cancel { id: floods[15], why: None }).unwrap();
    assert!(matches!(flooding.next().await, Said::Threw { id, .. } if id == floods[15]));
    drop(own);
    slow.die().await;
    // Of those that wait none is left over.
    let mut answered = 0;
    while answered < 13 {
        let said = flooding.next().await;
        assert!(matches!(&said, Said::Threw { code, .. } if code.as_deref() == Some("E_GONE")), "{said:?}");
        answered += 1;
    }
    kept.lock().unwrap().clear();
}

/// Sends a call, and waits for nothing.
fn start(function: &Callback<Vec<Value>, Value>) -> impl Future + use<> {
    let mut call = Box::pin(function.call(vec![]));
    assert!(matches!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending));
    call
}

/// A call that waits for its place is bounded by its time, as every other.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_waits_for_room_has_its_deadline() {
    let (mut bench, kept) = bench();
    (bench.limits.in_flight, bench.limits.call) = (2, Duration::from_millis(20));
    let (mut calling, mut slow) = (bench.rig("calling"), bench.rig("slow"));
    let id = slow.call(KEEP, &with_function(1), None, false);
    assert_eq!(slow.next().await, Said::Returned { id });
    let calls = [0, 1].map(|_| calling.call(PASS, &[0x91, 0xc0], None, false));
    let arrived = slow.next().await.id();
    let mut ended = Vec::new();
    for _ in 0..2 {
        let Said::Threw { id, code, .. } = calling.next().await else { panic!() };
        assert_eq!(code.as_deref(), Some("E_DEADLINE"));
        ended.push(id);
    }
    ended.sort_unstable();
    assert_eq!(ended, calls);
    assert_eq!(slow.next().await, Said::Cancel { id: arrived });
    assert_eq!(slow.rest().await, [], "the second never left");
    slow.answer(arrived);
    assert_eq!(slow.rest().await, []);
    kept.lock().unwrap().clear();
}
