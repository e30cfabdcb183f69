//! A plugin of our own that uses most of the API: what it does, what it hears, and what is left when it is gone.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test without the usual harness, so that it can be the runner as well; it reports by itself"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use plughold::{
    Backoff, CallError, Event, Host, Json, LoadError, Package, Plugin, PluginId, Restart, State, Thrown,
};
use plughold_joplin::store::data::{self, Query};
use plughold_joplin::store::limits::CALL;
use plughold_joplin::{ExecuteError, Joplin, NoteChange};
use serde_json::{Value, json};
use support::Outcome;

plughold::runner::install_arena!();

const ID: &str = "org.plughold.joplin.fixture";
const FILES: [(&str, &str); 3] = [
    ("manifest.json", include_str!("fixture/manifest.json")),
    ("index.js", include_str!("fixture/index.js")),
    ("script.js", include_str!("fixture/script.js")),
];

fn main() -> ExitCode {
    support::main(&[
        ("what_it_registers_is_there", || run(registers)),
        ("commands", || run(commands)),
        ("settings", || run(settings)),
        ("notes_and_their_events", || run(notes)),
        ("views_and_messages", || run(views)),
        ("files", || run(files)),
        ("refusals", || run(refusals)),
        ("a_command_has_one_owner", || run(one_owner)),
        ("calls_keep_their_order", || run(order)),
        ("a_search_without_end_ends_and_nobody_waits_for_it", || run(endless_search)),
        ("a_start_that_fails", || run(failed_start)),
        ("instances_of_classes", || run(instances)),
        ("a_crash_leaves_nothing_behind", || run(crash)),
    ])
}

/// A host with the plugin in it.
struct World {
    joplin: Joplin,
    host: Host,
    plugin: Plugin,
    id: PluginId,
    folder: tempfile::TempDir,
}

impl World {
    async fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let joplin = Joplin::open(folder.path().join("profile")).unwrap();
        let restart = Restart::OnFailure(Backoff::default());
        let host = support::host(&joplin, restart);
        let package = pack(folder.path(), "fixture", &FILES);
        let plugin = host.load(package).await.unwrap();
        World { joplin, id: plugin.id().clone(), host, plugin, folder }
    }

    /// What a command of the plugin returns for these arguments.
    async fn ask(&self, name: &str, arguments: Value) -> Result<Value, Thrown> {
        let arguments = arguments.as_array().unwrap().iter().cloned().map(Json).collect();
        match self.joplin.execute(&format!("fixture.{name}"), arguments).await {
            Ok(Json(value)) => Ok(value),
            Err(ExecuteError::Call(CallError::Thrown(thrown))) => Err(*thrown),
            Err(other) => panic!("{other}"),
        }
    }

    /// What the plugin has heard of since the last time. Notifications and calls arrive in order, so nothing is missing.
    async fn seen(&self) -> Value {
        self.ask("seen", json!([])).await.unwrap()
    }
}

fn run<F: Future<Output = ()>>(test: fn(World) -> F) -> Outcome {
    support::run(async {
        let world = World::new().await;
        let host = world.host.clone();
        test(world).await;
        let report = host.shutdown().await;
        assert!(report.killed.is_empty(), "{:?}", report.killed);
    });
    Outcome::Passed
}

/// Packs files as Joplin's tools do.
fn pack(folder: &Path, name: &str, files: &[(&str, &str)]) -> Package {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    let path = folder.join(format!("{name}.jpl"));
    fs::write(&path, archive.into_inner().unwrap()).unwrap();
    Package::open(&path).unwrap()
}

/// A plugin that is one script.
fn script(folder: &Path, id: &str, code: &str) -> Package {
    let manifest =
        json!({ "manifest_version": 1, "id": id, "name": id, "version": "1.0.0", "app_min_version": "3.0" });
    let path = folder.join(format!("{id}.js"));
    fs::write(&path, format!("/* joplin-manifest:\n{manifest}\n*/\n{code}")).unwrap();
    Package::open(&path).unwrap()
}

