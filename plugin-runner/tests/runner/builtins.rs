//! Modules that are there without a package: found by every kind of code, under both names, and made when they are
//! first asked for. What they do stands in the tables of `globals.rs`.

use crate::harness::{Options, Runner, describe};
use crate::modules::{Files, call, start};
use plughold_protocol::record::SourceKind;

/// Loads a plugin whose first file is its entry, and gives what its export `run` gives, or why it failed.
#[track_caller]
pub(crate) fn check(files: Files, expected: &str) {
    let (mut runner, said) = start(files);
    let found = if said.starts_with("Ready") { call(&mut runner, files, "run") } else { said };
    assert_eq!(found, expected, "{}", files[0].1);
}

#[test]
fn a_script_requires_a_built_in_module() {
    check(
        &[("main.js", "const path = require('path'); exports.run = () => path.join('a', '..', 'b')")],
        "\"b\"",
    );
    check(
        &[(
            "main.js",
            "exports.run = () => [require('path') === require('node:path'), require.resolve('path'), require.resolve('node:path'), 'path' in require.cache]",
        )],
        "[true, \"path\", \"node:path\", false]",
    );
    check(
        &[(
            "main.js",
            "exports.run = () => require('path/posix') === require('path').posix && require('node:path/win32').sep",
        )],
        r#""\\""#,
    );
}

#[test]
fn an_es_module_imports_a_built_in_module() {
    check(
        &[(
            "main.js",
            "import path, { join, posix } from 'node:path'; import * as all from 'path';
            export const run = async () => {
                const { default: later } = await import('path');
                return [join('a', 'b'), path.join === join, all.default === path, later === path, posix === path];
            }",
        )],
        "[\"a/b\", true, true, true, true]",
    );
    check(
        &[
            ("main.js", "import { name } from './lib.cjs'; export const run = () => name"),
            ("lib.cjs", "exports.name = require('path').basename(__filename)"),
        ],
        "\"lib.cjs\"",
    );
}

#[test]
fn a_joplin_plugin_requires_a_built_in_module() {
    check_joplin("if (require('path').sep !== '/') throw new Error('no');");
}

#[test]
fn keys_that_take_too_much_are_refused() {
    check(
        &[(
            "main.js",
            "const { scryptSync } = require('crypto');
            const said = (options) => { try { return scryptSync('a', 'b', 16, options).length } catch (error) { return error.name } };
            exports.run = () => [said({}), said({ N: 2, r: 131071, p: 1024 }), said({ N: 16384, r: 8, p: 1024 }), said({ N: 32768, r: 8 })]",
        )],
        r#"[16, "RangeError", "RangeError", "RangeError"]"#,
    );
}

/// Loads a script as Joplin's plugins are loaded; it throws if something is wrong.
#[track_caller]
pub(crate) fn check_joplin(text: &str) {
    let mut runner = Runner::start(&Options::default());
    runner.load("joplin", SourceKind::Script, text);
    let said = describe(&runner.next().message());
    assert!(said.starts_with("Ready"), "{said}");
}

#[test]
fn an_unknown_name_says_what_was_meant() {
    let check_error = |text: &str, words: &str| {
        let (_, said) = start(&[("main.js", text)]);
        assert!(said.contains(words), "{text}: {said}");
    };
    check_error("require('paht')", r#"there is no paht (did you mean the built-in module \"path\"?)"#);
    check_error(
        "import 'paht'; export const a = 1",
        r#"there is no paht (did you mean the built-in module \"path\"?)"#,
    );
    check_error("require('left-pad')", "there is no left-pad\"");
    check_error(
        "require('node:paht')",
        r#"there is no built-in module \"node:paht\" (did you mean the built-in module \"path\"?)"#,
    );
    check_error("require('node:nothing')", "ERR_UNKNOWN_BUILTIN_MODULE");
    check_error("import { joni } from 'path'; export const a = joni", "joni");
}

#[test]
fn what_a_plugin_replaced_breaks_no_module() {
    check(
        &[(
            "main.js",
            "const classes = [String, Map, RegExp, Array];
            for (let i = 0; i < classes.length; i += 1) {
                const { prototype } = classes[i];
                const names = Reflect.ownKeys(prototype);
                for (let k = 0; k < names.length; k += 1) {
                    const { value } = Object.getOwnPropertyDescriptor(prototype, names[k]);
                    if (typeof value === 'function' && names[k] !== 'constructor') prototype[names[k]] = () => { throw new Error('replaced') };
                }
            }
            exports.run = () => require('path').relative('/a/b', '/a/c/d')",
        )],
        "\"../c/d\"",
    );
}
