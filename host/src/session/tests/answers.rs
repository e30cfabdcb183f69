//! Exactly one answer, in whatever order a call is cancelled and answered and its plugin dies.

use super::*;
use crate::callback::{Call, Target as Callee};
use crate::{CallError, Cx, Thrown};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::sync::Semaphore;

/// What may happen to a call, in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Whoever called loses interest.
    Cancel,
    /// Whoever is called answers.
    Answer,
    /// The plugin's process ends.
    Die,
}

use Step::{Answer, Cancel, Die};

/// Each order of some or all steps.
const ORDERS: &[&[Step]] = &[
    &[],
    &[Cancel],
    &[Answer],
    &[Die],
    &[Cancel, Answer],
    &[Answer, Cancel],
    &[Cancel, Die],
    &[Die, Cancel],
    &[Answer, Die],
    &[Die, Answer],
    &[Cancel, Answer, Die],
    &[Cancel, Die, Answer],
    &[Answer, Cancel, Die],
    &[Answer, Die, Cancel],
    &[Die, Cancel, Answer],
    &[Die, Answer, Cancel],
];

fn comes_before(order: &[Step], one: Step, other: Step) -> bool {
    let place = |step| order.iter().position(|each| *each == step).unwrap_or(usize::MAX);
    place(one) < place(other)
}

fn poll(call: &mut Option<Pin<Box<Call<()>>>>) -> Option<Result<(), CallError>> {
    let call = call.as_mut()?;
    match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_a_plugin() {
    for order in ORDERS {
        let mut rig = Bench::new(Api::new(())).rig("a");
        let session = rig.session.clone();
        let mut call = Some(Box::pin(Call::new(session, Callee::Export("f".into()), &(), None)));
        assert_eq!(poll(&mut call), None);
        let id = rig.next().await.id();
        let (mut answers, mut cancels, mut is_dead) = (Vec::new(), 0, false);
        for step in *order {
            match step {
                Cancel => call = None,
                // What has ended says nothing any more.
                Answer if is_dead => {}
                Answer => rig.answer(id),
                Die => {
                    rig.die().await;
                    is_dead = true;
                }
            }
            if !is_dead {
                let said = rig.rest().await;
                assert!(said.iter().all(|said| *said == Said::Cancel { id }), "{order:?}: {said:?}");
                cancels += said.len();
            }
            answers.extend(poll(&mut call));
        }
        let is_cancelled_in_time = comes_before(order, Cancel, Answer) && comes_before(order, Cancel, Die);
        assert_eq!(cancels, usize::from(is_cancelled_in_time), "{order:?}");
        let is_answered = comes_before(order, Answer, Die) && comes_before(order, Answer, Cancel);
        let is_gone = comes_before(order, Die, Cancel) && comes_before(order, Die, Answer);
        let expected: &[_] = match (is_answered, is_gone) {
            (true, _) => &[Ok(())],
            (_, true) => &[Err(rig.session.gone_error())],
            _ => &[],
        };
        assert_eq!(answers, expected, "{order:?}");
        assert_eq!(rig.session.calls_in_flight(), usize::from(!order.contains(&Answer) && !is_dead));
    }
}

/// A function of the application that returns when it is told to, and notes whether it was cancelled before.
struct Slow {
    may_return: Semaphore,
    was_cancelled: Semaphore,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_a_plugin() {
    for order in ORDERS {
        let slow = Arc::new(Slow { may_return: Semaphore::new(0), was_cancelled: Semaphore::new(0) });
        let api = Api::new(slow.clone()).function("slow", async |cx: Cx<Arc<Slow>>| {
            let watch = cx.clone();
            tokio::spawn(async move {
                watch.cancelled().await;
                watch.state().was_cancelled.add_permits(1);
            });
            cx.state().may_return.acquire().await?.forget();
            Ok::<_, Thrown>(())
        });
        let mut rig = Bench::new(api).rig("a");
        let id = rig.call(Target::Api(0), NO_ARGS, None, true);
        assert_eq!(rig.rest().await, []);
        let (mut answers, mut is_dead) = (Vec::new(), false);
        for step in *order {
            match step {
                Cancel if is_dead => {}
                Cancel => rig.runner.send(&Message::Cancel { id, why: None }).unwrap(),
                Answer => {
                    slow.may_return.add_permits(1);
                    if !is_dead {
                        answers.push(rig.next().await);
                    }
                }
                Die => {
                    rig.die().await;
                    is_dead = true;
                }
            }
            if !is_dead {
                answers.extend(rig.rest().await);
            }
        }
        let is_answered = comes_before(order, Answer, Die);
        assert_eq!(answers, Vec::from_iter(is_answered.then_some(Said::Returned { id })), "{order:?}");
        assert_eq!(rig.session.serving.is_blocking(), order.is_empty() || *order == [Cancel], "{order:?}");
        if matches!(order, [Cancel | Die, ..]) {
            let told = slow.was_cancelled.acquire();
            patiently("the cancellation", told).await.unwrap().forget();
        }
        assert_eq!(slow.was_cancelled.available_permits(), 0, "{order:?}: told once at most");
    }
}

/// Whoever is served is cancelled: what is called on its behalf is as well, and the function goes on.
#[tokio::test(flavor = "multi_thread")]
async fn to_cancel_a_call_cancels_what_is_called_on_its_behalf() {
    let api = Api::new(()).function("relay", async |cx: Cx<()>, function: crate::Callback<(), ()>| {
        let error = cx.call(&function, ()).await.unwrap_err();
        assert_eq!(cx.call(&function, ()).await, Err(CallError::Cancelled), "nor is anything new called");
        Err::<(), _>(error)
    });
    let mut rig = Bench::new(api).rig("a");
    let id = rig.call(Target::Api(0), &with_function(1), None, false);
    let called = rig.next().await.id();
    rig.runner.send(&Message::Cancel { id, why: None }).unwrap();
    let mut said = vec![rig.next().await, rig.next().await];
    said.sort_by_key(|said| *said != Said::Cancel { id: called });
    let words = "Error: the call on whose behalf this one was made was cancelled".to_owned();
    let code = Some("E_CANCELLED".to_owned());
    assert_eq!(said, [Said::Cancel { id: called }, Said::Threw { id, words, code }]);
    rig.answer(called);
    rig.call(Target::Api(99), NO_ARGS, None, false);
    let ending = patiently("the end", &mut rig.connection).await.unwrap();
    let words = "a call of API function 99; there are 1".to_owned();
    assert_eq!(ending, Ending::Violation(words), "the late answer was none");
}
