//! The commands that look at and steer the plugins of a host that runs.

use crate::support::{Ran, Running, folder, plughold, start, state_folder};
use crate::terminal::AtTerminal;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Says something, throws, is called and calls.
const HELLO: &str = "\
export function activate() {
  console.log('first')
  console.warn('second')
}
export function greet(name) { return `Hello ${name}` }
";

/// Calls the other one again and again.
const CALLER: &str = "\
/* plughold: { \"id\": \"caller\", \"dependencies\": { \"hello\": \"*\" } } */
export async function activate() {
  const hello = plugins.get('hello')
  setInterval(() => hello.greet('you'), 20)
}
";

const BROKEN: &str = "function fill() { throw new Error('no') }\nfill()\n";

const LOOPER: &str = "export function activate() { setTimeout(function spin() { for (;;) {} }, 1) }\n";

/// A host with good and bad plugins.
struct Host {
    running: Running,
    pid: String,
    _folder: TempDir,
}

impl Host {
    /// Once each plugin was started or has failed.
    #[track_caller]
    fn of(files: &[(&str, &str)]) -> Host {
        let folder = folder(files);
        let path = folder.path().to_str().unwrap();
        let mut running = start(&["run", "--json", "--no-watch", path]);
        running.event("loaded", "");
        let pid = running.pid().to_string();
        Host { running, pid, _folder: folder }
    }

    /// Runs a command on it.
    #[track_caller]
    fn asked(&self, args: &[&str]) -> Ran {
        plughold(&[args, &["--host", &self.pid]].concat())
    }

    /// Starts a command on it.
    fn begin(&self, args: &[&str]) -> Running {
        start(&[args, &["--host", &self.pid]].concat())
    }

    #[track_caller]
    fn end(self) {
        self.running.signal(Signal::INT);
        assert_eq!(self.running.end().code, Some(130));
    }
}

#[track_caller]
fn check(ran: &Ran, code: i32, stdout: &[&str], stderr: &[&str]) {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    for words in stdout {
        assert!(ran.stdout.contains(words), "{words}: {ran:?}");
    }
    for words in stderr {
        assert!(ran.stderr.contains(words), "{words}: {ran:?}");
    }
}

#[test]
fn status_of_good_and_bad_ones() {
    let mut host = Host::of(&[("hello.js", HELLO), ("broken.js", BROKEN), ("looper.js", LOOPER)]);
    let exports = "\n  exports      greet\n";
    check(&host.asked(&["status", "hello"]), 0, &["● active  hello 0.0.0\n", "level ", "idle", exports], &[]);
    let failed =
        ["● failed  broken", "error        the top level failed: Error: no\n", "at fill (broken.js:1:"];
    check(&host.asked(&["status", "broken"]), 4, &failed, &[]);
    check(
        &host.asked(&["status", "helo"]),
        3,
        &[],
        &["no host has a plugin helo\n  known: broken, hello, looper\n", "help: did you mean hello?\n"],
    );
    let told = host.asked(&["status", "hello", "--json"]).json();
    assert_eq!((&told["schema"], &told["plugin"]["state"]), (&json!(1), &json!("active")), "{told}");
    assert!(told["plugin"]["figures"]["uptime_ms"].is_u64() && told["permissions"].is_array(), "{told}");
    let told = host.asked(&["status", "nobody", "--json"]);
    assert_eq!((told.code, &told.json()["error"]["help"]), (Some(3), &Value::Null), "{told:?}");

    host.running.event("unresponsive", "looper");
    check(&host.asked(&["status", "looper"]), 0, &["● unresponsive  looper", "spin (looper.js:1:"], &[]);
    host.end();
}

