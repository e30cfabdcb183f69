//! What a plugin registered is there exactly as long as its process stands for it.

use plughold::{
    Api, CallError, Callback, Cx, Event, RegisterError, Registration, Registrations, Restart, Thrown,
};
use plughold_tests::{TestHost, patiently};
use std::sync::Arc;
use tokio::sync::Semaphore;

type Execute = Callback<(), String>;

#[derive(Clone)]
struct App {
    commands: Registrations<Execute>,
    /// Has a permit for each that has come to the gate.
    came: Arc<Semaphore>,
    /// Those who wait at the gate get through one by one.
    gate: Arc<Semaphore>,
}

async fn add(cx: Cx<App>, name: String, execute: Execute) -> Result<Registration, RegisterError> {
    cx.state().commands.insert(&cx, name, execute)
}

/// What the plugin that calls sees under a name.
async fn run(cx: Cx<App>, name: String) -> Result<String, Thrown> {
    let command = cx.state().commands.seen_by(&cx, &name).ok_or_else(|| Thrown::new("Error", "nothing"))?;
    cx.call(&command, ()).await.map_err(Thrown::from)
}

async fn pass(cx: Cx<App>) -> Result<(), Thrown> {
    cx.state().came.add_permits(1);
    cx.state().gate.acquire().await.map_err(|_| Thrown::new("Error", "closed"))?.forget();
    Ok(())
}

/// An application with commands, and a host for its plugins.
fn stage() -> (App, TestHost) {
    let [came, gate] = [(), ()].map(|()| Arc::new(Semaphore::new(0)));
    let app = App { commands: Registrations::new(), came, gate };
    let api = Api::new(app.clone()).function("add", add).function("run", run).function("pass", pass);
    (app, TestHost::built(api, |builder| builder.restart(Restart::Never)))
}

impl App {
    fn names(&self) -> String {
        let shown = self.commands.iter().map(|entry| format!("{}@{}", entry.key(), entry.generation()));
        shown.collect::<Vec<_>>().join(" ")
    }

    async fn execute(&self, name: &str) -> Result<String, CallError> {
        let command = self.commands.get(name).unwrap();
        patiently(name, command.call(())).await
    }
}

#[tokio::test]
async fn they_go_with_the_process() {
    let (app, mut host) = stage();
    let plugin = host.load("one", "app.add('b', () => 'B'); app.add('a', () => 'A');").await;
    assert_eq!((app.names(), app.execute("a").await), ("b@1 a@1".to_owned(), Ok("A".to_owned())));
    let kept = app.commands.get("a").unwrap();
    assert!(host.process(&plugin).signal(rustix::process::Signal::KILL));
    host.event("the end", |event| matches!(event, Event::Exited { .. }).then_some(())).await;
    assert_eq!((app.names(), kept.is_live()), (String::new(), false));
    assert!(matches!(kept.call(()).await, Err(CallError::Gone { .. })));
    drop(kept);
    let plugin = host.load("one", "app.add('a', () => 'again');").await;
    assert_eq!(app.execute("a").await.as_deref(), Ok("again"));
    patiently("the stop", plugin.stop()).await;
    assert_eq!(app.names(), "");
    host.finish().await;
}

#[tokio::test]
async fn those_of_a_new_process_are_seen_when_it_takes_over() {
    let (app, mut host) = stage();
    let plugin = host.load("one", "app.add('kept', () => 'old'); app.add('dropped', () => 'old');").await;
    host.write(
        "one.js",
        "export async function activate() {
            await app.add('kept', () => 'new');
            await app.add('added', () => app.run('kept'));
            if (await app.run('kept') !== 'new') throw new Error('its own are hidden from it');
            await app.pass();
        }",
    );
    let reload = tokio::spawn({
        let plugin = plugin.clone();
        async move { plugin.reload().await }
    });
    patiently("the new process", app.came.acquire()).await.unwrap().forget();
    assert_eq!(app.names(), "kept@1 dropped@1", "it has registered all that it wants to");
    assert_eq!(app.execute("kept").await.as_deref(), Ok("old"));
    app.gate.add_permits(1);
    reload.await.unwrap().unwrap();
    assert_eq!(app.names(), "kept@2 added@2");
    assert_eq!(app.execute("added").await.as_deref(), Ok("new"));
    patiently("the stop", plugin.stop()).await;
    host.finish().await;
}

#[tokio::test]
async fn a_reload_that_fails_leaves_the_old_ones() {
    let (app, mut host) = stage();
    let plugin = host.load("one", "app.add('kept', () => 'old');").await;
    host.write(
        "one.js",
        "export async function activate() {
            await app.add('kept', () => 'new');
            await app.add('added', () => 'new');
            throw new Error('not today');
        }",
    );
    patiently("the reload", plugin.reload()).await.unwrap_err();
    assert_eq!((app.names(), app.execute("kept").await), ("kept@1".to_owned(), Ok("old".to_owned())));
    patiently("the stop", plugin.stop()).await;
    host.finish().await;
}

#[tokio::test]
async fn plugins_hear_who_has_a_key_and_give_theirs_back() {
    let (app, mut host) = stage();
    let first = host
        .load(
            "first",
            "let mine; export async function activate() { mine = await app.add('x', () => 'first') }
             export const give = () => mine.dispose();",
        )
        .await;
    let second = host
        .load(
            "second",
            "export const take = () => app.add('x', () => 'second').then(() => 'taken', (error) => error.message);",
        )
        .await;
    let take = async || -> String { patiently("take", second.call("take", ())).await.unwrap() };
    assert_eq!(take().await, "the plugin first has registered this already");
    patiently("give", first.call::<_, ()>("give", ())).await.unwrap();
    assert_eq!(app.names(), "");
    assert_eq!(take().await, "taken");
    assert_eq!(app.execute("x").await.as_deref(), Ok("second"));
    patiently("the stop", second.stop()).await;
    host.finish().await;
}
