//! What one message may hold.

use super::*;

#[test]
fn messages_of_a_plugin() {
    let run = "return told(() => app.echo('x'.repeat(70_000)));";
    check(|limits| limits.message = 64 << 10, run, "TypeError: cannot send arguments: more than 63488 bytes");
    let run = "return told(async () => (await app.text(70_000)).length);";
    check(
        |limits| limits.message = 64 << 10,
        run,
        "RangeError: a message of 70005 bytes; at most 65536 are allowed",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_to_a_plugin() {
    let (mut host, neighbour) = host(|limits| limits.message = 64 << 10).await;
    let plugin = host
        .load(
            "limited",
            "export const take = (text) => text.length; export const give = (n) => 'x'.repeat(n);",
        )
        .await;
    let taken = beside(&neighbour, plugin.call::<_, usize>("take", ("x".repeat(70_000),))).await;
    assert_eq!(
        taken.unwrap_err().to_string(),
        "the arguments cannot be sent: a message of 70006 bytes; at most 65536 are allowed"
    );
    let given = beside(&neighbour, plugin.call::<_, String>("give", (70_000,))).await;
    assert_eq!(given.unwrap_err().to_string(), "TypeError: cannot send result: more than 63488 bytes");
    assert_eq!(plugin.call::<_, usize>("take", ("x".repeat(60_000),)).await, Ok(60_000));
    host.finish().await;
}

#[test]
fn nesting() {
    let run = "
        let deep = [];
        for (let depth = 1; depth < 100; depth++) deep = [deep];
        return told(() => app.echo(deep));";
    check(
        |_| {},
        run,
        "TypeError: cannot send arguments[0][0][0][0][0][0][0][0]…[0][0][0][0][0][0][0][0]: nested deeper than 64",
    );
}

#[test]
fn elements() {
    let run = "return told(() => app.echo(new Array(100_001).fill(0)));";
    check(|_| {}, run, "TypeError: cannot send arguments: more than 100000 values");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_an_error() {
    let (mut host, neighbour) = host(|_| {}).await;
    let plugin =
        host.load("limited", "export const fail = () => { throw new Error('x'.repeat(1 << 20)) };").await;
    let failed = beside(&neighbour, plugin.call::<_, ()>("fail", ())).await;
    let Err(CallError::Thrown(thrown)) = failed else { panic!("{failed:?}") };
    assert!((1..=64 << 10).contains(&thrown.message.len()), "{} bytes", thrown.message.len());
    host.finish().await;
}
