//! Plugins as their authors published them: fetched from npm, unchanged, in real runners.
//!
//! Which plugins these are, and what each of them called on a Joplin, is told by the folder in `PLUGHOLD_CASES`
//! (`joplin/plugins.json`, `joplin/calls.json`). Without it, or without npm, the test says that it was skipped.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test without the usual harness, so that it can be the runner as well; it reports by itself"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use flate2::read::GzDecoder;
use plughold::{Event, Events, Level, Plugin, Restart, State};
use plughold_joplin::Joplin;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use support::Outcome;

plughold::runner::install_arena!();

/// The plugin whose commands edit the selected text.
const MARKER: &str = "cx.evermeet.tessus.menu-shortcut-toolbar";

fn main() -> ExitCode {
    support::main(&[("published_plugins_start_and_work_unmodified", published_plugins)])
}

/// A line of `plugins.json`.
#[derive(Deserialize)]
struct Case {
    package: String,
    version: String,
    id: String,
    /// Of the `.jpl` archive.
    sha256: String,
    level: u32,
    on_npm: bool,
}

/// An entry of `calls.json`: phase, method, and the arguments as JSON that may have been cut.
#[derive(Deserialize)]
struct Record {
    calls: Vec<(String, String, String)>,
}

fn published_plugins() -> Outcome {
    let Some(cases) = std::env::var_os("PLUGHOLD_CASES").map(|cases| Path::new(&cases).join("joplin")) else {
        return Outcome::Skipped("PLUGHOLD_CASES does not name the folder with the cases".into());
    };
    let all: Vec<Case> = read_json(&cases.join("plugins.json"));
    let records: BTreeMap<String, Record> = read_json(&cases.join("calls.json"));
    let chosen: Vec<Case> = all.into_iter().filter(|case| case.on_npm && case.level == 0).collect();
    assert_eq!(chosen.len(), 6, "the plugins on npm that need nothing but the language");

    let folder = tempfile::tempdir().unwrap();
    let plugins = folder.path().join("plugins");
    fs::create_dir(&plugins).unwrap();
    for case in &chosen {
        let archive = match fetch(case) {
            Ok(archive) => archive,
            Err(reason) => return Outcome::Skipped(reason),
        };
        fs::write(plugins.join(format!("{}.jpl", case.id)), archive).unwrap();
    }
    support::run(start_all(&plugins, &folder.path().join("profile"), &chosen, &records));
    Outcome::Passed
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The `.jpl` archive in a package of npm, which is kept for the next time. The error is the reason why there is none.
fn fetch(case: &Case) -> Result<Vec<u8>, String> {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("joplin-plugins");
    fs::create_dir_all(&cache).unwrap();
    let (name, version) = (&case.package, &case.version);
    let packed = cache.join(format!("{name}-{version}.tgz"));
    if !packed.exists() {
        npm_pack(&format!("{name}@{version}"), &packed)?;
    }
    let archive = jpl_in(&packed).unwrap_or_else(|| panic!("{} holds no .jpl", packed.display()));
    let found: String = Sha256::digest(&archive).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(found, case.sha256, "{name}@{version} is not what was published");
    Ok(archive)
}

/// Runs `npm pack` in a folder of its own, and moves what it wrote, so that a download that breaks off leaves nothing.
fn npm_pack(package: &str, to: &Path) -> Result<(), String> {
    let fresh = tempfile::tempdir_in(to.parent().unwrap()).unwrap();
    let output = Command::new("npm")
        .args(["pack", package, "--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=30000"])
        .current_dir(fresh.path())
        .output()
        .map_err(|error| format!("npm cannot be run: {error}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(!words.contains("E404"), "npm answers that there is no {package}: {words}");
        let reason = words.lines().find(|line| line.contains("npm error")).unwrap_or_default();
        return Err(format!("npm pack {package} failed: {reason}"));
    }
    let mut written = fs::read_dir(fresh.path()).unwrap().map(|entry| entry.unwrap().path());
    let packed: PathBuf = written.next().ok_or("npm pack wrote nothing")?;
    fs::rename(packed, to).map_err(|error| error.to_string())
}

fn jpl_in(packed: &Path) -> Option<Vec<u8>> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(packed).unwrap()));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.path().unwrap().extension().is_some_and(|end| end == "jpl") {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            return Some(bytes);
        }
    }
    None
}

async fn start_all(plugins: &Path, profile: &Path, cases: &[Case], records: &BTreeMap<String, Record>) {
    let joplin = Joplin::open(profile).unwrap();
    let host = support::host(&joplin, Restart::Never);
    let heard = tokio::spawn(complaints(host.events()));

    let found = host.discover(plugins);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let loaded = host.load_all(found).await;
    assert_eq!(loaded.len(), cases.len());
    for (id, result) in &loaded {
        let plugin = result.as_ref().unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(plugin.state(), State::Active, "{id}");
        compare(&joplin, plugin, &records[id.as_str()]);
        let info = plugin.info();
        println!("{id} {}: active after {} ms", info.version, info.timing_us.activate / 1_000);
    }
    mark_text(&joplin, profile).await;

    let report = host.shutdown().await;
    assert!(report.killed.is_empty(), "{:?}", report.killed);
    for (id, _) in &loaded {
        assert_eq!(joplin.commands(id), Vec::<String>::new(), "{id} has left commands behind");
        assert!(joplin.toolbar_buttons(id).is_empty() && joplin.content_scripts(id).is_empty(), "{id}");
    }
    drop((loaded, host));
    assert_eq!(heard.await.unwrap(), Vec::<String>::new());
}

