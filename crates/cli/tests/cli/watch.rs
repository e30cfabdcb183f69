//! `plughold run --watch`: what happens to files happens to plugins.

use crate::support::{Running, folder, start_in};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A folder with plugins, and the command that watches it.
struct Stage {
    folder: TempDir,
    running: Running,
}

impl Stage {
    #[track_caller]
    fn new(files: &[(&str, &str)]) -> Stage {
        Stage::with(files, &["run", "--watch", "--json"])
    }

    #[track_caller]
    fn with(files: &[(&str, &str)], args: &[&str]) -> Stage {
        let folder = folder(files);
        fs::create_dir_all(folder.path().join("plugins")).unwrap();
        let running = start_in(folder.path(), args);
        let mut stage = Stage { folder, running };
        if args.contains(&"--json") {
            stage.running.event("loaded", "");
        }
        stage
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[track_caller]
    fn event(&mut self, event: &str, plugin: &str) -> Value {
        self.running.event(event, plugin)
    }

    /// Drops another plugin in and waits for it: whatever was to follow from what was done before has followed.
    #[track_caller]
    fn settle(&mut self, id: &str) {
        self.write(&format!("plugins/{id}.js"), "");
        self.event("started", id);
    }

    /// Ends the command, and gives all events of this kind.
    #[track_caller]
    fn all(self, event: &str) -> Vec<Value> {
        self.running.signal(Signal::INT);
        let ran = self.running.end();
        assert_eq!(ran.code, Some(130), "{ran:?}");
        let events = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.filter(|record| record["event"] == event).collect()
    }
}

const MANIFEST: &str = r#"{ "id": "folder", "name": "Folder", "version": "1.0.0" }"#;

#[test]
fn a_script_is_dropped_in_changed_and_removed() {
    let mut stage = Stage::new(&[("plugins/first.js", "")]);
    stage.write("plugins/new.js", "console.log('one')");
    assert_eq!(stage.event("found", "new")["path"], "plugins/new.js");
    assert_eq!(stage.event("log", "new")["message"], "one");
    stage.event("started", "new");
    stage.write("plugins/new.js", "console.log('two')");
    stage.event("changed", "new");
    assert_eq!(stage.event("log", "new")["message"], "two");
    assert_eq!(stage.event("reloaded", "new")["generation"], 2);
    fs::remove_file(stage.path("plugins/new.js")).unwrap();
    stage.event("removed", "new");
    stage.event("exited", "new");
    // It may come back.
    stage.write("plugins/new.js", "console.log('three')");
    assert_eq!(stage.event("log", "new")["message"], "three");
    assert_eq!(stage.all("problem").len(), 0);
}

#[test]
fn the_same_contents_reload_nothing() {
    let mut stage = Stage::new(&[
        ("plugins/a.js", "1"),
        ("plugins/f/plughold.json", MANIFEST),
        ("plugins/f/main.js", ""),
    ]);
    stage.write("plugins/a.js", "1");
    stage.write("plugins/f/main.js", "");
    stage.write("plugins/readme.txt", "");
    for number in 0..2_000 {
        stage.write(&format!("plugins/f/node_modules/x/{number}.js"), "");
        stage.write(&format!("plugins/f/.git/objects/{number}"), "");
    }
    stage.settle("b");
    stage.settle("c");
    assert_eq!(stage.all("changed"), Vec::<Value>::new());
}

#[test]
fn editors_write_another_file_and_rename_it() {
    let mut stage = Stage::new(&[("plugins/a.js", "")]);
    stage.write("plugins/.a.js.swp", "console.log('swapped')");
    fs::rename(stage.path("plugins/a.js"), stage.path("plugins/a.js~")).unwrap();
    fs::rename(stage.path("plugins/.a.js.swp"), stage.path("plugins/a.js")).unwrap();
    fs::remove_file(stage.path("plugins/a.js~")).unwrap();
    assert_eq!(stage.event("log", "a")["message"], "swapped");
    stage.event("reloaded", "a");
    assert_eq!(stage.all("removed"), Vec::<Value>::new());
}

#[test]
fn a_folder_is_swapped_for_another() {
    let mut stage = Stage::new(&[("plugins/f/plughold.json", MANIFEST), ("plugins/f/main.js", "")]);
    stage.write("plugins/_next/plughold.json", MANIFEST);
    stage.write("plugins/_next/main.js", "console.log('next')");
    fs::rename(stage.path("plugins/f"), stage.path("plugins/_old")).unwrap();
    fs::rename(stage.path("plugins/_next"), stage.path("plugins/f")).unwrap();
    assert_eq!(stage.event("log", "folder")["message"], "next");
    stage.event("reloaded", "folder");
    // A change in the new one is heard of.
    stage.write("plugins/f/main.js", "console.log('again')");
    assert_eq!(stage.event("log", "folder")["message"], "again");
    // And one that was moved is the same plugin at another place.
    fs::rename(stage.path("plugins/f"), stage.path("plugins/g")).unwrap();
    assert_eq!(stage.event("found", "folder")["path"], "plugins/f");
    assert_eq!(stage.event("found", "folder")["path"], "plugins/g");
    stage.event("started", "folder");
    assert_eq!(stage.all("problem"), Vec::<Value>::new());
}

#[test]
fn what_is_half_copied_is_waited_for_and_then_told() {
    let mut stage = Stage::new(&[]);
    stage.write("plugins/f/plughold.json", MANIFEST);
    let problem = stage.event("problem", "");
    assert_eq!(problem["path"], "plugins/f");
    assert_eq!(problem["plugin"], Value::Null);
    stage.write("plugins/f/main.js", "");
    stage.event("started", "folder");
    // While it runs, a problem leaves it as it is.
    stage.write("plugins/f/plughold.json", &MANIFEST[..20]);
    assert_eq!(stage.event("problem", "folder")["path"], "plugins/f");
    stage.write("plugins/f/plughold.json", MANIFEST);
    assert_eq!(stage.event("solved", "")["path"], "plugins/f");
    assert_eq!(stage.all("reloaded"), Vec::<Value>::new());
}

#[test]
fn what_fails_leaves_what_ran() {
    let mut stage = Stage::new(&[("plugins/a.js", "")]);
    stage.write("plugins/a.js", "null.f()");
    assert_eq!(stage.event("rolled_back", "a")["thrown"]["name"], "TypeError");
    stage.write("plugins/a.js", "console.log('well')");
    assert_eq!(stage.event("log", "a")["message"], "well");
    stage.event("reloaded", "a");
}

#[test]
fn what_was_lacking_arrives() {
    let needs = |id: &str| format!("/* plughold: {{ \"dependencies\": {{ \"{id}\": \"*\" }} }} */");
    let mut stage = Stage::new(&[("plugins/top.js", &needs("middle"))]);
    stage.event("failed", "top");
    stage.write("plugins/middle.js", needs("bottom"));
    stage.event("failed", "middle");
    stage.write("plugins/bottom.js", "");
    stage.event("started", "bottom");
    stage.event("started", "middle");
    stage.event("started", "top");
}

#[test]
fn the_whole_folder_is_removed_and_made_again() {
    let mut stage = Stage::new(&[("plugins/a.js", ""), ("plugins/b.js", "")]);
    fs::remove_dir_all(stage.path("plugins")).unwrap();
    stage.event("removed", "a");
    stage.event("removed", "b");
    stage.write("plugins/a.js", "console.log('back')");
    assert_eq!(stage.event("log", "a")["message"], "back");
    stage.event("started", "a");
    stage.write("plugins/a.js", "console.log('heard')");
    assert_eq!(stage.event("log", "a")["message"], "heard");
}

#[test]
fn links_are_followed() {
    let mut stage = Stage::new(&[("src/plughold.json", MANIFEST), ("src/main.js", ""), ("one.js", "")]);
    let link = |to: &str, from: &str| std::os::unix::fs::symlink(to, stage.path(from)).unwrap();
    link("../src", "plugins/f");
    link("../one.js", "plugins/one.js");
    stage.event("started", "folder");
    stage.event("started", "one");
    for text in ["console.log('first')", "console.log('second')"] {
        stage.write("src/main.js", text);
        stage.event("reloaded", "folder");
        stage.write("one.js", text);
        stage.event("reloaded", "one");
    }
}

#[test]
fn one_plugin_is_watched_as_well() {
    let mut stage = Stage::with(&[("one.js", ""), ("other.js", "")], &["run", "one.js", "--watch", "--json"]);
    stage.write("other.js", "console.log('noise')");
    stage.write("one.js", "console.log('changed')");
    assert_eq!(stage.event("log", "one")["message"], "changed");
    stage.event("reloaded", "one");
    assert_eq!(stage.all("found").len(), 1);
}

/// Two plugins with one id: the second is told of, and takes the place of the first when that goes.
#[test]
fn an_id_is_free_again_when_its_plugin_is_gone() {
    let named = |text: &str| format!("/* plughold: {{ \"id\": \"same\" }} */ console.log('{text}')");
    let mut stage = Stage::new(&[("plugins/a.js", &named("a"))]);
    assert_eq!(stage.event("log", "same")["message"], "a");
    stage.write("plugins/b.js", named("b"));
    let problem = stage.event("problem", "");
    assert_eq!(problem["items"][0]["message"], "the id \"same\" is taken already by plugins/a.js");
    fs::remove_file(stage.path("plugins/a.js")).unwrap();
    assert_eq!(stage.event("log", "same")["message"], "b");
}

#[test]
fn people_see_what_happened_and_where() {
    let mut stage = Stage::with(&[("plugins/a.js", "")], &["run", "--watch"]);
    stage.running.line_with("active");
    stage.write("plugins/a.js", "console.log('two')");
    stage.running.line_with("reloaded in ");
    stage.write("plugins/a.js", r#"/* plughold: { "permissions": ["notes.read"] } */"#);
    stage.running.line_with("a asked for, and may not use: notes.read");
    stage.write("plugins/a.js", "const settings = undefined;\nsettings.theme();\n");
    let kept = stage.running.line_with("kept");
    assert!(kept.contains("what ran before goes on, because the new one failed: "), "{kept}");
    stage.running.line_with("this is where it failed");
    stage.running.line_with("2 │ settings.theme();");
    stage.write("plugins/f/plughold.json", "{ \"id\": \"f\", \"nmae\": \"F\" }");
    stage.running.line_with("plugins/f cannot be loaded:");
    stage.running.line_with("\"nmae\"");
    fs::remove_file(stage.path("plugins/a.js")).unwrap();
    stage.running.line_with("plugins/a.js is gone");
}

/// What the old process has registered is in nobody's way: the new one takes its place.
#[test]
fn a_plugin_with_a_command_is_reloaded() {
    let code = |word: &str| {
        format!(
            "exports.activate = () => app.commands.register({{ name: 'greet', execute: () => '{word}' }})"
        )
    };
    let mut stage = Stage::new(&[("plugins/a.js", &code("one"))]);
    stage.event("started", "a");
    for word in ["two", "three"] {
        stage.write("plugins/a.js", code(word));
        stage.event("reloaded", "a");
    }
}

/// A plugin that comes back is told of as one that has not been there before.
#[test]
fn people_see_a_plugin_come_back() {
    let mut stage = Stage::with(&[("plugins/a.js", "")], &["run", "--watch"]);
    stage.running.line_with("active");
    fs::remove_file(stage.path("plugins/a.js")).unwrap();
    stage.running.line_with("plugins/a.js is gone");
    stage.running.line_with("stopped");
    stage.write("plugins/a.js", "");
    stage.running.line_with("started in ");
}

#[test]
fn an_empty_folder_waits_for_its_first_plugin() {
    let mut stage = Stage::with(&[], &["run", "--watch"]);
    stage.running.remark_with("0 plugins of ./plugins; changes count at once");
    stage.write("plugins/first.js", "");
    stage.running.line_with("first ");
}

/// A tar with one entry for each file, as Joplin packs its plugins.
fn tar(files: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, text) in files {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[108..124].copy_from_slice(b"0000000\x000000000\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", text.len()).as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        bytes.extend(header);
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1_024, 0);
    bytes
}

fn jpl(text: &str) -> Vec<u8> {
    const MANIFEST: &str = r#"{"manifest_version": 1, "id": "com.example.watched", "name": "W", "version": "1.0.0", "app_min_version": "2.0"}"#;
    let code = format!("joplin.plugins.register({{ onStart: async () => console.log('{text}') }})");
    tar(&[("manifest.json", MANIFEST), ("index.js", &code)])
}

#[test]
fn joplins_archives_are_watched() {
    let args = ["run", "--platform", "joplin", "--profile", "profile", "--watch", "--json"];
    let mut stage = Stage::with(&[], &args);
    const ID: &str = "com.example.watched";
    // Half of it first: it is looked at when the rest has come.
    let archive = jpl("one");
    stage.write("plugins/w.jpl", &archive[..700]);
    stage.write("plugins/w.jpl", &archive);
    assert_eq!(stage.event("log", ID)["message"], "one");
    stage.event("started", ID);
    stage.write("plugins/w.jpl", jpl("two"));
    assert_eq!(stage.event("log", ID)["message"], "two");
    stage.event("reloaded", ID);
    stage.write("plugins/w.jpl", &archive[..700]);
    assert_eq!(stage.event("problem", ID)["path"], Path::new("plugins/w.jpl").to_str().unwrap());
    fs::remove_file(stage.path("plugins/w.jpl")).unwrap();
    stage.event("removed", ID);
}
