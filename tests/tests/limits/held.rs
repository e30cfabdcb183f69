//! Functions, timers, streams and registrations that are held.

use super::*;
use plughold::{RegisterError, Registration, Registrations};

#[test]
fn references_of_a_plugin() {
    let run = "
        const functions = Array.from({ length: 11 }, (_, number) => () => number);
        await app.keep(functions.slice(0, 10));
        return told(() => app.keep(functions));";
    check(
        |limits| limits.references = 10,
        run,
        "TypeError: cannot send arguments: the host holds 10 functions and objects of this plugin already",
    );
}

#[test]
fn references_to_a_plugin() {
    let run = "
        const kept = await app.give(10);
        return `${kept.length}, ${await told(() => app.give(1))}`;";
    check(
        |limits| limits.references = 10,
        run,
        "10, TypeError: the result cannot be sent: the plugin holds 10 references already, as many as it may",
    );
}

/// One function, again and again: the plugin has one, and the application keeps it a thousand times.
#[test]
fn a_function_in_many_messages_counts_once() {
    let run = "
        const f = () => {};
        for (let number = 0; number < 1_000; number++) await app.keep(f);
        return told(() => app.keep([f, f, f]));";
    check(|limits| limits.references = 10, run, "returned null");
}

#[test]
fn timers() {
    let run = "
        const timers = [1, 2, 3].map(() => setTimeout(() => {}, 1e6));
        const words = await told(() => setTimeout(() => {}, 1e6));
        timers.forEach(clearTimeout);
        return words;";
    check(|limits| limits.timers = 3, run, "RangeError: more than 3 timers are set");
}

#[test]
fn streams() {
    let run = "
        async function* numbers() { await app.wait() }
        return told(() => app.keep(Array.from({ length: 1_025 }, numbers)));";
    check(|_| {}, run, "TypeError: cannot send arguments: 1024 streams are open already");
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations() {
    let registrations = Registrations::<Value>::at_most(3);
    let api = Api::new(registrations.clone()).function(
        "register",
        async |cx: Cx<Registrations<Value>>, name: String| -> Result<Registration, RegisterError> {
            cx.state().insert(&cx, name, Value::Null)
        },
    );
    let (mut host, neighbour) = host_of(api, |_| {}).await;
    let source = format!(
        "{TOLD} export const run = async () => {{
            const kept = await Promise.all(['a', 'b', 'c'].map((name) => app.register(name)));
            const words = await told(() => app.register('d'));
            await kept[0].dispose();
            return words + ', ' + await told(async () => {{ await app.register('d') }});
        }}"
    );
    let plugin = host.load("limited", &source).await;
    let told = beside(&neighbour, plugin.call::<_, String>("run", ())).await;
    assert_eq!(told.as_deref(), Ok("Error: expected at most 3 of these of one plugin, returned undefined"));
    assert_eq!(registrations.iter().len(), 3);
    plugin.stop().await;
    assert_eq!(registrations.iter().len(), 0);
    host.finish().await;
}
