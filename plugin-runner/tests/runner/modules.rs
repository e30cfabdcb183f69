//! ES modules, CommonJS and what one sees of the other, with a host that answers from a table of files.

use crate::harness::{Options, Received, Runner, describe};
use plughold_protocol::record::{Source, SourceKind, Target};
use plughold_protocol::{Message, limits};

const NO_ARGUMENTS: &[u8] = &[0x90];

/// Names of files and their texts.
pub(crate) type Files<'f> = &'f [(&'f str, &'f str)];

/// A request, answered as a host does: gives the name that was found, or none.
pub(crate) fn answer_request(runner: &mut Runner, files: Files, message: &Message) -> Option<String> {
    let Message::ModuleRequest { id, specifier, referrer, longest } = message else { unreachable!() };
    let base = match specifier.strip_prefix("plughold:///") {
        Some(name) => name.to_owned(),
        None => join(specifier, referrer),
    };
    let has = |name: &str| files.iter().find(|(known, _)| *known == name);
    let found = ["", ".js", ".json", "/index.js"].iter().find_map(|ending| has(&format!("{base}{ending}")));
    let found = found.filter(|_| specifier.starts_with('.') || specifier.starts_with("plughold:"));
    let found = found.filter(|(_, text)| text.len() as u64 <= longest.unwrap_or(u64::MAX));
    let source = found.map(|(name, text)| Source { name, kind: kind_of(name, text), text });
    let error = format!("there is no {specifier}");
    let error = found.is_none().then_some(error.as_str());
    runner.send(&Message::Module { id: *id, source, error });
    found.map(|(name, _)| (*name).to_owned())
}

fn join(specifier: &str, referrer: &str) -> String {
    let mut parts: Vec<&str> = referrer.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn kind_of(name: &str, text: &str) -> SourceKind {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("json") => SourceKind::Json,
        Some("cjs") => SourceKind::CommonJs,
        Some("mjs") => SourceKind::Module,
        _ if text.contains("export ") || text.contains("import ") => SourceKind::Module,
        _ if text.contains("exports") || text.contains("require(") => SourceKind::CommonJs,
        _ => SourceKind::Script,
    }
}

/// The next message that asks for no file; those that do are answered.
pub(crate) fn next(runner: &mut Runner, files: Files) -> Received {
    loop {
        let received = runner.next();
        match received.message() {
            message @ Message::ModuleRequest { .. } => answer_request(runner, files, &message),
            _ => return received,
        };
    }
}

/// Loads a plugin; gives it with what it said last: that it is ready, or that it failed.
pub(crate) fn start(files: Files) -> (Runner, String) {
    let mut runner = Runner::start(&Options::default());
    let (name, text) = files[0];
    let kind =
        if kind_of(name, text) == SourceKind::Module { SourceKind::Module } else { SourceKind::Script };
    runner.load("native", kind, text);
    let said = describe(&next(&mut runner, files).message());
    (runner, said)
}

pub(crate) fn call(runner: &mut Runner, files: Files, export: &str) -> String {
    let id = runner.call(Target::Export(export), NO_ARGUMENTS);
    let answer = next(runner, files);
    describe(&answer.message()).replace(&format!("Return {id} "), "")
}

/// Loads a plugin whose first file is its entry, and gives what its export `run` gives, or why it failed.
#[track_caller]
fn check(files: Files, expected: &str) {
    let (mut runner, said) = start(files);
    let found = if said.starts_with("Ready") { call(&mut runner, files, "run") } else { said };
    assert_eq!(found, expected, "{}", files[0].1);
}

