//! What clients can do, and what they need for it.

use crate::Controlled;
use plughold::{CommandError, Control, Json, PermissionState};
use plughold_control::record::State;
use plughold_control::{Client, ClientError, ConnectError, Refusal, RefusalKind, Register, Request, Right};
use plughold_tests::patiently;
use serde_json::json;

const PLUGIN: &str = "/* plughold: { \"permissions\": [\"notes.read\"] } */
    export const greet = (name) => `Hello ${name}`;
    export const fail = () => { throw new RangeError('too far') };
    export const forever = () => app.notes.wait();
";

#[track_caller]
fn refusal<T: std::fmt::Debug>(result: Result<T, ClientError>) -> Refusal {
    match result {
        Err(ClientError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn state(client: &Client) -> State {
    client.plugin("hello").await.unwrap().state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_is_stopped_started_reloaded_and_killed() {
    let mut controlled = Controlled::new(Control::full());
    let plugin = controlled.host.load("hello", PLUGIN).await;
    let client = controlled.client(Right::Control).await;
    assert_eq!(client.stop("hello").await.unwrap(), "it was stopped");
    assert_eq!(state(&client).await, State::Stopped);
    client.start("hello").await.unwrap();
    assert_eq!(state(&client).await, State::Active);
    let generation = plugin.info().generation;
    client.restart("hello").await.unwrap();
    client.reload("hello").await.unwrap();
    assert_eq!(plugin.info().generation, generation + 2);
    controlled.host.write("hello.js", "not JavaScript at all");
    let failed = refusal(client.reload("hello").await);
    assert_eq!(failed.kind, RefusalKind::Thrown);
    assert!(failed.message.contains("SyntaxError"), "{failed:?}");
    assert_eq!(state(&client).await, State::Active, "the one before goes on");
    assert_eq!(client.kill("hello").await.unwrap(), "it was killed: that was asked for");
    assert_eq!(state(&client).await, State::Stopped);
    assert_eq!(refusal(client.start("hullo").await).kind, RefusalKind::NotFound);
    drop(client);
    let _report = controlled.host.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_rests_and_is_called_again() {
    let mut controlled = Controlled::new(Control::full());
    let plugin = controlled.host.load("hello", PLUGIN).await;
    let client = controlled.client(Right::Control).await;
    client.rest("hello").await.unwrap();
    controlled
        .host
        .event("that it rests", |event| matches!(event, plughold::Event::Resting { .. }).then_some(()))
        .await;
    assert_eq!(state(&client).await, State::Resting);
    assert_eq!(client.call("hello", "greet", vec![json!("Ann")]).await.unwrap(), json!("Hello Ann"));
    assert_eq!(plugin.info().generation, 2);
    drop(client);
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_called_and_what_it_throws_is_told() {
    let mut controlled = Controlled::new(Control::full());
    controlled.host.load("hello", PLUGIN).await;
    let client = controlled.client(Right::Control).await;
    assert_eq!(client.call("hello", "greet", vec![json!("Ann")]).await.unwrap(), json!("Hello Ann"));
    let thrown = refusal(client.call("hello", "fail", vec![]).await);
    assert_eq!(thrown.kind, RefusalKind::Thrown);
    assert_eq!(thrown.message, "RangeError: too far");
    assert!(thrown.stack.unwrap().contains("hello.js:3"));
    assert_eq!(thrown.thrown.unwrap()["name"], "RangeError");
    assert_eq!(refusal(client.call("hello", "nothing", vec![]).await).kind, RefusalKind::NotFound);
    let eval = refusal(client.evaluate("hello", "1 + 1").await);
    assert_eq!(eval.kind, RefusalKind::NotAllowed, "only developers may");
    let many = refusal(client.call("hello", "greet", vec![json!(1); 65]).await);
    assert_eq!(many.message, "65 arguments or names; at most 64 are allowed");
    drop(client);
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_interest_cancels_the_call() {
    let mut controlled = Controlled::new(Control::full());
    let plugin = controlled.host.load("hello", PLUGIN).await;
    let client = controlled.client(Right::Control).await;
    let caller = client.clone();
    let call = tokio::spawn(async move { caller.call("hello", "forever", vec![]).await });
    let in_flight = |expected: usize| {
        let plugin = plugin.clone();
        async move { plughold_tests::eventually(expected, || plugin.pending().len()).await }
    };
    in_flight(2).await;
    call.abort();
    // The function of the application sees that it is cancelled, and with that everything is answered.
    in_flight(0).await;
    drop(client);
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_the_application_are_executed() {
    let control =
        Control::full().commands(|plugin| vec![format!("{plugin}.greet")]).execute(async |name, args| {
            match name.as_str() {
                "hello.greet" => Ok(Json(json!(args.len()))),
                "hello.panic" => panic!("as applications do"),
                _ => Err(CommandError::Unknown),
            }
        });
    let mut controlled = Controlled::new(control);
    controlled.host.load("hello", PLUGIN).await;
    let client = controlled.client(Right::Control).await;
    let commands = client.commands().await.unwrap();
    assert_eq!((commands[0].name.as_str(), commands[0].plugin.as_str()), ("hello.greet", "hello"));
    assert_eq!(client.execute("hello.greet", vec![json!(1), json!(2)]).await.unwrap(), json!(2));
    let unknown = refusal(client.execute("hullo", vec![]).await);
    assert_eq!(
        (unknown.kind, unknown.message.as_str()),
        (RefusalKind::NotFound, "there is no command hullo")
    );
    let panicked = refusal(client.execute("hello.panic", vec![]).await);
    assert_eq!(
        (panicked.kind, panicked.message.as_str()),
        (RefusalKind::Failed, "the application has panicked")
    );
    assert_eq!(client.execute("hello.greet", vec![]).await.unwrap(), json!(0), "the client goes on");
    drop(client);
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_granted_and_taken() {
    let mut controlled = Controlled::new(Control::full());
    let plugin = controlled.host.load("hello", PLUGIN).await;
    let client = controlled.client(Right::Control).await;
    let state = || plugin.permissions()[0].state;
    client.revoke("hello", "notes.read").await.unwrap();
    assert_eq!(state(), PermissionState::Denied);
    assert_eq!(client.permissions("hello").await.unwrap()[0].state, "denied");
    client.grant("hello", "notes.read").await.unwrap();
    assert_eq!(state(), PermissionState::Granted);
    assert_eq!(refusal(client.grant("hello", "notes.write").await).kind, RefusalKind::NotFound);
    assert_eq!(refusal(client.grant("hello", "!").await).kind, RefusalKind::Malformed);
    drop(client);
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_may_do_nothing_else() {
    let mut controlled = Controlled::new(Control::full());
    let plugin = controlled.host.load("hello", PLUGIN).await;
    let client = controlled.client(Right::Read).await;
    assert_eq!(client.right(), Right::Read);
    let id = || "hello".to_owned();
    let wishes = [
        Request::Start { plugin: id() },
        Request::Stop { plugin: id() },
        Request::Restart { plugin: id() },
        Request::Reload { plugin: id() },
        Request::Kill { plugin: id() },
        Request::Rest { plugin: id() },
        Request::Call { plugin: id(), export: "greet".to_owned(), args: vec![] },
        Request::Execute { command: "hello.greet".to_owned(), args: vec![] },
        Request::Grant { plugin: id(), permission: "notes.read".to_owned() },
        Request::Revoke { plugin: id(), permission: "notes.read".to_owned() },
        Request::Evaluate { plugin: id(), source: "1".to_owned() },
    ];
    for wish in wishes {
        let (name, right) = (wish.name(), wish.right());
        let refused = refusal(client.ask(wish).await);
        assert_eq!(refused.kind, RefusalKind::NotAllowed);
        let words = format!("{name} needs the right to {right}, which this socket does not give");
        assert_eq!(refused.message, words);
    }
    assert_eq!((plugin.info().generation, plugin.info().calls_out), (1, 0), "nothing has happened");
    drop(client);
    controlled.host.finish().await;

    let reading = Controlled::new(Control::read());
    let refused = Client::connect(&reading.entry(), Right::Control).await.unwrap_err();
    assert!(matches!(refused, ConnectError::NotOffered { right: Right::Control }), "{refused}");
    let refused = Client::connect_to(reading.socket(Right::Read), Right::Control).await.unwrap_err();
    assert!(matches!(refused, ConnectError::NotOffered { right: Right::Control }), "{refused}");
    reading.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_gone_leaves_nothing() {
    let mut controlled = Controlled::new(Control::full());
    controlled.host.load("hello", PLUGIN).await;
    let client = controlled.client(Right::Control).await;
    let mut events =
        client.events(plughold_control::Wanted { follow: true, ..Default::default() }).await.unwrap();
    let Controlled { host, folder, _around } = controlled;
    let caller = client.clone();
    let call = tokio::spawn(async move { caller.call("hello", "forever", vec![]).await });
    plughold_tests::eventually(2, || host.host.plugin("hello").unwrap().pending().len()).await;
    let ended = tokio::spawn(host.end());
    // While it shuts down it can be seen, and a call ends with its plugin.
    let error = patiently("the end of the call", call).await.unwrap().unwrap_err();
    assert!(matches!(error, ClientError::Refused(_) | ClientError::Lost(_)), "{error}");
    while patiently("the end of the stream", events.next()).await.is_some() {}
    let error = client.plugins().await.unwrap_err();
    assert!(matches!(error, ClientError::Lost(_)), "{error}");
    assert!(Register::at(&folder).look().hosts.is_empty());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    drop((client, events));
    let _report = patiently("the end of the host", ended).await.unwrap();
}
