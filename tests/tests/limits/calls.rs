//! Calls in both directions.

use super::*;
use tokio::sync::Semaphore;

/// What a plugin calls at one time waits in its own process, and is answered all the same.
#[tokio::test(flavor = "multi_thread")]
async fn calls_of_a_plugin_in_flight() {
    #[derive(Default)]
    struct Seen {
        now: usize,
        most: usize,
    }
    let (seen, go_on) = (Arc::new(Mutex::new(Seen::default())), Arc::new(Semaphore::new(0)));
    let api = Api::new((seen.clone(), go_on.clone())).function(
        "meet",
        async |cx: Cx<(Arc<Mutex<Seen>>, Arc<Semaphore>)>| {
            let (seen, go_on) = cx.state();
            {
                let mut seen = seen.lock().unwrap();
                seen.now += 1;
                seen.most = seen.most.max(seen.now);
            }
            let _turn = go_on.acquire().await.unwrap();
            seen.lock().unwrap().now -= 1;
            Ok::<_, Thrown>(())
        },
    );
    let (mut host, neighbour) = host_of(api, |limits| limits.in_flight = 4).await;
    let source = "export const run = async () => (await Promise.all(Array.from({ length: 50 }, () => app.meet()))).length;";
    let plugin = host.load("limited", source).await;
    let run = tokio::spawn(plugin.call::<_, usize>("run", ()));
    beside(&neighbour, async {
        while seen.lock().unwrap().now < 4 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    go_on.add_permits(1);
    let answer = beside(&neighbour, run).await.unwrap();
    assert_eq!((answer, seen.lock().unwrap().most), (Ok(50), 4));
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_to_a_plugin_in_flight() {
    let (mut host, neighbour) = host(|limits| limits.in_flight = 4).await;
    let source = "
        let release;
        const opened = new Promise((resolve) => { release = resolve });
        export const wait = () => opened;
        export const open = () => release('opened');";
    let plugin = host.load("limited", source).await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(tokio::spawn(plugin.call::<_, String>("wait", ())));
    }
    while plugin.info().calls_in_flight < 3 {
        tokio::task::yield_now().await;
    }
    let fourth = tokio::spawn(plugin.call::<_, String>("wait", ()));
    while plugin.info().calls_in_flight < 4 {
        tokio::task::yield_now().await;
    }
    let refused = beside(&neighbour, plugin.call::<_, String>("wait", ())).await;
    assert_eq!(refused, Err(CallError::Busy { in_flight: 4 }));
    fourth.abort();
    assert!(fourth.await.is_err());
    // The plugin still owes an answer to that one.
    let refused = beside(&neighbour, plugin.call::<_, String>("open", ())).await;
    assert_eq!(refused, Err(CallError::Busy { in_flight: 4 }));
    plugin.kill().await;
    for call in waiting {
        assert!(matches!(call.await.unwrap(), Err(CallError::Gone { .. })));
    }
    let _report = host.end().await;
}

#[test]
fn calls_that_wait_for_room() {
    let run = "
        const calls = [app.wait(), app.wait(), app.wait()];
        calls.forEach((call) => call.catch(() => {}));
        return told(() => app.wait());";
    let adjust = |limits: &mut Limits| (limits.in_flight, limits.queued_calls) = (1, 2);
    check(
        adjust,
        run,
        "Error E_QUEUE_FULL: 2 calls wait already: the plugin calls without waiting for answers",
    );
    let run = "
        app.wait().catch(() => {});
        app.echo('x'.repeat(60)).catch(() => {});
        return told(() => app.echo('x'.repeat(60)));";
    let adjust = |limits: &mut Limits| (limits.in_flight, limits.queued_bytes) = (1, 100);
    check(
        adjust,
        run,
        "Error E_QUEUE_FULL: 1 calls wait already: the plugin calls without waiting for answers",
    );
}

/// A plugin that answers nothing, and one that calls it without end by a function that was passed along.
#[tokio::test(flavor = "multi_thread")]
async fn one_plugin_leaves_room_in_the_window_of_another() {
    let kept = Kept::default();
    let api = Api::new(kept.clone())
        .function("keep", async |cx: Cx<Kept>, value: Value| {
            cx.state().lock().unwrap().push(value);
            Ok::<_, Thrown>(())
        })
        .function("get", async |cx: Cx<Kept>| Ok::<_, Thrown>(cx.state().lock().unwrap()[0].clone()));
    let (mut host, neighbour) = host_of(api, |limits| limits.in_flight = 16).await;
    let source = "
        const waiting = [];
        export const activate = () => app.keep(() => new Promise((resolve) => waiting.push(resolve)));
        export const count = () => waiting.length;
        export const answer = () => waiting.splice(0).forEach((resolve) => resolve('answered'));";
    let slow = host.load("slow", source).await;
    let source = "
        export const flood = async () => {
            const f = await app.get();
            const answers = await Promise.all(Array.from({ length: 100 }, () => f()));
            return answers.filter((answer) => answer === 'answered').length;
        };";
    let flooding = host.load("flooding", source).await;
    let flood = tokio::spawn(flooding.call::<_, usize>("flood", ()));
    // Half of the window is its, and no more, however many calls there are; so there is room for these.
    let mut most = 0;
    while !flood.is_finished() {
        let count = beside(&neighbour, slow.call::<_, usize>("count", ())).await.unwrap();
        most = most.max(count);
        if count == 8 || 4 < most {
            patiently("an answer", slow.call::<_, ()>("answer", ())).await.unwrap();
        }
    }
    assert_eq!((flood.await.unwrap(), most), (Ok(100), 8));
    kept.lock().unwrap().clear();
    host.finish().await;
}