async fn registers(world: World) {
    let World { joplin, id, plugin, .. } = &world;
    assert_eq!((plugin.state(), id.as_str()), (State::Active, ID));
    assert_eq!(world.seen().await, json!([["start", {}]]));
    assert_eq!(
        joplin.commands(id),
        [
            "clipboard",
            "count",
            "echo",
            "facts",
            "fail",
            "files",
            "notes",
            "open",
            "refusals",
            "seen",
            "twice"
        ]
        .map(|name| format!("fixture.{name}"))
    );
    assert_eq!(joplin.command("fixture.echo").unwrap().label, "echo");
    let item = &joplin.menu_items(id)[0];
    assert_eq!((item.location.as_str(), item.accelerator.as_deref()), ("edit", Some("Ctrl+1")));
    let menu = &joplin.menus(id)[0];
    assert_eq!((menu.location.as_str(), &menu.items), ("tools", &json!([{ "commandName": "fixture.seen" }])));
    assert_eq!(joplin.toolbar_buttons(id)[0].location, "noteToolbar");
    assert_eq!(joplin.content_scripts(id)[0].path, "script.js");
    let panel = &joplin.panels(id)[0];
    assert_eq!((panel.html.as_str(), panel.visible), ("<p>panel</p>", false));
    assert_eq!(panel.handle, format!("plugin-view-{ID}-panel"));
    assert_eq!(joplin.dialogs(id)[0].buttons.len(), 2);
    assert_eq!(joplin.setting_sections(id).into_keys().collect::<Vec<_>>(), ["fixture"]);
}

async fn commands(world: World) {
    assert_eq!(
        world.ask("echo", json!([1, [null], {}])).await,
        Ok(json!({ "count": 3, "args": [1, [null], {}] }))
    );
    // An argument that is left out has its default; one in the middle that is null stays null.
    assert_eq!(world.ask("twice", json!([])).await, Ok(json!({ "count": 3, "args": ["default", null, 2] })));
    let thrown = world.ask("fail", json!([])).await.unwrap_err();
    assert_eq!(thrown.to_string(), "RangeError: too far");
    assert!(thrown.place().is_some_and(|place| place.starts_with("index.js:")), "{thrown:?}");
    let missing = world.joplin.execute("nothing", vec![]).await.unwrap_err();
    assert_eq!(missing, ExecuteError::Unknown { name: "nothing".into() });
    assert_eq!(missing.to_string(), "Command not found: nothing");
    assert_eq!(
        world.ask("facts", json!([])).await,
        Ok(
            json!([{ "version": "3.7.0", "profileVersion": 47, "syncVersion": 3, "platform": "desktop" }, false])
        )
    );
    assert_eq!(world.ask("clipboard", json!([])).await, Ok(json!(["copied", ["text/plain"]])));
}

async fn settings(world: World) {
    world.seen().await;
    let answer = world.ask("count", json!([4])).await;
    assert_eq!(answer, Ok(json!([4, { "count": 4, "": "empty" }, { "count": 4 }, 4, ["en_GB", 1]])));
    world.joplin.set_setting(&world.id, "count", &json!(4)).unwrap();
    world.joplin.set_setting(&world.id, "count", &json!(99)).unwrap();
    assert_eq!(world.joplin.setting(&world.id, "count").unwrap(), 10, "the maximum");
    let change = json!(["settings", { "keys": ["count"] }]);
    assert_eq!(world.seen().await, json!([change, change]), "setting the same value is no change");
    let unknown = world.joplin.set_setting(&world.id, "nothing", &json!(1)).unwrap_err();
    assert_eq!(unknown.message, format!("Unknown key: plugin-{ID}.nothing"));
}

async fn notes(world: World) {
    let joplin = &world.joplin;
    let note = joplin.selection().note_id().unwrap();
    world.seen().await;
    let answer = world.ask("notes", json!([])).await.unwrap();
    let expected = json!({
        "tags": { "items": [{ "title": "tag" }], "has_more": false },
        "page": { "items": [{ "title": "changed" }], "has_more": true },
        "kept": { "deep": [1] },
        "forgotten": null,
        "types": [1, null],
        "ids": [note],
        "hash": "",
    });
    assert_eq!(answer, expected);
    // Only of the selected note, not of the one that came and went.
    assert_eq!(world.seen().await, json!([["note", { "id": note, "event": 2 }]]));

    joplin.execute("newNote", vec![Json("body".into())]).await.unwrap();
    let new = joplin.selection().note_id().unwrap();
    joplin.execute("insertText", vec![Json("some ".into())]).await.unwrap();
    assert_eq!(support::stored_body(joplin.profile().root(), &new), "some body");
    joplin.note_changed(&note, NoteChange::Updated);
    joplin.select(&[]).unwrap();
    joplin.sync_started();
    joplin.sync_completed(true);
    joplin.alarm_triggered(&note);
    joplin.resource_changed("r");
    let expected = json!([
        ["selection", { "value": [new] }],
        ["note", { "id": new, "event": 2 }],
        ["selection", { "value": [] }],
        ["sync start", {}],
        ["sync complete", { "withErrors": true }],
        ["alarm", { "noteId": note }],
        ["resource", { "id": "r" }],
    ]);
    assert_eq!(world.seen().await, expected);
}

