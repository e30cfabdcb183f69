//! Packages of many files: CommonJS, what an author is told of an import that has no file, and stacks that name the files
//! that the author wrote.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::expect;
use plughold::{Api, CallError, Event, Json, LoadError};
use plughold_tests::{TestHost, patiently};
use std::fmt::Write;

#[tokio::test]
async fn common_js_is_required_from_the_package_and_from_nowhere_else() {
    let mut host = TestHost::new(Api::new(()));
    host.write("outside.js", "module.exports = 'outside'");
    let package = host.package(
        "common",
        &[
            (
                "main.js",
                "const words = require('./lib/words');
exports.first = () => [words.describe(require('./lib').count), require('./lib/data').list, __filename, require.resolve('./lib')];
exports.named = (name) => {
  try { return String(require(name)) } catch (error) { return `${error.code}: ${error.message}${error.stack.split('\\n')[0]}` }
};
exports.imported = async () => [(await import('./lib/words.js')).default === words, (await import('./lib/module.js')).default];",
            ),
            ("lib/index.js", "exports.count = 3;"),
            ("lib/words.js", "exports.describe = (count) => `count ${count}`;"),
            ("lib/data.json", r#"{"list": [1, 2]}"#),
            ("lib/module.js", "import { describe } from './words.js'; import data from './data' with { type: 'json' }; export default describe(data.list.length);"),
            ("util.js", "module.exports = 'util'"),
        ],
    );
    let plugin = host.load_package(package).await.unwrap();
    let mut told = String::new();
    for export in ["first", "imported"] {
        let Json(value) = patiently(export, plugin.call(export, ())).await.unwrap();
        writeln!(told, "{export} -> {value}").unwrap();
    }
    for name in [
        "./util",
        "/util",
        "lodash",
        "node:nothing",
        "../outside",
        "/../outside",
        "./absent",
        "./absent.js",
        "",
    ] {
        let answer: String = patiently(name, plugin.call("named", (name,))).await.unwrap();
        writeln!(told, "{name:?} -> {answer}").unwrap();
    }
    expect![[r#"
        first -> ["count 3",[1,2],"/main.js","/lib/index.js"]
        imported -> [true,"count 2"]
        "./util" -> util
        "/util" -> util
        "lodash" -> MODULE_NOT_FOUND: cannot import "lodash": only files of the plugin, as "./name.js", and built-in modules can be imported; bundle packages into the plugin    at <anonymous> (main.js:4:31)
        "node:nothing" -> ERR_UNKNOWN_BUILTIN_MODULE: there is no built-in module "node:nothing"    at <anonymous> (main.js:4:31)
        "../outside" -> MODULE_NOT_FOUND: cannot import "../outside" from "main.js": it leads out of the plugin    at <anonymous> (main.js:4:31)
        "/../outside" -> MODULE_NOT_FOUND: cannot import "plughold:///../outside" from "main.js": it leads out of the plugin    at <anonymous> (main.js:4:31)
        "./absent" -> MODULE_NOT_FOUND: cannot import "./absent" from "main.js": the plugin has no file "absent" or "absent.js" or "absent.mjs" or "absent.cjs" or "absent.json" or "absent/index.js"    at <anonymous> (main.js:4:31)
        "./absent.js" -> MODULE_NOT_FOUND: cannot import "./absent.js" from "main.js": the plugin has no file "absent.js"    at <anonymous> (main.js:4:31)
        "" -> MODULE_NOT_FOUND: cannot import "": only files of the plugin, as "./name.js", and built-in modules can be imported; bundle packages into the plugin    at <anonymous> (main.js:4:31)
    "#]].assert_eq(&told);
    host.finish().await;
}

#[tokio::test]
async fn a_script_that_waits_at_its_top_level_is_a_module() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host
        .load(
            "waiting",
            "const value = await Promise.resolve('waited');\nconsole.log(value, this === undefined);",
        )
        .await;
    let line = host
        .event("its line", |event| match event {
            Event::Log { message, .. } => Some(message.clone()),
            _ => None,
        })
        .await;
    assert_eq!(line, "waited true");
    drop(plugin);
    host.finish().await;
}

/// What a compiler makes of `src/notes.ts`:
///
/// ```ts
///  7 export function find(words: string): never {
///  8   console.log(words);
///  9   throw new Error(words);
/// 10 }
/// 12 export function activate(): void {
/// 13   if (broken) (null as any).f;
/// 14   Promise.reject(new Error("lonely"));
/// 15 }
/// ```
const COMPILED: &str = "\"use strict\";
Object.defineProperty(exports, \"__esModule\", { value: true });
exports.find = find;
exports.activate = activate;
function find(words) { console.log(words); throw new Error(words); }
function activate() { if (globalThis.broken) null.f; Promise.reject(new Error(\"lonely\")); }
//# sourceMappingURL=main.js.map
";

const MAP: &str = r#"{"version":3,"file":"main.js","sourceRoot":"","sources":["../src/notes.ts"],"names":[],"mappings":";;;;AAMA,uBACE,oBACA;AAGF,sBACE,+BACA"}"#;

#[tokio::test]
async fn stacks_name_the_files_that_the_author_wrote() {
    let mut host = TestHost::new(Api::new(()));
    let package = host.package("typed", &[("main.js", COMPILED), ("main.js.map", MAP)]);
    let plugin = host.load_package(package).await.unwrap();
    let lonely = host
        .event("the rejection", |event| match event {
            Event::Uncaught { thrown, .. } => Some(thrown.stack.as_deref().unwrap_or_default().to_owned()),
            _ => None,
        })
        .await;
    expect!["    at activate (src/notes.ts:14:3)"].assert_eq(&lonely);
    let error = patiently("find", plugin.call::<_, ()>("find", ("ship",))).await.unwrap_err();
    let CallError::Thrown(thrown) = &error else { panic!("{error}") };
    expect!["    at find (src/notes.ts:9:3)"].assert_eq(thrown.stack.as_deref().unwrap_or_default());
    let place = host
        .event("the line", |event| match event {
            Event::Log { place, .. } => place.clone(),
            _ => None,
        })
        .await;
    expect![[r#"Place { file: "src/notes.ts", line: 8, column: 3 }"#]].assert_eq(&format!("{place:?}"));

    let broken = COMPILED.replace("globalThis.broken", "true");
    let package = host.package("broken", &[("main.js", broken.as_str()), ("main.js.map", MAP)]);
    let error = host.load_package(package).await.unwrap_err();
    let LoadError::Failed { thrown, .. } = &error else { panic!("{error}") };
    expect!["    at activate (src/notes.ts:13:3)"].assert_eq(thrown.stack.as_deref().unwrap_or_default());
    host.finish().await;
}
