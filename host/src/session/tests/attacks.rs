//! A plugin that knows the protocol well and uses it against its host: few bytes that shall cost many, and names that lie.

use super::*;
use crate::{CallError, Cx, Event, Function, Object, Thrown, Value};
use plughold_protocol::record::LogLevel;
use plughold_protocol::{limits, value};
use plughold_wire::{Bounds, scan};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

type Kept = Arc<Mutex<Vec<Value>>>;

async fn wait(cx: Cx<Kept>) -> Result<(), Thrown> {
    cx.cancelled().await;
    Ok(())
}

fn bench() -> (Bench, Kept) {
    let kept = Kept::default();
    let api = Api::new(kept.clone())
        .function("wait", wait)
        .function("echo", async |_: Cx<Kept>, value: Value| Ok::<_, Thrown>(value))
        .function("long", async |_: Cx<Kept>| Ok::<_, Thrown>("x".repeat(8 << 20)))
        .function("keep", async |cx: Cx<Kept>, functions: Vec<Value>| {
            cx.state().lock().unwrap().extend(functions);
            Ok::<_, Thrown>(())
        })
        .function("things", async |_: Cx<Kept>| {
            let function = Function::new((), async |_: Cx<()>| Ok::<_, Thrown>(()));
            let object = Object::builder("Counter", ()).method("add", async |_: Cx<()>| Ok::<_, Thrown>(()));
            Ok::<_, Thrown>((function, object.build()))
        });
    (Bench::new(api), kept)
}

const WAIT: Target = Target::Api(0);
const ECHO: Target = Target::Api(1);
const LONG: Target = Target::Api(2);
const KEEP: Target = Target::Api(3);
const THINGS: Target = Target::Api(4);

/// Arguments with one array of functions.
fn with_functions(ids: impl ExactSizeIterator<Item = u64>) -> Vec<u8> {
    let mut args = Vec::new();
    let mut out = plughold_protocol::pack::Writer::new(&mut args);
    out.array(1);
    out.array(ids.len());
    ids.for_each(|id| out.extension(value::FUNCTION, &id.to_le_bytes()));
    args
}

/// It asks for its own function back, a thousand times in each answer, and leaves the answers unread.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_home_often_is_held_once() {
    let mut rig = bench().0.rig("a");
    rig.call(LONG, NO_ARGS, None, false);
    let args = with_functions(vec![7; 1_000].into_iter());
    for _ in 0..50 {
        rig.call(ECHO, &args, None, false);
    }
    patiently("the calls", async {
        let calls = || rig.session.counters.calls_in.load(std::sync::atomic::Ordering::Relaxed);
        while calls() < 51 || rig.session.serving.is_open() || rig.session.held_until_written() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let held = rig.session.held_until_written();
    assert!((1..3_000).contains(&held), "{held}");
    // The first is the longest, and arrives last.
    while rig.next().await != (Said::Returned { id: 1 }) {}
    let _releases = rig.rest().await;
    assert_eq!((rig.session.held_until_written(), rig.session.references().imported), (0, 0));
}

/// It answers nothing, and each call to it would hold all of its functions.
#[tokio::test(flavor = "multi_thread")]
async fn calls_that_are_never_answered_do_not_hold_without_end() {
    let (bench, kept) = bench();
    let mut rig = bench.rig("a");
    rig.call(KEEP, &with_functions((1..=99_000).collect::<Vec<_>>().into_iter()), None, false);
    assert_eq!(rig.next().await, Said::Returned { id: 1 });
    let functions = std::mem::take(&mut *kept.lock().unwrap());
    let mut socket = rig.runner.stream().try_clone().unwrap();
    std::thread::spawn(move || std::io::copy(&mut socket, &mut std::io::sink()));
    let Value::Callback(callee) = functions[0].clone() else { panic!() };
    let mut refused = None;
    for calls in 0..20 {
        // Dropped at once: nobody wants the answer, and it is owed all the same.
        let mut call = pin!(callee.call(functions.clone()));
        if let Poll::Ready(answer) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            refused = Some((calls, answer));
            break;
        }
    }
    assert_eq!(refused, Some((10, Err(CallError::Busy { in_flight: 10 }))));
}

/// Elements of one byte, which take fifty times as much when they are decoded.
#[tokio::test(flavor = "multi_thread")]
async fn elements_that_are_worked_on_have_a_bound() {
    let mut rig = bench().0.rig("a");
    let count = limits::NODES as u32 - 2;
    let args = [[0x91, 0xdd].as_slice(), &count.to_be_bytes(), &vec![0xc0; count as usize]].concat();
    for _ in 0..40 {
        rig.call(WAIT, &args, None, false);
    }
    assert_eq!(rig.rest().await, []);
    let id = rig.call(WAIT, &args, None, false);
    let words = "Error: the application works on too much for this plugin already".to_owned();
    assert_eq!(rig.next().await, Said::Threw { id, words, code: Some("E_BUSY".to_owned()) });
    rig.runner.send(&Message::Notify { target: WAIT, args: &args, parent: None }).unwrap();
    rig.runner.send(&Message::Cancel { id: 1, why: None }).unwrap();
    assert_eq!(rig.next().await, Said::Returned { id: 1 });
    rig.call(WAIT, &args, None, false);
    assert_eq!(rig.rest().await, [], "there is room again, and the notification took none");
}

