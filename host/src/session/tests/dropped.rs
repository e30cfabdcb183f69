//! A call that is dropped, wherever it is, leaves nothing behind: no room in the window, no count, no reference.

use super::*;
use crate::callback::{Call, Target as Callee};
use crate::live::Thing;
use crate::{CallError, Callback, Cx, Function, Thrown};
use plughold_protocol::record::Released;
use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

type Given = Arc<Mutex<Vec<Callback<(Function, Vec<u8>), ()>>>>;

/// A plugin that has given a function, under the number 7.
async fn given(limits: Limits) -> (Rig, Callback<(Function, Vec<u8>), ()>) {
    let state = Given::default();
    let api = Api::new(state.clone()).function(
        "give",
        async |cx: Cx<Given>, function: Callback<(Function, Vec<u8>), ()>| {
            cx.state().lock().unwrap_or_else(PoisonError::into_inner).push(function);
            Ok::<_, Thrown>(())
        },
    );
    let mut rig = Bench { limits, ..Bench::new(api) }.rig("a");
    rig.call(Target::Api(0), &with_function(7), None, false);
    assert!(matches!(rig.next().await, Said::Returned { .. }));
    let function = state.lock().unwrap().pop().unwrap();
    (rig, function)
}

fn argument() -> Function {
    Function::new((), async |_: Cx<()>| Ok::<_, Thrown>(()))
}

/// What is held: by the plugin, by the host, and how many calls are in flight.
fn held(rig: &Rig) -> (u32, u32, usize) {
    let references = rig.session.references();
    (references.exported, references.imported, rig.session.calls_in_flight())
}

/// Polls it once.
async fn start<R: serde::de::DeserializeOwned>(call: &mut Call<R>) -> Option<Result<R, CallError>> {
    poll_fn(|context| {
        Poll::Ready(match std::pin::Pin::new(&mut *call).poll(context) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn before_it_is_sent() {
    let (rig, function) = given(Limits::default()).await;
    let call = function.call((argument(), Vec::new()));
    assert_eq!(held(&rig), (1, 1, 0), "counted while it may be sent");
    drop(call);
    assert_eq!(held(&rig), (0, 1, 0));
    let call = function.call((argument(), Vec::new()));
    drop(function);
    assert_eq!(held(&rig), (1, 1, 0), "the call holds what it calls");
    drop(call);
    assert_eq!(held(&rig), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_it_was_sent() {
    let (mut rig, function) = given(Limits::default()).await;
    let argument = argument();
    let mut call = function.call((argument.clone(), Vec::new()));
    assert_eq!(start(&mut call).await, None);
    let id = rig.next().await.id();
    let exported = rig.session.exports().export(&Thing::Function(argument)).unwrap().id();
    drop((call, function));
    assert_eq!(rig.rest().await, [Said::Cancel { id }]);
    assert_eq!(held(&rig), (1, 1, 1), "the plugin owes an answer, and has the argument");
    rig.answer(id);
    rig.runner.send(&Message::Release { references: vec![Released { id: exported, count: 1 }] }).unwrap();
    let said = rig.rest().await;
    assert!(said.iter().all(|said| *said == Said::Other("Release")), "{said:?}");
    assert_eq!(held(&rig), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn refused() {
    let (mut rig, function) = given(Limits { in_flight: 1, message: 4 << 10, ..Limits::default() }).await;
    let long = function.call((argument(), vec![0; 8 << 10])).await;
    assert!(matches!(long, Err(CallError::Arguments(_))), "{long:?}");
    assert_eq!(held(&rig), (0, 1, 0));
    let mut first = function.call((argument(), Vec::new()));
    assert_eq!(start(&mut first).await, None);
    let id = rig.next().await.id();
    let second = function.call((argument(), Vec::new())).await;
    assert_eq!(second, Err(CallError::Busy { in_flight: 1 }));
    assert_eq!(held(&rig), (1, 1, 1));
    let late = function.call((argument(), Vec::new())).within(Duration::ZERO).await;
    assert_eq!(late, Err(CallError::Deadline { after: Duration::ZERO }));
    rig.answer(id);
    assert_eq!(patiently("the answer", first).await, Ok(()));
    assert_eq!(held(&rig), (1, 1, 0));
    rig.die().await;
    let gone = function.call((argument(), Vec::new()));
    assert_eq!(held(&rig), (0, 1, 0), "to a plugin that is gone nothing is counted");
    assert_eq!(gone.await, Err(rig.session.gone_error()));
    let _never_polled =
        Call::<()>::new(rig.session.clone(), Callee::Export("f".into()), &(argument(),), None);
    drop(function);
    assert_eq!(held(&rig), (0, 0, 0));
}
