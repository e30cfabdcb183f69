//! A plugin's code: how it is loaded, what it imports, what it writes to its console, and how it fails.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::{Expect, expect};
use plughold::{Api, CallError, Event, Json, Limits, LoadError};
use plughold_tests::{TestHost, patiently};
use std::fmt::Write;

/// Loads a script that fails, and compares what is told.
async fn check_failure(source: &str, expected: Expect) {
    let mut host = TestHost::new(Api::new(()));
    let error = host.load_error("broken", source).await;
    let LoadError::Failed { stage, thrown } = &error else { panic!("{error}") };
    let stack = thrown.stack.as_deref().unwrap_or_default();
    expected.assert_eq(&format!("{stage:?}: {error}\n{stack}\n"));
    host.finish().await;
}

#[tokio::test]
async fn failures_name_the_stage_and_the_place() {
    check_failure(
        "export const a = 1;\nexport const b = ;",
        expect![[r#"
        Compile: compiling failed: SyntaxError: unexpected token in expression: ';'
            at broken.js:2:18
    "#]],
    )
    .await;
    check_failure(
        "\nthrow new RangeError('at once');\nexport {};",
        expect![[r#"
        Evaluate: the top level failed: RangeError: at once
            at <anonymous> (broken.js:2:11)
    "#]],
    )
    .await;
    check_failure(
        "await null;\nundefinedName;\nexport {};",
        expect![[r#"
            Evaluate: the top level failed: ReferenceError: undefinedName is not defined
                at <anonymous> (broken.js:2:1)
        "#]],
    )
    .await;
    check_failure(
        "export async function activate() {\n    await null; null.f;\n}",
        expect![[r#"
        Activate: activation failed: TypeError: cannot read property 'f' of null
            at activate (broken.js:2:17)
    "#]],
    )
    .await;
    check_failure(
        "exports.activate = () => { throw 'no error'; };",
        expect![[r#"
            Activate: activation failed: no error

        "#]],
    )
    .await;
    check_failure(
        "await Promise.reject(new Error('rejected')); export {};",
        expect![[r#"
            Evaluate: the top level failed: Error: rejected
                at <anonymous> (broken.js:1:26)
        "#]],
    )
    .await;
}

/// A package whose modules import each other.
const MODULES: &[(&str, &str)] = &[
    (
        "main.js",
        "import { depth } from './lib/words.js';
import * as words from './lib/words.js';
import './lib/effect.js';
export const statically = () => [depth(), words.describe(1), globalThis.effect];
export const dynamically = async () => (await import('./lib/late.js')).default;
export const twice = async () => (await import('./lib/late.js')) === (await import('./lib/../lib/late.js'));
export const named = (name) => import(name).then(() => 'loaded', (error) => `${error.name}: ${error.message}`);
",
    ),
    (
        "lib/words.js",
        "import { depth } from './deep/depth.js';
export { depth };
export const describe = (count) => `count ${count}`;
",
    ),
    ("lib/deep/depth.js", "import { describe } from '../words.js'; export const depth = () => describe(2);"),
    ("lib/effect.js", "globalThis.effect = import.meta.url === undefined ? 'ran' : import.meta.url;"),
    ("lib/late.js", "export default 'late';"),
    ("lib/broken.js", "export const a = 1;\nexport const = 2;"),
    ("lib/throws.js", "throw new RangeError('from a module');"),
    ("lib/needs.js", "import './absent.js';"),
    ("lib/wrong.js", "import { nothing } from './words.js';"),
    ("secret.json", "{}"),
];

#[tokio::test]
async fn modules_are_imported_from_the_package_and_from_nowhere_else() {
    let mut host = TestHost::new(Api::new(()));
    host.write("outside.js", "export default 'outside';");
    let package = host.package("modular", MODULES);
    std::os::unix::fs::symlink(host.folder().join("outside.js"), host.folder().join("modular/link.js"))
        .unwrap();
    let plugin = host.load_package(package).await.unwrap();
    let mut told = String::new();
    for export in ["statically", "dynamically", "twice"] {
        let Json(value) = patiently(export, plugin.call(export, ())).await.unwrap();
        writeln!(told, "{export} -> {value}").unwrap();
    }
    for name in [
        "./lib/late.js",
        "./absent.js",
        "./lib/needs.js",
        "./lib/wrong.js",
        "./lib/broken.js",
        "./lib/throws.js",
        "./lib/late",
        "./lib",
        "./secret.json",
        "late",
        "node:nothing",
        "../outside.js",
        "./lib/../../outside.js",
        "/etc/passwd",
        "file:///etc/passwd",
        "./link.js",
        "./..%2foutside.js",
        ".\\lib\\late.js",
        "./lib/late.js\0",
        "",
    ] {
        let answer: String = patiently(name, plugin.call("named", (name,))).await.unwrap();
        writeln!(told, "{name:?} -> {answer}").unwrap();
    }
    expect![[r#"
        statically -> ["count 2","count 1","plughold:///lib/effect.js"]
        dynamically -> "late"
        twice -> true
        "./lib/late.js" -> loaded
        "./absent.js" -> Error: cannot import "./absent.js" from "main.js": the plugin has no file "absent.js"
        "./lib/needs.js" -> Error: cannot import "./absent.js" from "lib/needs.js": the plugin has no file "lib/absent.js"
        "./lib/wrong.js" -> SyntaxError: Could not find export 'nothing' in module 'lib/words.js'
        "./lib/broken.js" -> SyntaxError: variable name expected
        "./lib/throws.js" -> RangeError: from a module
        "./lib/late" -> loaded
        "./lib" -> Error: cannot import "./lib" from "main.js": the plugin has no file "lib" or "lib.js" or "lib.mjs" or "lib.cjs" or "lib.json" or "lib/index.js"
        "./secret.json" -> loaded
        "late" -> Error: cannot import "late": only files of the plugin, as "./name.js", and built-in modules can be imported; bundle packages into the plugin
        "node:nothing" -> Error: there is no built-in module "node:nothing"
        "../outside.js" -> Error: cannot import "../outside.js" from "main.js": it leads out of the plugin
        "./lib/../../outside.js" -> Error: cannot import "./lib/../../outside.js" from "main.js": it leads out of the plugin
        "/etc/passwd" -> Error: cannot import "/etc/passwd": expected a name relative to the importing file, as "./name.js"
        "file:///etc/passwd" -> Error: cannot import "file:///etc/passwd": expected a name relative to the importing file, as "./name.js"
        "./link.js" -> Error: cannot import "./link.js" from "main.js": the plugin has no file "link.js"
        "./..%2foutside.js" -> Error: cannot import "./..%2foutside.js" from "main.js": the plugin has no file "..%2foutside.js"
        ".\\lib\\late.js" -> Error: cannot import ".\\lib\\late.js": only files of the plugin, as "./name.js", and built-in modules can be imported; bundle packages into the plugin
        "./lib/late.js\0" -> loaded
        "" -> Error: cannot import "": only files of the plugin, as "./name.js", and built-in modules can be imported; bundle packages into the plugin
    "#]].assert_eq(&told.replace(&host.folder().display().to_string(), "DIR"));
    host.finish().await;
}

#[tokio::test]
async fn a_missing_import_fails_the_loading() {
    let mut host = TestHost::new(Api::new(()));
    let package = host.package("lacking", &[("main.js", "import { a } from './absent.js';\nexport { a };")]);
    let error = host.load_package(package).await.unwrap_err();
    expect![[r#"compiling failed: Error: cannot import "./absent.js" from "main.js": the plugin has no file "absent.js""#]].assert_eq(&error.to_string());
    host.finish().await;
}

#[tokio::test]
async fn a_script_exports_by_its_module_object() {
    let mut host = TestHost::new(Api::new(()));
    let plugin =
        host.load("classic", "var count = 1; exports.count = function () { return count++; };").await;
    assert_eq!(plugin.info().exports, ["count"]);
    assert_eq!(patiently("an answer", plugin.call("count", ())).await, Ok(1));
    assert_eq!(patiently("an answer", plugin.call("count", ())).await, Ok(2));
    host.finish().await;
}

#[tokio::test]
async fn activate_learns_who_the_plugin_is() {
    let source = "/* plughold: { \"name\": \"Who\", \"version\": \"1.2.3\" } */
let known;
export const activate = async (plugin) => { await null; known = plugin; };
export const tell = () => known;
";
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("who", source).await;
    let known: Result<Json, CallError> = patiently("an answer", plugin.call("tell", ())).await;
    expect![[r#"{"id":"who","name":"Who","onSettings":{"$function":true},"permissions":[],"plugins":{"get":{"$function":true},"onChange":{"$function":true}},"settings":{},"version":"1.2.3"}"#]]
    .assert_eq(&known.unwrap().0.to_string());
    host.finish().await;
}

#[tokio::test]
async fn lines_of_the_console_tell_their_level_and_their_place() {
    let source = "console.log('plain', 1, { a: [true] }, null);
function deeper() {
    console.warn('careful\\n\\u001b[31mred');
}
deeper();
setTimeout(() => console.error(new TypeError('broken').message), 0);
console.debug();
";
    let mut host = TestHost::new(Api::new(()));
    host.load("talker", source).await;
    let is_last = |event: &Event| matches!(event, Event::Log { level: plughold::Level::Error, .. });
    let mut told = String::new();
    for event in host.events_until("the last line", is_last).await {
        if let Event::Log { level, message, place, .. } = event {
            let place = place.map(|place| format!("{}:{}:{}", place.file, place.line, place.column));
            writeln!(told, "{level:?} {message:?} at {}", place.unwrap_or_default()).unwrap();
        }
    }
    expect![[r#"
        Info "plain 1 { a: [ true ] } null" at talker.js:1:8
        Warn "careful\n\\u{1b}[31mred" at talker.js:3:13
        Debug "" at talker.js:7:9
        Error "broken" at talker.js:6:36
    "#]]
    .assert_eq(&told);
    host.finish().await;
}

#[tokio::test]
async fn a_manifest_asks_for_a_deeper_stack() {
    const DEPTH: &str = "
const depth = () => { try { return 1 + depth(); } catch (error) { return 0; } };
exports.depth = depth;
";
    let mut host = TestHost::built(Api::new(()), |builder| {
        let mut limits = Limits::default();
        limits.stack_cap = 512 << 10;
        builder.limits(limits)
    });
    let mut depths = Vec::new();
    for (id, members) in [
        ("small", r#""limits": { "stack": "128 KiB" }"#),
        ("usual", ""),
        ("large", r#""limits": { "stack": "512 KiB" }"#),
        ("capped", r#""limits": { "stack": "1 MiB" }"#),
    ] {
        let package = host.package_with(id, members, &[("main.js", DEPTH)]);
        let plugin = host.load_package(package).await.unwrap();
        depths.push(plugin.call::<_, u32>("depth", ()).await.unwrap());
    }
    let [small, usual, large, capped] = depths[..] else { panic!("{depths:?}") };
    assert!(3 * small / 2 < usual && 3 * usual / 2 < large, "{depths:?}");
    assert!(large.abs_diff(capped) < large / 10, "{depths:?}");
    host.finish().await;
}