async fn views(world: World) {
    let joplin = &world.joplin;
    assert_eq!(world.ask("open", json!([])).await, Ok(json!({ "id": "yes" })));
    let handle = format!("plugin-view-{ID}-panel");
    let answer = joplin.post_from_panel(&world.id, &handle, Json(json!(1))).await.unwrap();
    assert_eq!(answer.0, json!({ "panel": 1 }));
    let nobody = joplin.post_from_panel(&world.id, "nothing", Json(json!(1))).await.unwrap_err();
    assert_eq!(nobody.message, format!("the plugin {ID} does not listen to the panel nothing"));
    let answer = joplin.post_from_content_script(&world.id, "script", Json("x".into())).await.unwrap();
    assert_eq!(answer.0, "script got x");
    let menu = joplin.editor_context_menu(Json(json!({ "items": [] }))).await;
    assert_eq!(menu.0, json!({ "items": [{ "commandName": "fixture.seen", "label": "Seen" }] }));
}

async fn files(world: World) {
    let answer = world.ask("files", json!([])).await.unwrap();
    let [data, installation] = [0, 1].map(|index| PathBuf::from(answer[index].as_str().unwrap()));
    assert!(data.is_dir() && data.ends_with(format!("plugin-data/{ID}/files")), "{}", data.display());
    for (name, text) in FILES {
        assert_eq!(fs::read_to_string(installation.join(name)).unwrap(), text, "{name}");
    }
    let again = world.ask("files", json!([])).await.unwrap();
    assert_eq!(again, answer);
}

async fn refusals(world: World) {
    let answer = world.ask("refusals", json!([])).await.unwrap();
    let check = |what: &str, name: &str, message: &str| {
        let found = [&answer[what]["name"], &answer[what]["message"]];
        assert_eq!(found, [name, message], "{what}");
    };
    check("a note that is not there", "Error", "Not Found");
    assert_eq!(answer["a note that is not there"]["httpCode"], 404);
    let words = r#"Path segments must only contain lowercase letters and digits: ["notes",""]"#;
    check("an empty segment", "Error", words);
    assert_eq!(answer["an empty segment"]["httpCode"], 400);
    check("an unknown setting", "Error", &format!("Unknown key: plugin-{ID}.nothing"));
    check("another plugin's setting", "Error", "Unknown key: plugin-org.example.other.secret");
    let words = "joplin.settings.registerSetting is deprecated: use joplin.settings.registerSettings";
    check("one setting", "Error", words);
    check("a command that is not there", "Error", "Command not found: nothing");
    check("two arguments", "TypeError", "views.toolbarButtons.create: argument 3: missing");
    check("the same view again", "Error", "there is a view with the id panel already");
    check("a view without an id", "TypeError", "views.dialogs.create: argument 1: missing");
    let words = "there is no panel or dialog plugin-view-org.example.other-panel";
    check("somebody's panel", "Error", words);
    check("a script outside", "Error", "Could not find content script at path ../x.js");
    check("a script that is not there", "Error", "Could not find content script at path ./x.js");
    let words = "joplin.imaging.createFromPath is not supported: this host has no user interface for it";
    check("an image", "NotSupported", words);
    assert_eq!(answer["an image"]["code"], "E_NOT_SUPPORTED");
    let words = "name: expected only characters that can be shown, found \\u{1b}";
    check("a name that moves a cursor", "TypeError", words);
    check("bold", "Error", "the command textBold belongs to the application");
    for what in ["a command of the application", "a place that is no text"] {
        assert_eq!(answer[what]["name"], "TypeError", "{what}");
    }
}

async fn one_owner(world: World) {
    let code = "joplin.plugins.register({ onStart: async () => {
        await joplin.commands.register({ name: 'rival.own', execute: async () => 'own' });
        await joplin.commands.register({ name: 'fixture.echo', execute: async () => 'rival' });
    } });";
    let rival = script(world.folder.path(), "org.plughold.joplin.rival", code);
    let id = rival.id.clone();
    let Err(LoadError::Failed { thrown, .. }) = world.host.load(rival).await else {
        panic!("the rival took a command that belongs to the fixture");
    };
    assert_eq!(thrown.to_string(), format!("Error: the command fixture.echo belongs to the plugin {ID}"));
    assert_eq!(world.joplin.commands(&id), Vec::<String>::new(), "its own went with it");
    assert_eq!(world.ask("echo", json!([])).await, Ok(json!({ "count": 0, "args": [] })));
}

