//! Safe mode: nothing is started, and everything is listed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, Exit, LoadError, SafeMode, State};
use plughold_tests::{TestHost, patiently};

#[tokio::test]
async fn nothing_is_started_until_somebody_does_it_by_hand() {
    let mut host = TestHost::built(Api::new(()), |builder| builder.safe_mode(SafeMode::nothing()));
    let package = host.script("suspect", "export const work = () => 1;");
    let error = host.load_package(package).await.unwrap_err();
    assert!(matches!(error, LoadError::SafeMode), "{error}");
    let plugin = host.host.plugin("suspect").unwrap();
    let info = plugin.info();
    let words = info.error.map(|error| error.message);
    assert_eq!((info.state, info.pid), (State::Stopped, None));
    assert_eq!(words.as_deref(), Some("the host is in safe mode, which does not start it"));
    assert_eq!(patiently("the end", plugin.finished()).await, Exit::Stopped);
    assert_eq!(patiently("the stop", plugin.stop()).await, Exit::Stopped);
    patiently("the start", plugin.start()).await.unwrap();
    assert_eq!(patiently("an answer", plugin.call("work", ())).await, Ok(1));
    assert_eq!((plugin.state(), plugin.info().error), (State::Active, None));
    host.finish().await;
}

#[tokio::test]
async fn the_named_ones_are_started() {
    let host = TestHost::built(Api::new(()), |builder| builder.safe_mode(SafeMode::only(["good"])));
    host.script("good", "");
    host.script("suspect", "throw new Error('it was me')");
    let found = host.host.discover(host.folder());
    let results = patiently("the end of loading", host.host.load_all(found)).await;
    let told = Vec::from_iter(results.iter().map(|(id, result)| (id.as_str(), result.is_ok())));
    assert_eq!(told, [("good", true), ("suspect", false)]);
    let states = Vec::from_iter(host.host.plugins().iter().map(|plugin| plugin.state()));
    assert_eq!(states, [State::Active, State::Stopped]);
    host.finish().await;
}
