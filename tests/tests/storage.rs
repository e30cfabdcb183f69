//! What plugins store by key: `ctx.storage`, `localStorage`, and the application beside them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, Exit, Json, Limits, Plugin, Storage, StorageError};
use plughold_tests::{TestHost, patiently};

fn host(limits: Limits) -> (TestHost, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("data");
    (TestHost::built(Api::new(()), |builder| builder.data(path).limits(limits)), data)
}

async fn text(plugin: &Plugin, export: &str) -> String {
    let called = patiently(export, plugin.call::<_, String>(export, ())).await;
    called.unwrap_or_else(|error| format!("{error:?}"))
}

const STORE: &str = "
let storage;
exports.activate = (plugin) => { storage = plugin.storage; };
const failed = (error) => [error.name, error.code, error.message].join(' | ');
exports.fill = async () => {
  await storage.set('b', { list: [1, 'two', null], nested: { yes: true } });
  await storage.batch({ set: { a: 1, 'dir/x': 'ü' }, delete: ['none'] });
  return JSON.stringify([await storage.keys(), await storage.keys('dir/'), await storage.get('none')]);
};
exports.read = async () => JSON.stringify([await storage.get('b'), await storage.get('a')]);
exports.refused = async () => {
  const refused = [];
  for (const work of [() => storage.set('f', () => 1), () => storage.set('u', undefined), () => storage.set(1, 1), () => storage.set('k'.repeat(1025), 1)]) {
    await work().catch((error) => { refused.push(failed(error)); });
  }
  return refused.join('\\n');
};
exports.overfill = () => storage.batch({ set: { a: 2, large: 'x'.repeat(3000) } }).catch(failed);
exports.usage = async () => JSON.stringify(await storage.usage());
exports.race = async () => {
  const batches = [];
  for (let i = 0; i < 50; i += 1) batches.push(storage.batch({ set: { one: i, two: i, three: i } }));
  const seen = [];
  for (let i = 0; i < 50; i += 1) {
    const values = await Promise.all(['one', 'two', 'three'].map((key) => storage.get(key)));
    seen.push(values);
  }
  await Promise.all(batches);
  return JSON.stringify(await Promise.all(['one', 'two', 'three'].map((key) => storage.get(key))));
};
let heard = [];
let listening;
exports.listen = () => {
  listening = storage.onChange((change) => { heard.push(change.keys.join()); if (wake) wake(); });
  return 'listening';
};
let wake;
exports.heard = async () => {
  while (heard.length === 0) await new Promise((fulfil) => { wake = fulfil; });
  return heard.splice(0).join(' ');
};
exports.end = async () => { await listening.dispose(); return 'ended'; };
";