async fn order(world: World) {
    // More calls than the runtime lets one task make in one go, and none waits for another.
    let code = "joplin.plugins.register({ onStart: async () => {
        await joplin.commands.register({ name: 'order.count', execute: async () => {
            const { id } = await joplin.workspace.selectedNote();
            const title = async () => (await joplin.data.get(['notes', id], { fields: ['title'] })).title;
            const titles = [];
            for (let number = 0; number < 200; number += 1) {
                joplin.data.put(['notes', id], null, { title: `${number}` });
                titles.push(title());
            }
            return await Promise.all(titles);
        } });
    } });";
    world.host.load(script(world.folder.path(), "org.plughold.joplin.order", code)).await.unwrap();
    let titles = world.joplin.execute("order.count", vec![]).await.unwrap();
    let expected: Vec<String> = (0..200).map(|number: u32| number.to_string()).collect();
    assert_eq!(titles.0, json!(expected));
}

async fn endless_search(world: World) {
    let joplin = &world.joplin;
    let post = |body: String| {
        let note = json!({ "title": "long", "body": body });
        data::post(joplin.store(), &["notes".into()], &Query::default(), &note).unwrap();
    };
    for _ in 0..3 {
        post("a".repeat(16_000_000));
    }
    // Every term is looked for in all of every note: by far more work than fits into the time of one call.
    let greedy = "joplin.plugins.register({ onStart: async () => {
        const search = async (query) => {
            try {
                return (await joplin.data.get(['search'], { query })).items.length;
            } catch (error) {
                return error.httpCode;
            }
        };
        const letters = `/${'a'.repeat(4000)}b`;
        const signs = Array.from({ length: 64 }, (_, index) => `-<${'<'.repeat(index)}`).join(' ');
        await joplin.commands.register({ name: 'greedy.letters', execute: () => search(letters) });
        await joplin.commands.register({ name: 'greedy.signs', execute: () => search(signs) });
    } });";
    let modest = "joplin.plugins.register({ onStart: async () => {
        await joplin.commands.register({ name: 'modest.version', execute: () => joplin.versionInfo() });
        await joplin.commands.register({ name: 'modest.get', execute: () => joplin.data.get(['folders']) });
    } });";
    for (id, code) in [("org.plughold.joplin.greedy", greedy), ("org.plughold.joplin.modest", modest)] {
        world.host.load(script(world.folder.path(), id, code)).await.unwrap();
    }

    let started = Instant::now();
    assert_eq!(joplin.execute("greedy.letters", vec![]).await.unwrap().0, 0, "a long word is no trouble");
    assert!(started.elapsed() < CALL, "{:?}", started.elapsed());

    let ended = Mutex::new(Vec::new());
    let execute = async |name: &'static str| {
        let Json(answer) = joplin.execute(name, vec![]).await.unwrap();
        ended.lock().unwrap().push(name);
        answer
    };
    let started = Instant::now();
    let greedy = async || {
        let search = || execute("greedy.signs");
        tokio::join!(search(), search(), search(), search())
    };
    // The modest one asks when the greedy one's searches have begun.
    let modest = async || {
        world.seen().await;
        tokio::join!(execute("modest.version"), execute("modest.get"))
    };
    let (searches, _) = tokio::join!(greedy(), modest());
    let code = json!(503);
    assert_eq!(searches, (code.clone(), code.clone(), code.clone(), code));
    // Each of the four had its time and not much more, also on a busy machine.
    assert!(started.elapsed() < CALL * 4 * 2, "{:?}", started.elapsed());
    let ended = ended.into_inner().unwrap();
    let place = |name: &str| ended.iter().position(|ended| *ended == name).unwrap();
    assert_eq!(place("modest.version"), 0, "{ended:?}");
    assert!(place("modest.get") <= 2, "it waited for one search or two, and not for all: {ended:?}");
}