#[test]
fn json_is_imported_with_and_without_its_type() {
    let data = ("data.json", r#"{"a": [1]}"#);
    check(
        &[
            (
                "main.js",
                "import a from './data.json'; import b from './data.json' with { type: 'json' };
                export const run = async () => {
                    const c = await import('./data.json', { with: { type: 'json' } });
                    return [a, a === b, b === c.default];
                }",
            ),
            data,
        ],
        "[{a: [1]}, true, true]",
    );
    for (import, expected) in [
        (
            "import a from './data.json' with { type: 'css' };",
            r#"modules of the type \"css\" cannot be imported; there is type: \"json\""#,
        ),
        (
            "import a from './data.json' with { tpye: 'json' };",
            r#"the import attribute \"tpye\" is not known; there is type: \"json\""#,
        ),
        (
            "import a from './lib.mjs' with { type: 'json' };",
            r#"\"lib.mjs\" is no JSON file, as the import says by its type \"json\""#,
        ),
    ] {
        let (_, said) = start(&[
            ("main.js", &format!("{import} export const run = 1")),
            data,
            ("lib.mjs", "export default 1"),
        ]);
        let expected = format!(
            r#"Failed Compile Error{{name: "TypeError", message: "{expected}", stack: "    at main.js"}}"#
        );
        assert_eq!(said, expected);
    }
    check(
        &[
            (
                "main.js",
                "const name = ({ name, message }) => `${name}: ${message}`;
                export const run = () => Promise.all([
                    import('./lib.mjs', { with: { type: 'json' } }).catch(name),
                    import('./data.json', { with: { type: 'text' } }).catch(name),
                ]);",
            ),
            data,
            ("lib.mjs", "export default 1"),
        ],
        r#"["TypeError: \"lib.mjs\" is no JSON file, as the import says by its type \"json\"", "TypeError: modules of the type \"text\" cannot be imported; there is type: \"json\""]"#,
    );
}

#[test]
fn modules_know_their_names() {
    check(
        &[
            (
                "main.js",
                "import { meta } from './lib/a b.mjs'; export const run = () => [meta, import.meta.url, import.meta.filename, import.meta.dirname]",
            ),
            (
                "lib/a b.mjs",
                "export const meta = [import.meta.url, import.meta.filename, import.meta.dirname]",
            ),
        ],
        r#"[["plughold:///lib/a%20b.mjs", "/lib/a b.mjs", "/lib"], "plughold:///main.js", "/main.js", "/"]"#,
    );
    check(
        &[
            (
                "main.js",
                "export const run = async () => (await import(import.meta.url.replace('main', 'lib/a'))).default",
            ),
            ("lib/a.js", "export default 'by its URL'"),
        ],
        r#""by its URL""#,
    );
}

#[test]
fn cycles_of_modules_see_what_is_there() {
    check(
        &[
            (
                "main.js",
                "import { b, late } from './b.mjs'; export const a = 'a'; export const run = () => [b, late()]",
            ),
            (
                "b.mjs",
                "import { a } from './main.js'; let seen; try { seen = a } catch (error) { seen = error.name }\nexport const b = seen; export const late = () => a;",
            ),
        ],
        r#"["ReferenceError", "a"]"#,
    );
}

#[test]
fn modules_may_wait_at_their_top_level() {
    check(
        &[
            ("main.js", "import { value } from './slow.mjs'; export const run = () => value"),
            (
                "slow.mjs",
                "export const value = await new Promise((resolve) => setTimeout(resolve, 0, 'waited'))",
            ),
        ],
        "WakeAfter Some(0)",
    );
    check(
        &[
            ("main.js", "import { value } from './slow.mjs'; export const run = () => value"),
            ("slow.mjs", "export const value = await Promise.resolve(1)"),
        ],
        "1",
    );
}

#[test]
fn an_import_that_fails_says_where() {
    let files: Files = &[
        (
            "main.js",
            "export const broken = () => import('./broken.mjs');
export const absent = () =>
  import('./absent.js');
export const inner = () => import('./inner.mjs');
export const computed = () => import('./' + 'absent.js');
export const again = () => absent();",
        ),
        ("broken.mjs", "export const a = 1;\nexport const = 2;"),
        ("inner.mjs", "export {};\n  import a from './nothing.js';"),
    ];
    let (mut runner, said) = start(files);
    assert_eq!(said, "Ready absent again broken computed inner");
    let mut check =
        |export: &str, expected: &str| assert_eq!(call(&mut runner, files, export), expected, "{export}");
    check(
        "broken",
        r#"threw Error{name: "SyntaxError", message: "variable name expected", stack: "    at broken.mjs:2:14"}"#,
    );
    check(
        "absent",
        r#"threw Error{name: "Error", message: "there is no ./absent.js", stack: "    at main.js:3:10", code: "MODULE_NOT_FOUND"}"#,
    );
    check(
        "inner",
        r#"threw Error{name: "Error", message: "there is no ./nothing.js", stack: "    at inner.mjs:2:17", code: "MODULE_NOT_FOUND"}"#,
    );
    check(
        "computed",
        r#"threw Error{name: "Error", message: "there is no ./absent.js", stack: "    at main.js:3:10", code: "MODULE_NOT_FOUND"}"#,
    );
    check(
        "again",
        r#"threw Error{name: "Error", message: "there is no ./absent.js", stack: "    at main.js:3:10", code: "MODULE_NOT_FOUND"}"#,
    );
}

#[test]
fn a_module_that_failed_can_be_asked_for_again() {
    // Two modules that import each other, of which one needs a third that is not there.
    let files: Files = &[
        ("main.js", "export const run = async () => {
            const told = [];
            for (const name of ['./a.mjs', './b.mjs', './c.mjs', './a.mjs', './d.mjs', './b.mjs']) {
                told.push(await import(name).then((module) => Object.keys(module).join(), (error) => error.message));
            }
            return told;
        }"),
        ("a.mjs", "import './b.mjs'; import './absent.mjs'; export const a = 1;"),
        ("b.mjs", "import './a.mjs'; import './d.mjs'; export const b = 1;"),
        ("c.mjs", "import './b.mjs'; export const c = 1;"),
        ("d.mjs", "export const d = 1;"),
    ];
    check(
        files,
        r#"["there is no ./absent.mjs", "cannot import \"b.mjs\": it needs \"a.mjs\": there is no ./absent.mjs", "cannot import \"b.mjs\": it needs \"a.mjs\": there is no ./absent.mjs", "cannot import \"b.mjs\": it needs \"a.mjs\": there is no ./absent.mjs", "d", "cannot import \"b.mjs\": it needs \"a.mjs\": there is no ./absent.mjs"]"#,
    );
}

#[test]
fn modules_may_import_each_other_in_a_long_chain() {
    let names: Vec<String> = (0..300).map(|number| format!("m{number}.mjs")).collect();
    let texts: Vec<String> = (0..300)
        .map(|number| match number {
            299 => "export default 1".to_owned(),
            _ => format!("import n from './m{}.mjs'; export default n + 1", number + 1),
        })
        .collect();
    let mut files = vec![("main.js", "import n from './m0.mjs'; export const run = () => n")];
    files.extend(names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)));
    check(&files, "300");
}