#[tokio::test(flavor = "multi_thread")]
async fn values_outlive_the_process_and_belong_to_one_plugin() {
    let (mut host, data) = host(Limits::default());
    let plugin = host.load("keeper", STORE).await;
    assert_eq!(text(&plugin, "fill").await, r#"[["a","b","dir/x"],["dir/x"],null]"#);
    let there = r#"[{"list":[1,"two",null],"nested":{"yes":true}},1]"#;
    assert_eq!(text(&plugin, "read").await, there);
    assert_eq!(
        text(&plugin, "refused").await,
        "TypeError |  | JSON has no word for the value of \"f\": [Function (anonymous)]\n\
         TypeError |  | JSON has no word for the value of \"u\": undefined\n\
         TypeError |  | a key is a string, not 1\n\
         RangeError | E_LIMIT | expected a key of at most 1024 bytes, found 1025"
    );
    assert_eq!(text(&plugin, "race").await, "[49,49,49]");
    patiently("the end", plugin.stop()).await;
    patiently("the start", plugin.start()).await.unwrap();
    assert_eq!(text(&plugin, "read").await, there);
    let other = host.load("other", STORE).await;
    assert_eq!(text(&other, "read").await, "[null,null]");

    // A tool looks in while the host runs.
    let seen = Storage::look(data.path().join("data"), plugin.id()).unwrap();
    assert_eq!(seen["dir/x"], Json::from("ü"));
    assert_eq!(Storage::look(data.path(), plugin.id()), Err(StorageError::Nothing));
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quota_holds_and_refuses_whole_batches() {
    let mut limits = Limits::default();
    limits.storage = 2_000;
    let (mut host, _data) = host(limits);
    let plugin = host.load("keeper", STORE).await;
    text(&plugin, "fill").await;
    let usage = text(&plugin, "usage").await;
    assert!(usage.ends_with(",\"quota\":2000}"), "{usage}");
    let refused = text(&plugin, "overfill").await;
    assert!(
        refused.starts_with("QuotaExceededError | E_QUOTA | expected at most 2000 bytes of storage, found 3"),
        "{refused}"
    );
    assert!(text(&plugin, "read").await.ends_with(",1]"), "nothing of the batch is stored");
    assert_eq!(text(&plugin, "usage").await, usage);
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_whoever_makes_them() {
    let (mut host, _data) = host(Limits::default());
    let plugin = host.load("keeper", STORE).await;
    assert_eq!(text(&plugin, "listen").await, "listening");
    text(&plugin, "fill").await;
    let heard = text(&plugin, "heard").await;
    assert!(heard.starts_with('b'), "{heard}");
    let storage = host.host.storage(plugin.id());
    assert_eq!(storage.get("a").await, Ok(Some(Json::from(1))));
    storage.set("a", Some(Json::from("by the application"))).await.unwrap();
    let mut all = heard;
    while !all.ends_with(" a") {
        all = format!("{all} {}", text(&plugin, "heard").await);
    }
    assert_eq!(all, "b a,dir/x a");
    // The same value is no change.
    storage.set("a", Some(Json::from("by the application"))).await.unwrap();
    storage.set("z", Some(Json::from(true))).await.unwrap();
    assert_eq!(text(&plugin, "heard").await, "z");
    assert_eq!(storage.keys("").await.unwrap(), ["a", "b", "dir/x", "z"]);
    assert_eq!(text(&plugin, "end").await, "ended");
    storage.set("z", None).await.unwrap();
    assert_eq!(storage.get("z").await, Ok(None));
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn local_storage_is_the_webs() {
    let mut limits = Limits::default();
    limits.storage = 5_000;
    let (mut host, _data) = host(limits);
    let source = "
exports.go = () => {
  const seen = [typeof localStorage, localStorage.length, localStorage.getItem('a')];
  localStorage.setItem('a', 1);
  localStorage.b = { toString: () => 'two' };
  seen.push(localStorage.a, localStorage.getItem('b'), localStorage.length, localStorage.key(1), localStorage.key(9));
  seen.push(Object.keys(localStorage).join(), 'b' in localStorage, localStorage instanceof Storage);
  delete localStorage.b;
  localStorage.removeItem('none');
  seen.push(localStorage.b, JSON.stringify(localStorage));
  try { localStorage.setItem('large', 'x'.repeat(5000)); } catch (error) { seen.push(error instanceof DOMException, error.name); }
  try { localStorage.setItem('a'); } catch (error) { seen.push(error.name); }
  localStorage.clear();
  seen.push(localStorage.length);
  return seen.map(String).join(' ');
};
";
    let plugin = host.load("web", source).await;
    assert_eq!(
        text(&plugin, "go").await,
        "object 0 null 1 two 2 b null a,b true true undefined {\"a\":\"1\"} true QuotaExceededError TypeError 0"
    );
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_place_for_data_it_says_so() {
    let mut host = TestHost::new(Api::new(()));
    let source = "
let storage;
exports.activate = (plugin) => { storage = plugin.storage; };
exports.go = () => storage.set('a', 1).catch((error) => error.code + ' ' + error.message);
";
    let plugin = host.load("homeless", source).await;
    let refused = host.host.storage(plugin.id()).get("a").await;
    assert_eq!(refused, Err(StorageError::NoFolder));
    let refused = text(&plugin, "go").await;
    assert_eq!(refused, "E_UNAVAILABLE this application gives plugins no place for data");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_hears_of_changed_settings() {
    let colour = std::sync::Arc::new(std::sync::Mutex::new("red"));
    let asked = colour.clone();
    let mut host = TestHost::built(Api::new(()), |builder| {
        builder
            .settings(move |_, setting| (setting.key == "colour").then(|| Json::from(*asked.lock().unwrap())))
    });
    let source = "
let context;
let heard = [];
let wake = () => {};
exports.activate = (plugin) => {
  context = plugin;
  plugin.onSettings((settings, names) => { heard.push(settings.colour + ' ' + names.join()); wake(); });
};
exports.now = () => context.settings.colour + ' ' + context.settings.size;
exports.heard = async () => {
  while (heard.length === 0) await new Promise((fulfil) => { wake = fulfil; });
  return heard.splice(0).join(' | ');
};
";
    let settings = r#""settings": { "colour": { "type": "string", "default": "blue", "label": "Colour" }, "size": { "type": "integer", "default": 3, "label": "Size" } }"#;
    let package = host.package_with("painted", settings, &[("main.js", source)]);
    let plugin = host.load_package(package).await.unwrap();
    assert_eq!(text(&plugin, "now").await, "red 3");
    assert!(host.host.settings_changed(plugin.id()), "nothing has changed, and nothing is told");
    *colour.lock().unwrap() = "green";
    assert!(host.host.settings_changed(plugin.id()));
    assert_eq!(text(&plugin, "heard").await, "green colour");
    assert_eq!(text(&plugin, "now").await, "green 3");
    // The application holds its callback until then.
    assert_eq!(patiently("the end", plugin.stop()).await, Exit::Stopped);
    host.finish().await;
}