/// Whatever is wrong among the events until the host is gone: errors that nobody caught, and lines of `console.error`.
async fn complaints(mut events: Events) -> Vec<String> {
    let mut complaints = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            Event::Uncaught { plugin, thrown, .. } => complaints.push(format!("{plugin}: {thrown}")),
            Event::Log { plugin, level: Level::Warn | Level::Error, message, .. } => {
                complaints.push(format!("{plugin}: {message}"));
            }
            Event::Failed { plugin, error } => complaints.push(format!("{plugin}: {error}")),
            Event::Missed { count } => complaints.push(format!("{count} events were lost")),
            _ => {}
        }
    }
    complaints
}

/// What the plugin registered is what it asked a Joplin to register.
fn compare(joplin: &Joplin, plugin: &Plugin, record: &Record) {
    let id = plugin.id();
    let calls_of = |method: &str| {
        let calls = record.calls.iter().filter(move |(_, called, _)| called == method);
        calls.map(|(_, _, arguments)| arguments.as_str()).collect::<Vec<_>>()
    };
    let whole = |method: &str| -> Vec<Value> {
        calls_of(method).into_iter().map(|arguments| serde_json::from_str(arguments).unwrap()).collect()
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();

    let expected: BTreeSet<String> = calls_of("commands.register").into_iter().map(command_name).collect();
    assert_eq!(BTreeSet::from_iter(joplin.commands(id)), expected, "{id}: commands");

    let expected: BTreeSet<[String; 3]> = whole("views.toolbarButtons.create")
        .iter()
        .map(|call| [text(&call[0]), text(&call[1]), text(&call[2])])
        .collect();
    let found =
        joplin.toolbar_buttons(id).into_iter().map(|button| [button.id, button.command, button.location]);
    assert_eq!(BTreeSet::from_iter(found), expected, "{id}: toolbar buttons");

    let expected: BTreeSet<[String; 4]> = whole("views.menuItems.create")
        .iter()
        .map(|call| [text(&call[0]), text(&call[1]), text(&call[2]), text(&call[3]["accelerator"])])
        .collect();
    let found = joplin.menu_items(id).into_iter();
    let found =
        found.map(|item| [item.id, item.command, item.location, item.accelerator.unwrap_or_default()]);
    assert_eq!(BTreeSet::from_iter(found), expected, "{id}: menu items");

    let expected: BTreeSet<[String; 3]> = whole("contentScripts.register")
        .iter()
        .map(|call| [text(&call[0]), text(&call[1]), text(&call[2]).trim_start_matches("./").to_string()])
        .collect();
    let found = joplin.content_scripts(id).into_iter().map(|script| [script.kind, script.id, script.path]);
    assert_eq!(BTreeSet::from_iter(found), expected, "{id}: content scripts");

    let expected: Vec<String> = whole("views.dialogs.create")
        .iter()
        .map(|call| format!("plugin-view-{id}-{}", text(&call[0])))
        .collect();
    let found: Vec<String> = joplin.dialogs(id).into_iter().map(|dialog| dialog.handle).collect();
    assert_eq!(found, expected, "{id}: dialogs");

    let expected: BTreeSet<String> =
        calls_of("settings.registerSection").into_iter().map(first_text).collect();
    let found = joplin.setting_sections(id).into_keys();
    assert_eq!(BTreeSet::from_iter(found), expected, "{id}: sections");
    let items = joplin.setting_items(id);
    assert_eq!(items.is_empty(), calls_of("settings.registerSettings").is_empty(), "{id}: settings");
    for call in whole("settings.value") {
        assert!(items.contains_key(&text(&call[0])), "{id}: setting {call}");
    }
}

/// The name in the possibly cut arguments of `commands.register`, where it is the first property.
fn command_name(arguments: &str) -> String {
    let rest = arguments.strip_prefix(r#"[{"name":""#).unwrap_or_else(|| panic!("{arguments}"));
    rest.split('"').next().unwrap().to_string()
}

/// The first of possibly cut arguments.
fn first_text(arguments: &str) -> String {
    let rest = arguments.strip_prefix(r#"[""#).unwrap_or_else(|| panic!("{arguments}"));
    rest.split('"').next().unwrap().to_string()
}

/// A published command at work: what it does to the selected text is in the database.
async fn mark_text(joplin: &Joplin, profile: &Path) {
    joplin.editor().set_text("please mark this").unwrap();
    joplin.editor().select(7..11).unwrap();
    joplin.execute("textMark", vec![]).await.unwrap();
    let note = joplin.selection().note_id().unwrap();
    assert_eq!(support::stored_body(profile, &note), "please ==mark== this");

    joplin.execute("editor.joinLines", vec![]).await.unwrap();
    let journal = joplin.journal();
    let done: Vec<(&str, &str)> = journal
        .iter()
        .filter(|entry| entry.plugin.as_ref().is_some_and(|plugin| plugin.as_str() == MARKER))
        .map(|entry| (entry.what, entry.detail.as_str()))
        .collect();
    assert_eq!(done, [("editor.focus", ""), ("editor.execCommand", "joinLines")]);
}
