//! What plugins may do: granted, denied, asked for, revoked while it is in use.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{
    Api, CallError, Cx, Decision, Event, Function, Grant, Host, HostBuilder, Json, PermissionState, Plugin,
    Thrown,
};
use plughold_tests::{TestHost, patiently};

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// An application whose functions say when they begin and when they are cancelled.
struct App {
    told: mpsc::UnboundedSender<&'static str>,
}

async fn quick(_: Cx<App>) -> Result<u32, Thrown> {
    Ok(1)
}

async fn slow(cx: Cx<App>) -> Result<u32, Thrown> {
    cx.state().told.send("begun")?;
    cx.cancelled().await;
    cx.state().told.send("cancelled")?;
    Ok(2)
}

async fn open(_: Cx<App>) -> Result<Function, Thrown> {
    Ok(Function::new((), async |_: Cx<()>| Ok::<_, Thrown>(3)))
}

async fn read(cx: Cx<App>, path: String) -> Result<String, Thrown> {
    cx.require("fs.read", &path).await?;
    Ok(format!("{path} {}", cx.allows("fs.read", &path)))
}

fn api() -> (Api<App>, mpsc::UnboundedReceiver<&'static str>) {
    let (told, tells) = mpsc::unbounded_channel();
    let api = Api::new(App { told })
        .function("quick", quick)
        .requires("notes.read")
        .function("slow", slow)
        .requires("notes.read")
        .function("open", open)
        .requires("notes.read")
        .function("free", open)
        .function("read", read);
    (api, tells)
}

/// A plugin that asks for these permissions and does whatever it is told.
fn asking(permissions: &str) -> String {
    format!(
        "/* plughold: {{ \"permissions\": [{permissions}] }} */
const said = (error) => `${{error.name}} ${{error.code}} ${{error.permission}}`;
const kept = {{}};
export const quick = () => app.quick().then(String, said);
export const slow = () => app.slow().then(String, said);
export const read = (path) => app.read(path).then(String, said);
export const keep = async () => {{ kept.guarded = await app.open(); }};
export const keepFree = async () => {{ kept.free = await app.free(); }};
export const use = (name) => kept[name]().then(String, said);
export const message = () => app.quick().then(String, (error) => error.message);
export const activate = (ctx) => {{ kept.permissions = ctx.permissions; }};
export const permissions = () => kept.permissions.join(' ');
"
    )
}

const DENIED: &str = "PermissionDenied E_DENIED notes.read";

async fn text(plugin: &Plugin, export: &str) -> String {
    text_of(plugin, export, Vec::new()).await
}

async fn text_of(plugin: &Plugin, export: &str, args: Vec<&str>) -> String {
    patiently(export, plugin.call(export, args)).await.unwrap_or_else(|error: CallError| error.to_string())
}

fn host(decide: fn(&str) -> Grant) -> (TestHost, mpsc::UnboundedReceiver<&'static str>) {
    let (api, tells) = api();
    let build = |builder: HostBuilder<App>| builder.grants(move |_, permission| decide(&permission.name));
    (TestHost::built(api, build), tells)
}

