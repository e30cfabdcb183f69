//! Plugins and hosts that come and go: what each leaves behind would add up. `PLUGHOLD_WHOLE=1` makes it 10,000 starts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, Callback, Cx, Exit, Function, Json, Package, Source, Thrown};
use plughold_tests::{Baseline, TestHost, also_as_an_ordinary_user, patiently, rounds, run_alone};

also_as_an_ordinary_user!();

/// What memory may grow by, in KiB: less than two bytes for each of a thousand starts would be found.
const SLACK: u64 = 1_024;

/// It leaves something of every kind: functions of both sides, a stream that nobody reads, a timer, a call of its own.
const COMING: &str = "
let kept;
export const take = (callback, stream) => { kept = [callback, stream]; return 'taken'; };
setInterval(() => {}, 1_000);
app.hold(() => {});
";

/// Holds a function of the plugin until that is gone.
async fn hold(cx: Cx<()>, _: Callback<(), ()>) -> Result<(), Thrown> {
    cx.cancelled().await;
    Ok(())
}

async fn come_and_go(host: &mut TestHost, package: &Package, count: u64) {
    for number in 0..count {
        let plugin = host.load_package(package.clone()).await.unwrap();
        let given = Function::new((), async |_: Cx<()>| Ok::<_, Thrown>(()));
        let call = plugin.call::<_, Json>("take", (given, Source::from_items([1, 2, 3])));
        assert_eq!(patiently("an answer", call).await.unwrap().0, "taken");
        let exit = patiently("the stop", plugin.stop()).await;
        assert_eq!(exit, Exit::Stopped, "start {number}");
    }
}

#[test]
fn a_thousand_starts_leave_nothing() {
    run_alone(async || {
        let mut host = TestHost::new(Api::new(()).function("hold", hold));
        let package = host.script("coming", COMING);
        come_and_go(&mut host, &package, 100).await;
        let before = Baseline::take().with_memory(SLACK);
        come_and_go(&mut host, &package, rounds(1_000, 10_000)).await;
        before.expect().await;
        host.finish().await;
    });
}

#[test]
fn hosts_that_come_and_go_leave_nothing() {
    run_alone(async || {
        let hosts = async |count: u64| {
            for _ in 0..count {
                let mut host = TestHost::new(Api::new(()));
                for id in ["one", "two"] {
                    host.load(id, "setInterval(() => {}, 1_000);").await;
                }
                host.finish().await;
            }
        };
        hosts(10).await;
        let before = Baseline::take().with_memory(SLACK);
        hosts(rounds(50, 1_000)).await;
        before.expect().await;
    });
}