#[test]
fn plugins_are_started_and_ended() {
    let host = Host::of(&[("hello.js", HELLO), ("broken.js", BROKEN)]);
    check(&host.asked(&["stop", "hello"]), 0, &["hello  stopped: "], &[]);
    check(&host.asked(&["status", "hello"]), 3, &["● stopped  hello"], &[]);
    // A name that is wrong is told before anything is done.
    check(
        &host.asked(&["start", "hello", "hallo"]),
        3,
        &[],
        &["no host has a plugin hallo", "did you mean hello?"],
    );
    check(&host.asked(&["status", "hello"]), 3, &[], &[]);
    let why = ["error: cannot start broken: the top level failed: Error: no\n", "at fill (broken.js:1:"];
    check(&host.asked(&["start", "broken", "hello"]), 4, &["hello  started\n"], &why);
    check(&host.asked(&["start", "hello"]), 0, &["hello  runs already\n"], &[]);
    check(&host.asked(&["restart", "hello"]), 0, &["hello  restarted\n"], &[]);
    check(&host.asked(&["reload", "hello"]), 0, &["hello  reloaded\n"], &[]);
    let done = host.asked(&["kill", "hello", "--json"]);
    let plugin = &done.json()["plugins"][0];
    assert_eq!((done.code, &plugin["plugin"]), (Some(0), &json!("hello")), "{done:?}");
    assert!(plugin["done"].as_str().unwrap().starts_with("killed: "), "{done:?}");
    let failed = host.asked(&["start", "broken", "--json"]);
    let message = &failed.json()["plugins"][0]["error"]["message"];
    assert_eq!((failed.code, message.is_string()), (Some(4), true), "{failed:?}");
    host.end();
}

#[test]
fn what_they_wrote_and_what_happened() {
    let host = Host::of(&[("hello.js", HELLO), ("broken.js", BROKEN)]);
    let logs = host.asked(&["logs"]);
    check(
        &logs,
        0,
        &["  hello   info          hello.js:2  first\n", "  hello   warn          hello.js:3  second\n"],
        &[],
    );
    assert_eq!(logs.stdout.lines().count(), 2, "{logs:?}");
    let last = host.asked(&["logs", "hello", "-n", "1", "--json"]).json();
    assert_eq!(
        (&last["event"], &last["message"], &last["host_pid"]),
        (&json!("log"), &json!("second"), &json!(host.running.pid()))
    );
    assert_eq!(host.asked(&["logs", "--level", "warn"]).stdout.lines().count(), 1);
    assert_eq!(host.asked(&["logs", "broken"]).stdout, "");
    check(&host.asked(&["logs", "hallo"]), 3, &[], &["did you mean hello?"]);

    check(
        &host.asked(&["events", "broken"]),
        0,
        &["  broken  failed        the top level failed: Error: no\n", "at fill"],
        &[],
    );
    let started = host.asked(&["events", "hello"]);
    check(&started, 0, &["  hello  started       process 1 in ", "hello.js:2  first"], &[]);
    host.end();
}

#[test]
fn what_happens_is_followed_to_the_end_of_the_host() {
    let host = Host::of(&[("hello.js", HELLO)]);
    let mut ends_with_host = host.begin(&["events", "-f", "-n", "1", "--json"]);
    ends_with_host.line_with("\"event\":");
    let mut interrupted = host.begin(&["logs", "hello", "--follow", "-n", "2"]);
    interrupted.line_with("second");
    check(&host.asked(&["restart", "hello"]), 0, &[], &[]);
    ends_with_host.event("exited", "hello");
    ends_with_host.event("started", "hello");
    interrupted.line_with("second");
    interrupted.signal(Signal::INT);
    assert_eq!(interrupted.end().code, Some(130));
    host.end();
    check(&ends_with_host.end(), 0, &[], &["has ended"]);
}

#[test]
fn without_a_host_there_is_nothing_to_see() {
    let commands = [
        &["status", "a"][..],
        &["start", "a"],
        &["stop", "a"],
        &["kill", "a"],
        &["logs"],
        &["events", "-f"],
        &["top"],
    ];
    for command in commands {
        check(&plughold(&[command, &["--host", "1"]].concat()), 6, &[], &["error: no host"]);
    }
}

#[test]
fn what_is_held_and_what_calls_cost() {
    let host = Host::of(&[("hello.js", HELLO), ("caller.js", CALLER)]);
    // Once calls went both ways.
    check(&host.asked(&["trace", "hello", "-n", "2"]), 0, &[], &[]);
    check(
        &host.asked(&["inspect", "hello"]),
        0,
        &[
            "hello  ",
            "\ncalls to it: 1\nCALLS  THREW",
            "  export greet\n",
            "\nfunctions and objects, by place: ",
        ],
        &[],
    );
    check(&host.asked(&["inspect", "caller", "--refs"]), 0, &["\nfunctions and objects: "], &[]);
    let told = host.asked(&["inspect", "hello", "--json"]).json();
    assert_eq!((&told["schema"], &told["warnings"]), (&json!(1), &json!([])), "{told}");
    assert_eq!(told["figures"]["to_plugin"]["functions"][0]["name"], "greet", "{told}");
    check(&host.asked(&["inspect", "hell"]), 3, &[], &["did you mean hello?"]);
    host.end();
}