#[test]
fn modules_may_require_each_other_in_a_chain() {
    let names: Vec<String> = (0..60).map(|number| format!("m{number}.js")).collect();
    let texts: Vec<String> = (0..60)
        .map(|number| match number {
            59 => "module.exports = 1".to_owned(),
            _ => format!("module.exports = require('./m{}') + 1", number + 1),
        })
        .collect();
    let mut files = vec![("main.js", "exports.run = () => require('./m0')")];
    files.extend(names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)));
    check(&files, "60");
}

#[test]
fn what_is_required_runs_once() {
    check(
        &[
            (
                "main.js",
                "const a = require('./a'), again = require('./a.js'), data = require('./data.json'), { inner } = require('./lib');
                exports.run = () => [a.count, a === again, data.list, inner, require('./a') === a, typeof globalThis.local];",
            ),
            ("a.js", "var local = 1; exports.count = (globalThis.runs = (globalThis.runs ?? 0) + 1);"),
            ("data.json", r#"{"list": [1, null]}"#),
            ("lib/index.js", "module.exports = { inner: require('./inner').name };"),
            ("lib/inner.js", "exports.name = [__filename, __dirname, module.id, module.path].join();"),
        ],
        r#"[1, true, [1, null], "/lib/inner.js,/lib,/lib/inner.js,/lib", true, "undefined"]"#,
    );
}

#[test]
fn require_works_at_any_time_later() {
    let files: Files = &[
        (
            "main.js",
            "exports.run = async () => { await null; return require(__dirname + 'late').value }; exports.timer = () => new Promise((resolve) => setTimeout(() => resolve(require('/late').value)))",
        ),
        ("late.js", "exports.value = [__filename, this === module.exports, arguments.length]"),
    ];
    check(files, r#"["/late.js", true, 5]"#);
}

#[test]
fn a_module_looks_at_itself() {
    check(
        &[
            (
                "main.js",
                "const child = require('./child');
                exports.run = () => [
                    [module.id, module.filename, module.path, module.loaded, module.parent, module.children.length],
                    require.main === module, require.resolve('./child'), Object.keys(require.cache),
                    child.seen, module.children[0].loaded, module.children[0].parent === module, __filename, __dirname,
                    module.constructor.name, require.name, require.length, this === undefined,
                ];",
            ),
            ("child.js", "exports.seen = [module.loaded, module.parent.id, require.main === module.parent, module.require('./child') === exports]"),
        ],
        r#"[[".", "/main.js", "/", true, null, 1], true, "/child.js", ["/main.js", "/child.js"], [false, ".", true, true], true, true, "/main.js", "/", "Module", "require", 1, false]"#,
    );
}

#[test]
fn circles_see_what_is_exported_so_far() {
    check(
        &[
            (
                "main.js",
                "exports.early = 1; const a = require('./a'); exports.run = () => [a.seen, a.b(), require('./b').seen]",
            ),
            (
                "a.js",
                "exports.seen = Object.keys(require('./main')); const b = require('./b'); exports.b = () => b.name",
            ),
            ("b.js", "exports.seen = Object.keys(require('./a')); exports.name = 'b'"),
        ],
        r#"[["early"], "b", ["seen"]]"#,
    );
}

#[test]
fn a_module_that_throws_is_run_again() {
    check(
        &[
            (
                "main.js",
                "const told = [];
                for (let i = 0; i < 3; i++) try { told.push(require('./moody').value) } catch (error) { told.push(error.message) }
                exports.run = () => [told, module.children.length];",
            ),
            ("moody.js", "globalThis.tries = (globalThis.tries ?? 0) + 1; exports.value = tries; if (tries < 2) throw new Error('not yet')"),
        ],
        r#"[["not yet", 2, 2], 1]"#,
    );
    check(
        &[
            (
                "main.js",
                "exports.run = () => { const first = require('./a'); delete require.cache[require.resolve('./a')]; return [first === require('./a'), require('./a').runs] }",
            ),
            ("a.js", "exports.runs = (globalThis.runs = (globalThis.runs ?? 0) + 1)"),
        ],
        "[false, 2]",
    );
}

#[test]
fn what_cannot_be_required_is_an_error_with_its_place() {
    let files: Files = &[
        (
            "main.js",
            "const tell = (f) => { try { return f() } catch (error) { return `${error.name} ${error.code}: ${error.message} ${error.stack.trim().split('\\n')[0]}` } };
exports.run = () => [
  tell(() => require('lodash')),
  tell(() => require('./absent')),
  tell(() => require()),
  tell(() => require('./syntax')),
  tell(() => require('./json.json')),
  tell(() => require('./throws')),
  tell(() => require('./' + 'x'.repeat(2000))),
];",
        ),
        ("syntax.js", "#!/usr/bin/env plughold\nexports.a = 1;\nlet b = ;"),
        ("json.json", "{\n]"),
        ("throws.js", "exports.a = 1;\n    throw new RangeError('from a module')"),
    ];
    check(
        files,
        &format!(
            "[{:?}, {:?}, {:?}, {:?}, {:?}, {:?}, {:?}]",
            "Error MODULE_NOT_FOUND: there is no lodash at <anonymous> (main.js:3:14)",
            "Error MODULE_NOT_FOUND: there is no ./absent at <anonymous> (main.js:4:14)",
            "TypeError undefined: require takes a string, not undefined at <anonymous> (main.js:5:14)",
            "SyntaxError undefined: unexpected token in expression: ';' at syntax.js:3:9",
            "SyntaxError undefined: json.json: Expected property name or '}' in JSON at position 2 (line 2 column 2) at json.json:2:1",
            "RangeError undefined: from a module at <anonymous> (throws.js:2:15)",
            "TypeError undefined: a specifier of 2002 bytes; at most 1024 are allowed at <anonymous> (main.js:9:33)",
        ),
    );
}

#[test]
fn modules_import_what_common_js_exports() {
    let library = (
        "lib.cjs",
        "Object.defineProperty(exports, '__esModule', { value: true }); exports.a = 1; exports.inner = () => require('./inner.cjs'); exports.late = undefined; module.exports.default = 'theirs';",
    );
    check(
        &[
            (
                "main.js",
                "import lib, { a, late } from './lib.cjs'; import * as all from './lib.cjs'; import f from './f.cjs';
                export const run = async () => [a, late, lib.a, lib.default, Object.keys(all), lib.inner().name, f(), f.part,
                    (await import('./lib.cjs')).default === lib];",
            ),
            library,
            ("inner.cjs", "exports.name = __filename"),
            ("f.cjs", "module.exports = () => 'called'; module.exports.part = 'part'"),
        ],
        r#"[1, undefined, 1, "theirs", ["a", "default", "inner", "late"], "/inner.cjs", "called", "part", true]"#,
    );
    let (_, said) =
        start(&[("main.js", "import { nothing } from './lib.cjs'; export const run = 1"), library]);
    assert!(said.contains("Could not find export 'nothing' in module 'lib.cjs'"), "{said}");
    let (_, said) =
        start(&[("main.js", "import './t.cjs'; export const run = 1"), ("t.cjs", "\nthrow new Error('x')")]);
    assert!(said.contains(r#"message: "x", stack: "    at <anonymous> (t.cjs:2:11)"#), "{said}");
}

#[test]
fn an_export_whose_getter_throws_is_undefined() {
    check(
        &[
            (
                "main.js",
                "import { a, b } from './lib.cjs'; import lib from './lib.cjs';
                export const run = () => { try { return lib.a } catch (error) { return [a, b, error] } }",
            ),
            (
                "lib.cjs",
                "Object.defineProperty(exports, 'a', { get() { throw 'from a getter' } }); exports.b = 2;",
            ),
        ],
        "[undefined, 2, \"from a getter\"]",
    );
}

#[test]
fn files_without_a_sign_are_what_they_are_taken_for() {
    check(
        &[
            ("main.js", "import './effect.js'; export const run = () => globalThis.effect"),
            ("effect.js", "globalThis.effect = [this === undefined, typeof require]"),
        ],
        r#"[true, "undefined"]"#,
    );
    check(
        &[
            ("main.js", "require('./effect.js'); exports.run = () => globalThis.effect"),
            ("effect.js", "globalThis.effect = [this === undefined, typeof require]"),
        ],
        r#"[false, "function"]"#,
    );
}

#[test]
fn common_js_requires_modules_that_do_not_wait() {
    check(
        &[
            (
                "main.js",
                "const told = (f) => { try { return f() } catch (error) { return `${error.code}: ${error.message}` } };
                exports.run = () => [
                    require('./lib.mjs').a, require('./lib.mjs') === require('./lib.mjs'), Object.keys(require('./lib.mjs')),
                    told(() => require('./waits.mjs')), told(() => require('./throws.mjs')),
                ];",
            ),
            ("lib.mjs", "export const a = 1; export default 2;"),
            ("waits.mjs", "export const a = await 1;"),
            ("throws.mjs", "throw new Error('thrown')"),
        ],
        r#"[1, true, ["a", "default"], "ERR_REQUIRE_ASYNC_MODULE: cannot require \"waits.mjs\": it waits at its top level; use import()", "undefined: thrown"]"#,
    );
}

#[test]
fn circles_of_both_kinds_end() {
    // An entry that imports CommonJS that requires the entry.
    check(
        &[
            ("main.js", "import lib from './lib.cjs'; export const a = 1; export const run = () => lib"),
            (
                "lib.cjs",
                "try { module.exports = require('./main.js').a } catch (error) { module.exports = error.code }",
            ),
        ],
        r#""ERR_REQUIRE_CYCLE_MODULE""#,
    );
    // A module that is no entry, likewise: what it exports is not there yet.
    check(
        &[
            (
                "main.js",
                "import { lib } from './b.mjs'; export const run = async () => [lib, (await import('./b.mjs')).b]",
            ),
            ("b.mjs", "import lib from './lib.cjs'; export const b = 1; export { lib }"),
            (
                "lib.cjs",
                "try { module.exports = require('./b.mjs').b } catch (error) { module.exports = error.code }",
            ),
        ],
        r#"["ERR_REQUIRE_CYCLE_MODULE", 1]"#,
    );
}

#[test]
fn a_plugin_that_replaces_builtins_breaks_only_itself() {
    check(
        &[
            (
                "main.js",
                "const bad = () => { throw new Error('replaced') };
                Array.prototype.push = bad; Array.prototype[Symbol.iterator] = bad; String.prototype.slice = bad;
                Object.defineProperty(Object.prototype, 'exports', { set: bad, configurable: true });
                Object.defineProperty(Object.prototype, 'value', { get: bad, set: bad, configurable: true });
                Reflect.apply = bad; Function.prototype.call = bad;
                const a = require('./a');
                exports.run = () => a.b;",
            ),
            ("a.js", "exports.b = 'fine'"),
        ],
        r#""fine""#,
    );
}

#[test]
fn modules_of_a_plugin_are_bounded() {
    let big = format!("/*{}*/", "x".repeat(limits::MODULE_BYTES / 4));
    let names: Vec<String> = (0..5).map(|number| format!("m{number}.js")).collect();
    let mut files = vec![(
        "main.js",
        "exports.run = () => { for (let i = 0; ; i++) try { require(`./m${i}`) } catch (error) { return `${i} ${error.name}: ${error.message}` } }",
    )];
    files.extend(names.iter().map(|name| (name.as_str(), big.as_str())));
    let mut runner = Runner::start(&Options { memory: 256 << 20, ..Options::default() });
    runner.load("native", SourceKind::Script, files[0].1);
    assert_eq!(next(&mut runner, &files).message().name(), "Ready");
    assert_eq!(
        call(&mut runner, &files, "run"),
        r#""3 RangeError: cannot load \"m3.js\": the plugin loads more than 10000 modules, or modules of more than 33554432 bytes""#
    );
}
