use super::Syntax::{CommonJs, Json, Module, Plain};
use super::*;

#[track_caller]
fn check(text: &str, expected: Syntax) {
    assert_eq!(of(text), expected, "{text}");
}

#[test]
fn modules() {
    check("export default 1", Module);
    check("export{a}", Module);
    check("let a=1;export{a as b};", Module);
    check("import 'x'", Module);
    check("import\n{ a } from './a.js'", Module);
    check("import*as a from './a.js'", Module);
    check("function f() { return `${ {a: '}'}.a }` }\nexport { f }", Module);
    check("const r = /[/'\"`]/;\nexport default r", Module);
    check("const half = x / 2; const s = \"/\"; export { half }", Module);
    check("if (a) {}\n/`/.test(a);\nexport default 1", Module);
    check("let a = 'it\\'s';\nexport { a }", Module);
    check("// it's\nexport default 1", Module);
    check("#!/usr/bin/env plughold it's\nexport default 1", Module);
    check("a/b/c; export {}", Module);
    check("return /x/\nexport {}", Module);
}

#[test]
fn scripts() {
    check("", Plain);
    check("plughold.export('go', go)", Plain);
    check("import('./x.js')", Plain);
    check("import ('./x.js')", Plain);
    check("import.meta", Plain);
    check("const a = { export: 1, import: 2 }; a\n.export", Plain);
    check("// export default 1", Plain);
    check("/*\nexport default 1\n*/", Plain);
    check("const t = `\nexport default 1\n`", Plain);
    check("const t = `${ export_ }\nexport default 1\n`", Plain);
    check("const t = `${`${1}`}\nexport default 1\n`", Plain);
    check("const t = 'a\\\nexport default 1'", Plain);
    check("const exported = 1, reimport = 2", Plain);
    check("x = /export default/; y = /[/]export 1/", Plain);
    check("import", Plain);
    check("`", Plain);
    check("\"\\", Plain);
    check("/", Plain);
    check(&"`${".repeat(10_000), Plain);
}

#[test]
fn waiting_at_the_top_level_is_a_sign_of_a_module() {
    check("await 1", Module);
    check("await app.notes.get(1)", Module);
    check("const note = await app.notes.get(1);", Module);
    check("x = [await y]", Module);
    check("f(await y, 1)", Module);
    check("if (a) { await b }", Module);
    check("if (await a) b()", Module);
    check("for (const a of b) { await a() }", Module);
    check("for await (const a of b) {}", Module);
    check("try { await (async () => 1)() } catch (error) { throw error } finally {}", Module);
    check("switch (a) { case 1: await b }", Module);
    check("{ await 'text' }", Module);
    check("a()\nawait b", Module);
    check("const f = async () => { await 1 }\nawait f()", Module);
    check("const f = async () => await g();\nawait f()", Module);
    check("const f = async () => await g()\nawait f()", Module);
    check("const f = async () => await g()\nconst a = await f()", Module);
    check("const f = async () => await g(), a = await f()", Module);
    check("run(async () => await g()); await f()", Module);
    check("const s = `${await f()}`", Module);
    check("const s = `${[1].map(a => a)}${await f()}`", Module);
    check("class A { static a = 1 } await new A()", Module);
    check("await import('./a.js')", Module);
    check("while (a) /[)}]/.test(b); await c", Module);
}

#[test]
fn waiting_in_a_function_is_none() {
    check("async function f() { await g() }", Plain);
    check("const f = async function () { await g() }", Plain);
    check("const f = async () => { await g() }", Plain);
    check("const f = async () => await g()", Plain);
    check("const f = async a => await g(a) || await h(a)", Plain);
    check("const f = async () => [await g(), await h()]", Plain);
    check("const f = async () => (await g())", Plain);
    check("const f = async () => `${await g()}`", Plain);
    check("const f = async () =>\n  await g()", Plain);
    check("const f = async () => ({ a: await g(), b: await h() })", Plain);
    check("const a = { async f() { await g() }, h: async () => await g() }", Plain);
    check("class A { async f() { if (a) { await g() } } }", Plain);
    check("class A { async f() { for await (const a of b) {} } }", Plain);
    check("(async () => { await g() })()", Plain);
    check("(async function () { try { await g() } catch { await h() } })()", Plain);
    check("(() => { 'use strict'; (async () => { await g() })() })()", Plain);
}

#[test]
fn await_can_be_a_name_in_a_script() {
    check("var await = 1; await + 1", Plain);
    check("function await() {}", Plain);
    check("let a = { await: 1 }; a.await(1)", Plain);
    check("await in a", Plain);
    check("await => 1", Plain);
    check("if (await) {}", Plain);
    check("await", Plain);
}

#[test]
fn common_js_speaks_of_its_module() {
    check("const a = require('./a')", CommonJs);
    check("exports.a = 1", CommonJs);
    check("module.exports = 1", CommonJs);
    check("module . exports = 1", CommonJs);
    check("(function (exports) { exports['a'] = 1 })", CommonJs);
    check("function f() { return require (`./a`) }", CommonJs);
    check("require('./a'); export {}", Module);
    check("a.require(1); a.exports.b = 1; a.module.exports = 2", Plain);
    check("// require('./a')\n'exports.a'", Plain);
    check("typeof require === 'function'", Plain);
    check("const { module } = a", Plain);
}

#[test]
fn a_name_says_more_than_the_text() {
    let folder = crate::testing::Folder::new(&[("a.js", "/* plughold: {} */")]);
    let package = Package::open(folder.path().join("a.js")).unwrap();
    let check =
        |name: &str, text: &str, expected: Syntax| assert_eq!(package.syntax(name, text), expected, "{name}");
    check("a.mjs", "exports.a = 1", Module);
    check("lib/a.cjs", "export {}", CommonJs);
    check("lib.d/a.JSON", "export {}", Json);
    check("a.js", "export {}", Module);
    check("json", "exports.a = 1", CommonJs);
    check("lib.json/a", "", Plain);
}
