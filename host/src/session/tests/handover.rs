//! The state that a plugin hands over: who asks gets one answer, and an answer to nothing ends the session.

use super::{Bench, Rig, Said, patiently};
use crate::session::connection::Signal;
use crate::session::{Ending, HandOver};
use crate::{Api, Thrown};
use plughold_protocol::Message;
use plughold_protocol::{limits, value as form};
use std::time::Duration;

const GRACE: Duration = Duration::from_secs(2);

async fn rig() -> Rig {
    let mut rig = Bench::new(Api::new(())).rig("p");
    // What the greeting says is known once the host has answered what came after it.
    assert_eq!(rig.rest().await, []);
    rig
}

/// The next state that comes out of the connection.
async fn state(rig: &mut Rig) -> Result<Option<HandOver>, Thrown> {
    loop {
        match patiently("a state", rig.signals.recv()).await {
            Some(Signal::Suspended { state }) => return state,
            Some(_) => {}
            None => panic!("the connection has ended"),
        }
    }
}

fn bytes(state: &Result<Option<HandOver>, Thrown>) -> Option<Vec<u8>> {
    state.as_ref().ok().and_then(|state| state.as_ref().map(|state| state.bytes().to_vec()))
}

async fn violation(rig: &mut Rig) -> String {
    match patiently("the end", &mut rig.connection).await.unwrap() {
        Ending::Violation(words) => words,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_answer_to_the_last_question_counts() {
    let mut rig = rig().await;
    assert!(rig.session.ask_state() && rig.session.ask_state() && rig.session.ask_state());
    assert_eq!(rig.rest().await, [Said::Other("Suspend"), Said::Other("Suspend"), Said::Other("Suspend")]);
    let error = Thrown::new("Error", "not now").to_value();
    rig.runner.send(&Message::Suspended { id: 2, state: Some(&[7]), error: None }).unwrap();
    rig.runner.send(&Message::Suspended { id: 1, state: None, error: None }).unwrap();
    rig.runner.send(&Message::Suspended { id: 3, state: Some(&[7]), error: Some(&error) }).unwrap();
    assert_eq!(state(&mut rig).await.unwrap_err().message, "not now", "whoever asked before has given up");
    assert!(rig.session.ask_state());
    rig.runner.send(&Message::Suspended { id: 4, state: Some(&[7]), error: None }).unwrap();
    assert_eq!(bytes(&state(&mut rig).await), Some(vec![7]));
    // The last message is the answer as soon as it is wanted.
    assert!(rig.session.ask_state());
    rig.session.ask_stop(GRACE, true);
    rig.runner.send(&Message::Suspended { id: 5, state: Some(&[7]), error: None }).unwrap();
    rig.runner.send(&Message::Stopped { state: Some(&[8]), leaked: 0, error: None }).unwrap();
    assert_eq!(bytes(&state(&mut rig).await), Some(vec![8]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_message_is_an_answer_if_the_state_was_wanted() {
    let mut wanted = rig().await;
    wanted.session.ask_stop(GRACE, true);
    wanted.runner.send(&Message::Stopped { state: Some(&[0xc0]), leaked: 0, error: None }).unwrap();
    assert_eq!(bytes(&state(&mut wanted).await), Some(vec![0xc0]));

    let mut unwanted = rig().await;
    unwanted.session.ask_stop(GRACE, false);
    unwanted.runner.send(&Message::Stopped { state: Some(&[0xc1]), leaked: 0, error: None }).unwrap();
    assert_eq!(unwanted.rest().await, [Said::Other("Stop")], "nobody looked at it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_nothing_ends_the_session() {
    let check = async |asked: bool, id: u64, state: &[u8], expected: &str| {
        let mut rig = rig().await;
        if asked {
            assert!(rig.session.ask_state());
        }
        rig.runner.send(&Message::Suspended { id, state: Some(state), error: None }).unwrap();
        let words = violation(&mut rig).await;
        assert!(words.contains(expected), "{words}");
    };
    let mut reference = vec![0xd7, form::FUNCTION as u8];
    reference.extend(1_u64.to_le_bytes());
    check(false, 1, &[7], "the state for question 1, which is not open").await;
    check(true, 2, &[7], "the state for question 2, which is not open").await;
    check(true, 1, &[], "a value that is refused").await;
    check(true, 1, &reference, "a state with 1 references, which end with their process").await;
    check(true, 1, &vec![0; limits::STATE + 1], "at most 1048576 are allowed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_answer_ends_the_session() {
    let mut rig = rig().await;
    assert!(rig.session.ask_state());
    for _ in 0..2 {
        rig.runner.send(&Message::Suspended { id: 1, state: None, error: None }).unwrap();
    }
    assert_eq!(state(&mut rig).await, Ok(None));
    assert!(violation(&mut rig).await.contains("question 1, which is not open"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_does_not_know_the_question_is_not_asked() {
    let mut rig = Bench::new(Api::new(())).rig_with("p", &[]);
    assert_eq!(rig.rest().await, []);
    assert!(!rig.session.ask_state());
    assert_eq!(rig.rest().await, []);
}