#[test]
fn calls_are_traced_both_ways() {
    let host = Host::of(&[("hello.js", HELLO), ("caller.js", CALLER)]);
    let traced = host.asked(&["trace", "hello", "-n", "4"]);
    check(&traced, 0, &["  ← call      #", "  → returned  #", "export greet"], &[]);
    assert_eq!(traced.stdout.lines().count(), 4, "{traced:?}");
    let traced = host.asked(&["trace", "caller", "-n", "4", "--json"]);
    let records =
        Vec::from_iter(traced.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
    assert!(
        records.iter().all(|record| record["schema"] == 1 && record["plugin"] == "caller"),
        "{records:?}"
    );
    let is_answer = |record: &&Value| record["outcome"] == "returned";
    let answer = records.iter().find(is_answer).unwrap();
    assert_eq!(answer["direction"], "to_plugin", "{answer}");
    let mut endless = host.begin(&["trace", "hello", "--all"]);
    endless.line_with("call");
    endless.signal(Signal::INT);
    assert_eq!(endless.end().code, Some(130));
    host.end();
}

#[test]
fn why_a_plugin_is_as_it_is() {
    let mut host = Host::of(&[("hello.js", HELLO), ("broken.js", BROKEN), ("looper.js", LOOPER)]);
    let good = [
        "hello is active  ",
        "\n- it runs, as it should: up for ",
        "\nwhat happened last\n",
        "hello  started",
    ];
    check(&host.asked(&["why", "hello"]), 0, &good, &[]);
    let bad = [
        "broken is failed  ",
        "\n- it does not run, because it could not be started or has ended: the top level failed: Error: no\n",
        "\n    at fill (broken.js:1:",
        "\n  help: mend it, then plughold reload broken\n",
    ];
    check(&host.asked(&["why", "broken"]), 4, &bad, &[]);
    host.running.event("unresponsive", "looper");
    let slow = [
        "looper is unresponsive",
        "- it runs, but in one turn for ",
        "spin (looper.js:1:",
        "help: it is interrupted",
    ];
    check(&host.asked(&["why", "looper"]), 0, &slow, &[]);
    check(&host.asked(&["kill", "looper"]), 0, &[], &[]);
    let told = host.asked(&["why", "looper", "--json"]);
    assert_eq!((told.code, &told.json()["state"]), (Some(3), &json!("stopped")), "{told:?}");
    assert_eq!(told.json()["reasons"][0]["help"], "plughold start looper", "{told:?}");
    host.end();
}

#[test]
fn what_plugins_cost_once() {
    let host = Host::of(&[("hello.js", HELLO), ("broken.js", BROKEN)]);
    let ran = host.asked(&["top", "--by", "plugin"]);
    let lines = Vec::from_iter(ran.stdout.lines());
    assert_eq!((ran.code, lines.len()), (Some(0), 3), "{ran:?}");
    assert!(lines[0].starts_with("PLUGIN") && lines[0].contains("RESTARTS"), "{ran:?}");
    assert!(lines[1].contains("failed") && lines[2].contains("active"), "{ran:?}");
    let told = host.asked(&["top", "--json"]).json();
    assert_eq!((&told["schema"], told["plugins"].as_array().unwrap().len()), (&json!(1), 2), "{told}");
    assert!(told["plugins"][0]["cpu_percent"].is_f64(), "{told}");
    host.end();
}

#[test]
fn what_plugins_cost_live() {
    let host = Host::of(&[("hello.js", HELLO), ("broken.js", BROKEN)]);
    let live = || {
        let folder = std::path::Path::new(".");
        AtTerminal::start_sized(folder, state_folder(), &["top", "--host", &host.pid], (100, 20))
    };
    let mut top = live();
    // What is blank already is not drawn, so that no two words come in one piece.
    top.wait_for("plugins,");
    // The left arrow key sorts by the state, the down arrow key chooses the first.
    top.type_bytes(b"\x1b[D");
    top.wait_for("state");
    top.type_bytes(b"\x1b[B");
    top.wait_for("hello:");
    top.type_bytes(b"q");
    assert_eq!(top.end().0, Some(0));

    let mut interrupted = live();
    interrupted.wait_for("plugins,");
    interrupted.type_bytes(b"\x03");
    assert_eq!(interrupted.end().0, Some(130));

    let mut left_alone = live();
    left_alone.wait_for("plugins,");
    host.end();
    let (code, shown) = left_alone.end();
    assert_eq!(code, Some(6), "{shown}");
}