async fn failed_start(world: World) {
    let code = "joplin.plugins.register({ onStart: async () => {
        await joplin.views.panels.create('panel');
        throw Object.assign(new Error('no luck'), { code: 'E_LUCK' });
    } });";
    let unlucky = script(world.folder.path(), "org.plughold.joplin.unlucky", code);
    let id = unlucky.id.clone();
    let Err(LoadError::Failed { thrown, .. }) = world.host.load(unlucky).await else {
        panic!("a plugin whose onStart threw became active");
    };
    assert_eq!((thrown.message.as_str(), thrown.code.as_deref()), ("no luck", Some("E_LUCK")));
    assert!(thrown.place().is_some_and(|place| place.contains("unlucky.js:")), "{thrown:?}");
    assert_eq!(world.host.plugin(id.as_str()).unwrap().state(), State::Failed);
    assert!(world.joplin.panels(&id).is_empty());
    assert_eq!(world.plugin.state(), State::Active, "others do not care");

    let idle = script(world.folder.path(), "org.plughold.joplin.idle", "joplin.plugins.register({});");
    let idle = world.host.load(idle).await.unwrap();
    assert_eq!(idle.state(), State::Active, "without onStart there is nothing to wait for");
}

/// As plugins in TypeScript are often written.
async fn instances(world: World) {
    let code = "
    class Counter {
        name = 'classes.count';
        _count = 0;
        get label() { return `counts from ${this._count}` }
        get iconName() { return undefined }
        async execute(by) { this._count += by; return this._count; }
    }
    class Base {
        async onStart() { await this.prepare(); await joplin.commands.register(new Counter()); }
    }
    class MyPlugin extends Base {
        version = 3;
        async prepare() {
            this.panel = await joplin.views.panels.create('panel');
            await joplin.views.panels.onMessage(this.panel, (message) => this.answer(message));
            await joplin.commands.register({ name: 'classes.version', execute: () => this.version });
        }
        answer(message) { return [message, this.version]; }
    }
    joplin.plugins.register(new MyPlugin());";
    let classes = script(world.folder.path(), "org.plughold.joplin.classes", code);
    let id = classes.id.clone();
    let plugin = world.host.load(classes).await.unwrap();
    assert_eq!(plugin.state(), State::Active);
    assert_eq!(world.joplin.commands(&id), ["classes.count", "classes.version"]);
    let counter = world.joplin.command("classes.count").unwrap();
    assert_eq!((counter.label.as_str(), counter.icon_name.as_str()), ("counts from 0", ""));
    for (by, expected) in [(2, 2), (3, 5)] {
        let answer = world.joplin.execute("classes.count", vec![Json(json!(by))]).await.unwrap();
        assert_eq!(answer.0, json!(expected));
    }
    assert_eq!(world.joplin.execute("classes.version", Vec::new()).await.unwrap().0, json!(3));
    let panels = world.joplin.panels(&id);
    let answer = world.joplin.post_from_panel(&id, &panels[0].handle, Json(json!("hello"))).await;
    assert_eq!(answer.unwrap().0, json!(["hello", 3]));
}

async fn crash(world: World) {
    let World { joplin, host, plugin, id, .. } = &world;
    let before = joplin.commands(id);
    world.ask("count", json!([7])).await.unwrap();
    let mut events = host.events();
    let pid = plugin.info().pid.unwrap().to_string();
    let killed = std::process::Command::new("kill").args(["-9", &pid]).status().unwrap();
    assert!(killed.success());
    loop {
        match events.next().await.unwrap() {
            Event::Exited { generation, .. } => assert_eq!(generation, 1),
            Event::Started { generation, .. } => {
                assert_eq!(generation, 2);
                break;
            }
            _ => {}
        }
    }
    // A view that had been left behind would have made `onStart` fail, and a listener would be heard of twice.
    assert_eq!(joplin.commands(id), before);
    assert_eq!((joplin.panels(id).len(), joplin.toolbar_buttons(id).len()), (1, 1));
    joplin.sync_started();
    assert_eq!(world.seen().await, json!([["start", {}], ["sync start", {}]]));
    assert_eq!(joplin.setting(id, "count").unwrap(), 7, "what it set is kept");

    plugin.kill().await;
    assert_eq!(joplin.commands(id), Vec::<String>::new());
    assert!(
        joplin.panels(id).is_empty() && joplin.menus(id).is_empty() && joplin.content_scripts(id).is_empty()
    );
    assert!(joplin.setting_items(id).is_empty());
    let gone = joplin.execute("fixture.echo", vec![]).await.unwrap_err();
    assert_eq!(gone, ExecuteError::Unknown { name: "fixture.echo".into() });
    joplin.sync_started();
}