/// Lines without a text are lines.
#[tokio::test(flavor = "multi_thread")]
async fn empty_lines_do_not_displace_the_events_of_others() {
    let mut rig = bench().0.rig("a");
    let line = Message::Log { level: LogLevel::Info, text: "", place: None };
    let empty = Message::Uncaught { error: NIL, rejection: false };
    for _ in 0..4_000 {
        rig.runner.send_all(&[line.clone(), empty.clone()]).unwrap();
    }
    assert_eq!(rig.rest().await, []);
    let mut told = 0;
    while let Poll::Ready(event) = pin!(rig.events.next()).poll(&mut Context::from_waker(Waker::noop())) {
        assert!(matches!(event, Some(Event::Log { .. } | Event::Uncaught { .. })), "{event:?}");
        told += 1;
    }
    // One second's worth, and what has passed of the next ones.
    assert!((2_048..4_000).contains(&told), "{told}");
}

/// References that were held one after the other are given back at once, and are still messages.
#[tokio::test(flavor = "multi_thread")]
async fn releases_keep_to_the_length_of_a_list() {
    let mut rig = bench().0.rig("a");
    let many = limits::ELEMENTS as u64 + 1;
    rig.session.begin_batch();
    for id in 0..many {
        rig.session.reference_made();
        rig.session.release(id, 1);
    }
    rig.session.end_batch();
    assert_eq!([rig.next().await, rig.next().await], [Said::Other("Release"), Said::Other("Release")]);
}

/// A host that holds as much of the plugin as it may takes nothing more, and gets back what is its own.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_home_needs_no_room() {
    let mut rig = bench().0.rig("a");
    rig.call(THINGS, NO_ARGS, None, false);
    let body = tokio::task::block_in_place(|| rig.runner.receive()).unwrap().unwrap();
    let Ok(Message::Return { outcome: Outcome::Returned(bytes), .. }) = Message::decode(&body) else {
        panic!()
    };
    let function = scan(bytes, &Bounds::default()).unwrap().references[0].id;
    (0..limits::REFERENCES).for_each(|_| rig.session.reference_made());
    let home = [[0x91, 0xd7, value::HOME as u8].as_slice(), &function.to_le_bytes()].concat();
    let id = rig.call(ECHO, &home, None, false);
    assert_eq!(rig.next().await, Said::Returned { id });
    rig.call(ECHO, &with_function(1), None, false);
    let ending = patiently("the end", &mut rig.connection).await.unwrap();
    assert_eq!(ending, Ending::Violation("more than 100000 references".to_owned()));
}

/// Says that it blocks and goes on all the same: what others ask of it is its own business, and no circle of theirs.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_only_claims_to_block_is_in_nobodys_way() {
    let (bench, kept) = bench();
    let (mut liar, mut other) = (bench.rig("liar"), bench.rig("other"));
    for rig in [&mut liar, &mut other] {
        let id = rig.call(KEEP, &with_functions([1].into_iter()), None, false);
        assert_eq!(rig.next().await, Said::Returned { id });
        rig.call(WAIT, NO_ARGS, None, true);
        rig.call(WAIT, NO_ARGS, None, true);
        assert_eq!(rig.rest().await, []);
    }
    let functions = std::mem::take(&mut *kept.lock().unwrap());
    for (rig, function) in [&mut liar, &mut other].into_iter().zip(functions) {
        let Value::Callback(function) = function else { panic!() };
        let call = tokio::spawn(function.call(vec![]));
        let id = rig.next().await.id();
        rig.answer(id);
        assert_eq!(patiently("the answer", call).await.unwrap(), Ok(Value::Null));
    }
}

/// Members of what has none, and names that would be seen in a log.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_has_its_members_and_no_others() {
    let mut rig = bench().0.rig("a");
    rig.call(THINGS, NO_ARGS, None, false);
    let body = tokio::task::block_in_place(|| rig.runner.receive()).unwrap().unwrap();
    let Ok(Message::Return { outcome: Outcome::Returned(bytes), .. }) = Message::decode(&body) else {
        panic!()
    };
    let found = scan(bytes, &Bounds::default()).unwrap().references;
    let [function, object] = [found[0].id, found[1].id];
    let unknown = |what: &str| format!("there is no such {what}");
    let rows = [
        (Target::Method(function, "call"), format!("TypeError: function: {}", unknown("method"))),
        (Target::Property(function, "length"), format!("TypeError: function: {}", unknown("property"))),
        (Target::Function(object), "TypeError: Counter: an object cannot be called".to_owned()),
        (Target::Method(object, "__proto__"), format!("TypeError: Counter.__proto__: {}", unknown("method"))),
        (Target::Property(object, "add"), format!("TypeError: Counter.add: {}", unknown("property"))),
        (
            Target::Method(object, "a\nplugin b: all is lost\u{1b}[2J"),
            format!(r"TypeError: Counter.a\u{{a}}plugin b: all is lost\u{{1b}}[2J: {}", unknown("method")),
        ),
    ];
    for (target, expected) in rows {
        let id = rig.call(target, NO_ARGS, None, true);
        match rig.next().await {
            Said::Threw { id: answered, words, .. } => assert_eq!((answered, words), (id, expected)),
            other => panic!("{other:?}"),
        }
    }
}