/// The next event about a permission.
async fn decision(host: &mut TestHost) -> (String, Decision) {
    host.event("a decision", |event| match event {
        Event::Permission { permission, decision, .. } => Some((permission.clone(), *decision)),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_change_while_a_plugin_runs() {
    let (mut host, _tells) = host(|_| Grant::Deny);
    let plugin = host.load("a", &asking("\"notes.read\"")).await;
    assert_eq!(decision(&mut host).await, ("notes.read".into(), Decision::Denied));
    assert_eq!(text(&plugin, "permissions").await, "");
    assert_eq!(text(&plugin, "quick").await, DENIED);
    assert_eq!(decision(&mut host).await, ("notes.read".into(), Decision::Refused));
    plugin.grant("notes.read").unwrap();
    assert_eq!(text(&plugin, "quick").await, "1");
    assert_eq!(decision(&mut host).await, ("notes.read".into(), Decision::Granted));
    plugin.revoke("notes.read").unwrap();
    assert_eq!(text(&plugin, "quick").await, DENIED);
    assert_eq!(decision(&mut host).await, ("notes.read".into(), Decision::Revoked));
    let words = "quick: permission denied: notes.read was not granted: whoever uses the application has to allow it \
                 for this plugin";
    assert_eq!(text(&plugin, "message").await, words);
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_outlives_the_process() {
    let (mut host, _tells) = host(|_| Grant::Allow);
    let plugin = host.load("a", &asking("\"notes.read\"")).await;
    assert_eq!(text(&plugin, "permissions").await, "notes.read");
    plugin.revoke("notes.read").unwrap();
    patiently("a restart", plugin.restart()).await.unwrap();
    assert_eq!(text(&plugin, "permissions").await, "");
    assert_eq!(text(&plugin, "quick").await, DENIED);
    plugin.grant("notes.read").unwrap();
    patiently("a reload", plugin.reload()).await.unwrap();
    assert_eq!(text(&plugin, "permissions").await, "notes.read");
    assert_eq!(text(&plugin, "quick").await, "1");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_ends_calls_in_flight() {
    let (mut host, mut tells) = host(|_| Grant::Allow);
    let plugin = host.load("a", &asking("\"notes.read\"")).await;
    let call = tokio::spawn(plugin.call::<_, String>("slow", ()).into_future());
    assert_eq!(patiently("the begin", tells.recv()).await, Some("begun"));
    plugin.revoke("notes.read").unwrap();
    assert_eq!(patiently("the end", call).await.unwrap().unwrap(), DENIED);
    assert_eq!(patiently("the cancellation", tells.recv()).await, Some("cancelled"));
    assert_eq!(text(&plugin, "quick").await, DENIED, "the connection goes on");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_reaches_references_that_are_held() {
    let (mut host, _tells) = host(|_| Grant::Allow);
    let plugin = host.load("a", &asking("\"notes.read\"")).await;
    for export in ["keep", "keepFree"] {
        patiently(export, plugin.call::<_, ()>(export, ())).await.unwrap();
    }
    let used = async |name| text_of(&plugin, "use", vec![name]).await;
    assert_eq!((used("guarded").await, used("free").await), ("3".into(), "3".into()));
    plugin.revoke("notes.read").unwrap();
    assert_eq!((used("guarded").await, used("free").await), (DENIED.into(), "3".into()));
    plugin.grant("notes.read").unwrap();
    assert_eq!(used("guarded").await, "3");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_of_other_plugins_can_be_taken_back() {
    let (mut host, _tells) = host(|_| Grant::Allow);
    host.load("counter", "export const add = (more) => 1 + more;").await;
    let source = "/* plughold: { \"dependencies\": { \"counter\": \"*\" } } */
const counter = plugins.get('counter');
export const use = () => counter.add(1).then(String, (error) => `${error.name} ${error.permission}`);
";
    let plugin = host.load("user", source).await;
    assert_eq!(text(&plugin, "use").await, "2");
    plugin.revoke("plugins.counter").unwrap();
    assert_eq!(text(&plugin, "use").await, "PermissionDenied plugins.counter");
    plugin.grant("plugins.counter").unwrap();
    assert_eq!(text(&plugin, "use").await, "2");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_asks_for_what_its_arguments_say() {
    let (mut host, _tells) = host(|name| if name == "fs.read:data/**" { Grant::Allow } else { Grant::Deny });
    let plugin = host.load("a", &asking("\"fs.read:data/**\", \"fs.read:own/*\"")).await;
    let read = async |path| text_of(&plugin, "read", vec![path]).await;
    assert_eq!(read("data/a/b.txt").await, "data/a/b.txt true");
    for path in
        ["data", "data/../own", "data/%2e%2e/own", "data/./a", "own/a", "/data/a", "data\\a", "data/*"]
    {
        assert_eq!(read(path).await, format!("PermissionDenied E_DENIED fs.read:{path}"));
    }
    plugin.revoke("fs.read:data/secret").unwrap();
    assert_eq!(read("data/secret").await, "PermissionDenied E_DENIED fs.read:data/secret");
    assert_eq!(read("data/open").await, "data/open true");
    plugin.grant("fs.read:own/a").unwrap();
    assert_eq!(read("own/a").await, "own/a true");
    assert_eq!(read("own/b").await, "PermissionDenied E_DENIED fs.read:own/b");
    let states = Vec::from_iter(plugin.permissions().into_iter().map(|info| (info.name, info.state)));
    let expected =
        [("fs.read:data/**", PermissionState::Granted), ("fs.read:own/*", PermissionState::Denied)];
    assert_eq!(states, expected.map(|(name, state)| (name.to_owned(), state)));
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_decided_is_said() {
    let (mut host, _tells) = host(|_| Grant::Deny);
    let plugin = host.load("a", &asking("\"notes.read\"")).await;
    let words = "the plugin does not ask for notes.write";
    assert_eq!(plugin.grant("notes.write").unwrap_err().to_string(), words);
    let words = "\"fs:..\" is no permission: expected a path such as data/notes.txt or data/** without .., %, \\, : or \
                 empty parts";
    assert_eq!(plugin.revoke("fs:..").unwrap_err().to_string(), words);
    let build =
        Host::builder(Api::new(()).function("a", async |_: Cx<()>| Ok::<_, Thrown>(())).requires("no tes"));
    let words = "\"no tes\" is no permission that a function can need: expected a permission of letters, digits, \
                 \".\", \"_\" and \"-\", such as notes.read";
    assert_eq!(build.build().unwrap_err().to_string(), words);
    host.finish().await;
}

/// A host that asks, and whoever answers.
fn host_that_asks<F: Future<Output = Grant> + Send + 'static>(
    ask: impl Fn(String) -> F + Send + Sync + 'static,
    within: Duration,
) -> TestHost {
    let (api, _) = api();
    TestHost::built(api, |builder| {
        let mut limits = plughold::Limits::default();
        limits.ask = within;
        let builder = builder.limits(limits).grants(|_, _| Grant::Ask);
        builder.ask(move |plugin, permission| ask(format!("{plugin} {}", permission.name)))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_asked_once_while_the_calls_wait() {
    let (asked, mut questions) = mpsc::unbounded_channel();
    let answer = Arc::new(Notify::new());
    let answering = answer.clone();
    let ask = move |question| {
        asked.send(question).unwrap();
        let answering = answering.clone();
        async move {
            answering.notified().await;
            Grant::Allow
        }
    };
    let mut host = host_that_asks(ask, Duration::from_secs(60));
    let plugin = host.load("a", &asking("\"notes.read\"")).await;
    assert_eq!(plugin.permissions()[0].state, PermissionState::Undecided);
    let calls = [0; 3].map(|_| tokio::spawn(plugin.call::<_, String>("quick", ()).into_future()));
    assert_eq!(patiently("a question", questions.recv()).await.unwrap(), "a notes.read");
    answer.notify_one();
    for call in calls {
        assert_eq!(patiently("an answer", call).await.unwrap().unwrap(), "1");
    }
    assert_eq!(text(&plugin, "quick").await, "1");
    assert!(questions.try_recv().is_err(), "nobody is asked twice");
    assert_eq!(decision(&mut host).await, ("notes.read".into(), Decision::Granted));
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_answer_has_said_no() {
    let panics = |_| async { panic!("the dialog is broken") };
    let is_silent = |_| std::future::pending();
    for mut host in [
        host_that_asks(panics, Duration::from_secs(60)),
        host_that_asks(is_silent, Duration::from_millis(20)),
        host_that_asks(|_| async { Grant::Ask }, Duration::from_secs(60)),
        host(|_| Grant::Ask).0,
    ] {
        let plugin = host.load("a", &asking("\"notes.read\"")).await;
        assert_eq!(text(&plugin, "quick").await, DENIED);
        assert_eq!(decision(&mut host).await, ("notes.read".into(), Decision::Denied));
        host.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_by_hand_answers_the_question() {
    let mut host = host_that_asks(|_| std::future::pending(), Duration::from_secs(60));
    let plugin = host.load("a", &asking("\"notes.read\"")).await;
    let call = tokio::spawn(plugin.call::<_, String>("quick", ()).into_future());
    plugin.grant("notes.read").unwrap();
    assert_eq!(patiently("an answer", call).await.unwrap().unwrap(), "1");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_calls_are_told_at_a_bounded_rate() {
    let (mut host, _tells) = host(|_| Grant::Deny);
    let source = "export const flood = async () => {
    for (let i = 0; i < 2000; i++) await app.quick().catch(() => {});
};";
    let plugin = host.load("a", source).await;
    let mut events = host.host.events();
    let counted = Arc::new(AtomicU32::new(0));
    let counting = counted.clone();
    let counter = tokio::spawn(async move {
        while let Some(event) = events.next().await {
            match event {
                Event::Permission { .. } => drop(counting.fetch_add(1, Ordering::Relaxed)),
                Event::Stopped { .. } => return,
                _ => {}
            }
        }
    });
    let begun = std::time::Instant::now();
    patiently("the flood", plugin.call::<_, ()>("flood", ())).await.unwrap();
    let most = 10 + 10 * (begun.elapsed().as_secs() as u32 + 1);
    plugin.stop().await;
    patiently("the events", counter).await.unwrap();
    let counted = counted.load(Ordering::Relaxed);
    assert!((1..=most).contains(&counted), "{counted} of {most}");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_are_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    let (api, _tells) = api();
    let mut host = TestHost::built(api, |builder| builder.grants(|_, _| Grant::Allow).audit(&file));
    let plugin = host.load("a", &asking("\"notes.read\"")).await;
    plugin.revoke("notes.read").unwrap();
    assert_eq!(text(&plugin, "quick").await, DENIED);
    let _report = host.host.shutdown().await;
    let lines = std::fs::read_to_string(&file).unwrap();
    let line = |line: &str| {
        let Json(line) = serde_json::from_str(line).map(Json).unwrap();
        format!("{} {} {} {}", line["plugin"], line["permission"], line["decision"], line["by"])
    };
    let expected = [
        r#""a" "notes.read" "granted" "rule""#,
        r#""a" "notes.read" "revoked" "hand""#,
        r#""a" "notes.read" "refused" null"#,
    ];
    assert_eq!(Vec::from_iter(lines.lines().map(line)), expected);
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_nothing_stops_nobody() {
    let (api, _tells) = api();
    let mut host = TestHost::built(api, |builder| builder.grants(|_, _| Grant::Allow).audit("/dev/full"));
    let plugin = host.load("a", &asking("\"notes.read\"")).await;
    assert_eq!(text(&plugin, "quick").await, "1");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_decides_and_one_that_dies_denies() {
    let answers = "while read -r line; do case \"$line\" in *own*) exit 1;; esac; number=${line#*question\\\":}; \
                   echo \"{\\\"question\\\":${number%%,*},\\\"decision\\\":\\\"allow\\\"}\"; done";
    let (api, _tells) = api();
    let mut host = TestHost::built(api, |builder| {
        let broker = plughold::Broker::with_arguments("/bin/sh", ["-c", answers]);
        builder.grants(|_, _| Grant::Ask).broker(broker)
    });
    let plugin = host.load("a", &asking("\"notes.read\", \"fs.read:data/**\", \"fs.read:own/**\"")).await;
    let read = async |path| text_of(&plugin, "read", vec![path]).await;
    assert_eq!(text(&plugin, "quick").await, "1");
    assert_eq!(read("own/a").await, "PermissionDenied E_DENIED fs.read:own/a");
    assert_eq!(read("data/a").await, "data/a true", "it was started again");
    assert_eq!(read("own/a").await, "PermissionDenied E_DENIED fs.read:own/a", "the answer is remembered");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_is_noted_with_its_place() {
    let (api, _tells) = api();
    let mut host = TestHost::built(api, |builder| {
        let decide =
            |permission: &str| if permission.contains("secret") { Grant::Deny } else { Grant::Allow };
        builder.grants(move |_, permission| decide(&permission.name)).observe()
    });
    let source = "/* plughold: { \"permissions\": [\"notes.read\"] } */
export const activate = () => app.quick();
export async function use() {
    await app.quick();
    await load('data/a');
    await load('data/a');
    return load('secret/b').catch((error) => error.name);
}
function load(path) {
    return app.read(path);
}
";
    let plugin = host.load("a", source).await;
    assert_eq!(text(&plugin, "use").await, "PermissionDenied");
    let place = |stack: Option<String>| {
        Vec::from_iter(stack.unwrap().lines().map(|line| line.trim().to_owned())).join(", ")
    };
    let uses = plugin.uses().into_iter().map(|used| (used.permission, used.asked, place(used.stack)));
    let expected = [
        ("notes.read", true, "at quick (native), at activate (a.js:2:35)"),
        ("fs.read:data/a", false, "at read (native), at load (a.js:10:21), at use (a.js:5:11)"),
        ("fs.read:secret/b", false, "at read (native), at load (a.js:10:21), at use (a.js:7:12)"),
    ];
    let expected = expected.map(|(name, asked, place)| (name.to_owned(), asked, place.to_owned()));
    assert_eq!(Vec::from_iter(uses), expected);
    plugin.restart().await.unwrap();
    assert_eq!(plugin.uses().len(), 3, "they outlive the process");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_noted_unless_somebody_wants_to_know() {
    let (mut host, _tells) = host(|_| Grant::Allow);
    let plugin = host.load("a", &asking("\"notes.read\"")).await;
    assert_eq!(text(&plugin, "quick").await, "1");
    assert_eq!(plugin.uses(), []);
    host.finish().await;
}
