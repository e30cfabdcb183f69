//! Ctrl-C, requests to terminate, and no chance to do anything.

use crate::support::{folder, runners, start, start_unread, wait_for_end_of};
use expect_test::expect;
use rustix::process::Signal;

const POLITE: &str = "export function activate() { console.log('ready') }\n\
                      export function deactivate() { console.log('goodbye') }\n";
const STUBBORN: &str = "export function activate() { console.log('ready') }\n\
                        export function deactivate() { return new Promise(() => {}) }\n";
const LOOPING: &str = "export function activate() { setTimeout(() => { for (;;); }, 0) }";

/// A terminal sends Ctrl-C to every process of the group, and still each plugin can finish.
#[test]
fn ctrl_c_lets_plugins_finish() {
    let folder = folder(&[("polite.mjs", POLITE)]);
    let mut running = start(&["run", folder.path().to_str().unwrap()]);
    running.line_with("ready");
    running.signal_group(Signal::INT);
    running.line_with("goodbye");
    let ran = running.end();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    let last: Vec<&str> = ran.stdout.lines().rev().take(2).collect();
    expect![[r#"
        polite    polite.mjs:2       info          goodbye
        polite                       stopped"#]]
    .assert_eq(&format!("{}\n{}", last[1], last[0]));
    assert!(ran.stderr.ends_with("stopping 1 plugin; Ctrl-C again to kill\n"), "{ran:?}");
}

#[test]
fn a_request_to_terminate_is_the_same() {
    let folder = folder(&[("polite.mjs", POLITE)]);
    let mut running = start(&["run", folder.path().to_str().unwrap()]);
    running.line_with("ready");
    running.signal(Signal::TERM);
    running.line_with("goodbye");
    assert_eq!(running.end().code, Some(130));
}

#[test]
fn a_second_ctrl_c_kills() {
    let folder = folder(&[("stubborn.mjs", STUBBORN)]);
    let mut running = start(&["run", folder.path().to_str().unwrap()]);
    running.line_with("ready");
    running.signal_group(Signal::INT);
    running.remark_with("Ctrl-C again to kill");
    running.signal_group(Signal::INT);
    let ran = running.end();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    let remarks: Vec<&str> = ran.stderr.lines().skip(1).collect();
    expect![[r#"
        stopping 1 plugin; Ctrl-C again to kill
        killing 1 plugin
        killed stubborn: that was asked for"#]]
    .assert_eq(&remarks.join("\n"));
}

/// A plugin that says something all the time, and does not want to finish.
const TALKING: &str = "export function activate() { setInterval(() => console.log('and'), 10) }\n\
                       export function deactivate() { return new Promise(() => {}) }\n\
                       export const f = () => 42;\n";

/// As in `plughold run --json | head -1`: who has enough of the output still gives plugins their time.
#[test]
fn plugins_can_finish_when_nobody_reads_any_more() {
    let folder = folder(&[("talking.mjs", TALKING)]);
    for mode in [&["--json"][..], &[]] {
        let mut running = start(&[&["run", folder.path().to_str().unwrap()], mode].concat());
        running.line_with("and");
        running.stop_reading();
        running.remark_with("killed talking: ");
        let ran = running.end();
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

#[test]
fn plugins_can_finish_when_nobody_reads_the_result() {
    let folder = folder(&[("talking.mjs", TALKING)]);
    for json in [&["--json"][..], &[]] {
        let args = ["call", "--dir", folder.path().to_str().unwrap(), "talking", "f"];
        let mut running = start_unread(&[&args, json].concat());
        running.remark_with("killed talking: ");
        assert_eq!(running.end().code, Some(0));
    }
}

/// Whatever they are doing: waiting, looping, or refusing to stop.
#[test]
fn no_plugin_outlives_a_command_that_was_killed() {
    let files = [("polite.mjs", POLITE), ("stubborn.mjs", STUBBORN), ("looping.mjs", LOOPING)];
    let folder = folder(&files);
    let mut running = start(&["run", "--json", folder.path().to_str().unwrap()]);
    let runners = runners(&running.event("loaded", ""));
    assert_eq!(runners.len(), 3);
    running.event("unresponsive", "looping");
    running.signal(Signal::KILL);
    assert_eq!(running.end().code, None);
    wait_for_end_of(&runners);
}
