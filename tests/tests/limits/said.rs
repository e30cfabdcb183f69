//! What a plugin says without being asked, and who listens.

use super::*;
use plughold::Event;

/// Lines are dropped, and counted where the next one is shown.
#[tokio::test(flavor = "multi_thread")]
async fn lines_of_the_log() {
    let (mut host, neighbour) = host(|limits| limits.log_rate = 1 << 10).await;
    let source = "
        export const talk = () => { for (let line = 0; line < 100; line++) console.log('x'.repeat(500)) };
        export const end = () => console.log('the end');";
    let plugin = host.load("limited", source).await;
    let mut events = host.host.events();
    let counting = tokio::spawn(async move {
        let (mut shown, mut dropped) = (0, 0);
        while let Some(event) = events.next().await {
            let Event::Log { message, dropped_before, .. } = event else { continue };
            dropped += dropped_before;
            if message == "the end" {
                break;
            }
            shown += 1;
        }
        (shown, dropped)
    });
    assert_eq!(beside(&neighbour, plugin.call::<_, ()>("talk", ())).await, Ok(()));
    let mut ends = 0;
    while !counting.is_finished() {
        beside(&neighbour, plugin.call::<_, ()>("end", ())).await.unwrap();
        ends += 1;
    }
    let (shown, dropped) = counting.await.unwrap();
    // A second's worth is two lines, and it took some time.
    assert!((2..=50).contains(&shown), "{shown} were shown");
    assert!((100..=100 + ends).contains(&(shown + dropped)), "{shown} shown and {dropped} dropped");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_line_of_the_log() {
    let (mut host, neighbour) = host(|_| {}).await;
    let plugin = host.load("limited", "export const talk = () => console.log('x'.repeat(1 << 20));").await;
    assert_eq!(beside(&neighbour, plugin.call::<_, ()>("talk", ())).await, Ok(()));
    let message = host
        .event("a line", |event| match event {
            Event::Log { message, .. } => Some(message.clone()),
            _ => None,
        })
        .await;
    assert!(message.len() <= 8 << 10, "{} bytes", message.len());
    assert!(message.starts_with("xxx") && message.ends_with("x… (1040448 more bytes)"), "{message}");
    host.finish().await;
}
