//! What goes on when nobody wants it any more.

use super::*;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Says so when it is dropped.
struct Told(UnboundedSender<&'static str>);

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

/// A function of the application that never looks whether it is wanted, and the plugin that it was called for.
#[tokio::test(flavor = "multi_thread")]
async fn functions_that_nobody_wants_end() {
    let (tell, mut told) = unbounded_channel();
    let api = Api::new(tell).function("ignore", async |cx: Cx<UnboundedSender<&'static str>>| {
        let _told = Told(cx.state().clone());
        cx.state().send("begun").unwrap();
        std::future::pending::<Result<(), Thrown>>().await
    });
    let linger = Duration::from_millis(50);
    let (mut host, neighbour) = host_of(api, |limits| limits.linger = linger).await;
    let plugin = host.load("limited", "export const run = () => app.ignore();").await;
    // Its caller loses interest, and then its whole process ends.
    for is_killed in [false, true] {
        let call = tokio::spawn(plugin.call::<_, ()>("run", ()));
        assert_eq!(beside(&neighbour, told.recv()).await, Some("begun"));
        if is_killed {
            plugin.kill().await;
        } else {
            call.abort();
        }
        assert_eq!(patiently("the end of the function", told.recv()).await, Some("dropped"));
        let ended = call.await;
        assert!(ended.is_err() || matches!(ended, Ok(Err(CallError::Gone { .. }))));
    }
    let _report = host.end().await;
}
