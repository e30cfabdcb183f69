use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::package::Package;
use crate::testing::Folder;

#[track_caller]
fn check(manifest: &str, expected: Expect) {
    Folder::new(&[("plughold.json", manifest), ("main.js", "go()")]).check("", expected);
}

#[track_caller]
fn check_script(file: &str, text: &str, expected: Expect) {
    Folder::new(&[(file, text)]).check(file, expected);
}

#[test]
fn a_manifest_with_everything() {
    check(
        r#"{
  // The id never changes.
  "$schema": "https://example.com/plughold.schema.json",
  "id": "word-count",
  "name": "Word count",
  "version": "1.2.3-beta.1",
  "description": "Counts words.\nAnd lines.",
  "author": "Ada",
  "main": "./main.js",
  "type": "module",
  "permissions": ["notes.read", { "name": "net.fetch", "reason": "to look up words" }],
  "dependencies": { "dictionary": "^1.2", "counter": "*" },
  "limits": { "memory": "64 MiB", "stack": 131072 },
  "plughold": ">=0.1, <2",
}"#,
        expect![[r#"
            native word-count 1.2.3-beta.1 "Word count" "Counts words.\nAnd lines." "Ada" Module main.js
            asks notes.read None
            asks net.fetch Some("to look up words")
            needs dictionary ^1.2
            needs counter *
            memory 67108864
            stack 131072
            requires >=0.1, <2"#]],
    );
    check(
        "\u{feff}{\"id\": \"a\", \"name\": \"A\", \"version\": \"1.0.0\"}",
        expect![[r#"native a 1.0.0 "A" "" "" Script main.js"#]],
    );
}

#[test]
fn wrong_dependencies_are_told() {
    check(
        r#"{"id": "a", "name": "A", "version": "1.0.0", "dependencies": {
  "b": "new",
  "c/d": "*",
  "a": "*",
  "e": "*",
  "e": "^1",
  "f": 1,
}}"#,
        expect![[r#"
            DIR is not a plugin that can be loaded
            plughold.json:2:8: expected a range of versions such as ">=0.1", found "new": unexpected character 'n' while parsing major version number
            plughold.json:3:3: the id "c/d" holds "/", expected only letters, digits, ".", "_" and "-" of ASCII
              help: "dependencies" are other plugins; packages of npm have to be bundled into the plugin's own code
            plughold.json:4:3: the plugin "a" needs itself
            plughold.json:6:3: the plugin "e" is needed a second time
            plughold.json:7:8: the range of "f" must be a string, found a number"#]],
    );
    check(
        r#"{"id": "a", "name": "A", "version": "1.0.0", "dependencies": ["b"]}"#,
        expect![[r#"
            DIR is not a plugin that can be loaded
            plughold.json:1:62: "dependencies" must be an object, found an array"#]],
    );
    let many = Vec::from_iter((0..1_001).map(|number| format!("\"p{number}\": \"*\""))).join(",");
    check(
        &format!(r#"{{"id": "a", "name": "A", "version": "1.0.0", "dependencies": {{{many}}}}}"#),
        expect![[r#"
            DIR is not a plugin that can be loaded
            plughold.json:1:62: "dependencies" has 1001 keys, expected at most 1000"#]],
    );
}

#[test]
fn a_comment_that_is_nearly_a_manifest_is_told() {
    check_script(
        "a.js",
        "// MIT\n// plughold: { \"id\": \"b\" }\ngo()",
        expect![[r#"
        native a 0.0.0 "a" "" "" Script a.js
        warning: a.js:2:1: this comment is not read as a manifest
          help: a manifest is written as /* plughold: { … } */"#]],
    );
    check_script(
        "a.mjs",
        "/* plughold { } */",
        expect![[r#"
        native a 0.0.0 "a" "" "" Module a.mjs
        warning: a.mjs:1:1: this comment is not read as a manifest
          help: a manifest is written as /* plughold: { … } */"#]],
    );
    check_script(
        "a.js",
        "/* plughold: {} */\n// plughold: {}",
        expect![[r#"native a 0.0.0 "a" "" "" Script a.js"#]],
    );
    check_script(
        "a.js",
        "/* plughold: { \"main\": \"a.js\" } */",
        expect![[r#"
        DIR/a.js is not a plugin that can be loaded
        a.js:1:24: a plugin of one file is its own "main"
          help: leave this key out"#]],
    );
}

#[test]
fn to_need_a_plugin_is_to_ask_for_it() {
    let manifest = r#"{"id": "a", "name": "A", "version": "1.0.0", "dependencies": {"b": "*", "c": "*"},
        "permissions": ["x", {"name": "plugins.c", "reason": "it counts"}]}"#;
    let folder = Folder::new(&[("plughold.json", manifest), ("main.js", "go()")]);
    let package = Package::open(folder.path()).unwrap();
    let asked = Vec::from_iter(package.asked().map(|permission| (permission.name, permission.reason)));
    let named = |name: &str, reason: Option<&str>| (name.to_owned(), reason.map(str::to_owned));
    assert_eq!(asked, [named("x", None), named("plugins.c", Some("it counts")), named("plugins.b", None)]);
}

#[test]
fn all_problems_are_told_at_once() {
    check(
        r#"{
  "id": "a/b",
  "nmae": "A",
  "version": "1.0",
  "author": "\u001b[2J",
  "main": "../main.js",
  "type": "commonjs",
  "permissions": ["notes.read", "notes.read", 7, "no tes", { "reason": 1, "why": "" }],
  "limits": { "memory": "64", "stack": 1, "cpu": 1 },
  "plughold": "new",
  "version": "1.0.0",
  "kind": "module"
}"#,
        expect![[r#"
            DIR is not a plugin that can be loaded
            plughold.json:1:1: the key "name" is missing
            plughold.json:2:9: the id "a/b" holds "/", expected only letters, digits, ".", "_" and "-" of ASCII
            plughold.json:3:3: unknown key "nmae"
              help: did you mean "name"?
            plughold.json:5:13: "author" holds control characters: "\u{1b}[2J"
            plughold.json:6:11: "main": the name "../main.js" holds "..", expected one that stays inside the package
            plughold.json:7:11: "type" must be "module" or "script", found "commonjs"
            plughold.json:8:33: the permission "notes.read" is asked for a second time
            plughold.json:8:47: a permission is a string or an object with "name", found a number
            plughold.json:8:50: expected a permission such as "notes.read", found "no tes"
            plughold.json:8:60: a permission needs the key "name"
            plughold.json:8:72: "reason" must be a string, found a number
            plughold.json:8:75: unknown key "why"
              help: the keys are name, reason
            plughold.json:9:25: "memory": expected a size such as "64 MiB", found "64"
            plughold.json:9:40: "stack": 1 byte is out of range, expected 64 KiB to 1 MiB
            plughold.json:9:43: unknown key "cpu"
              help: the keys are memory, stack
            plughold.json:10:15: expected a range of versions such as ">=0.1", found "new": unexpected character 'n' while parsing major version number
            plughold.json:11:3: the key "version" stands here a second time
            plughold.json:12:3: unknown key "kind"
              help: did you mean "type"?"#]],
    );
}

#[test]
fn wrong_types() {
    check(
        r#"{"id": 1, "name": null, "version": [], "description": {}, "author": true, "main": 1, "type": 2,
  "permissions": "notes.read", "limits": 3, "plughold": 4, "$schema": 5}"#,
        expect![[r#"
            DIR is not a plugin that can be loaded
            plughold.json:1:8: "id" must be a string, found a number
            plughold.json:1:19: "name" must be a string, found null
            plughold.json:1:36: "version" must be a string, found an array
            plughold.json:1:55: "description" must be a string, found an object
            plughold.json:1:69: "author" must be a string, found a boolean
            plughold.json:1:83: "main" must be a string, found a number
            plughold.json:1:94: "type" must be a string, found a number
            plughold.json:2:18: "permissions" must be an array, found a string
            plughold.json:2:42: "limits" must be an object, found a number
            plughold.json:2:57: "plughold" must be a string, found a number
            plughold.json:2:71: "$schema" must be a string, found a number"#]],
    );
    check(
        r#"{"id": "a", "name": " ", "version": "1.0.0", "limits": {"memory": 1.5, "stack": null}}"#,
        expect![[r#"
        DIR is not a plugin that can be loaded
        plughold.json:1:21: "name" is empty
        plughold.json:1:67: "memory": expected a whole number of bytes, found "1.5"
        plughold.json:1:81: "stack": expected a size such as "64 MiB" or a number of bytes, found null"#]],
    );
    check(
        r#"{"id": "a", "name": "A", "version": "99999999999999999999.0.0", "limits": {"memory": "5 GiB"}}"#,
        expect![[r#"
        DIR is not a plugin that can be loaded
        plughold.json:1:37: expected a version such as "1.0.0", found "99999999999999999999.0.0": value of major version number exceeds u64::MAX
        plughold.json:1:86: "memory": 5 GiB is out of range, expected 4 MiB to 4 GiB"#]],
    );
}

#[test]
fn what_is_not_an_object() {
    check(
        "",
        expect![[r#"
            DIR is not a plugin that can be loaded
            plughold.json:1:1: expected an object, found nothing
              help: a manifest is JSON: it begins with { and ends with }, with "key": value between them"#]],
    );
    check(
        "[]",
        expect![[r#"
        DIR is not a plugin that can be loaded
        plughold.json:1:1: expected an object, found an array"#]],
    );
    check(
        "{\n  \"id\": \"a\"\n  \"name\": \"A\"\n}",
        expect![[r#"
        DIR is not a plugin that can be loaded
        plughold.json:2:12: expected comma"#]],
    );
    check(
        "{\"id\": \"a",
        expect![[r#"
        DIR is not a plugin that can be loaded
        plughold.json:1:8: unterminated string literal"#]],
    );
    check(
        &"[".repeat(100_000),
        expect![[r#"
        DIR is not a plugin that can be loaded
        plughold.json:1:65: nested deeper than 64 levels"#]],
    );
    check(
        &format!("{{\"id\": \"{}\"}}", "x".repeat(1 << 20)),
        expect![[r#"
            DIR is not a plugin that can be loaded
            plughold.json: the file "plughold.json" is longer than 1 MiB"#]],
    );
}

#[test]
fn long_texts_and_lists_are_refused() {
    let manifest = format!(
        r#"{{"id": "a", "name": "{}", "version": "1.0.0", "description": "{}", "permissions": [{}0]}}"#,
        "n".repeat(1_025),
        "d".repeat(16_385),
        "0,".repeat(1_000),
    );
    check(
        &manifest,
        expect![[r#"
        DIR is not a plugin that can be loaded
        plughold.json:1:21: "name" has 1025 bytes, expected at most 1024
        plughold.json:1:1085: "description" has 16385 bytes, expected at most 16384
        plughold.json:1:17489: "permissions" has 1001 elements, expected at most 1000"#]],
    );
}

#[test]
fn manifest_that_is_no_text() {
    let folder = Folder::new(&[("main.js", "")]);
    folder.write("plughold.json", b"{\xff}");
    folder.check(
        "",
        expect![[r#"
            DIR is not a plugin that can be loaded
            plughold.json: the file "plughold.json" is not UTF-8: byte 1 is wrong
              help: save the file as UTF-8"#]],
    );
}

#[test]
fn main_is_found_and_must_be_code() {
    const NAMED: &str = r#"{"id": "a", "name": "A", "version": "1.0.0"}"#;
    Folder::new(&[("plughold.json", NAMED)]).check(
        "",
        expect![[r#"
            DIR is not a plugin that can be loaded
            plughold.json:1:1: the plugin has no code: expected a file main.js, main.mjs or index.js
              help: or name another file with the key "main""#]],
    );
    Folder::new(&[("plughold.json", NAMED), ("main.mjs", "")])
        .check("", expect![[r#"native a 1.0.0 "A" "" "" Module main.mjs"#]]);
    Folder::new(&[("plughold.json", NAMED), ("index.js", "export {}")])
        .check("", expect![[r#"native a 1.0.0 "A" "" "" Module index.js"#]]);
    let main = |name: &str, kind: &str| {
        format!(r#"{{"id": "a", "name": "A", "version": "1.0.0", "main": "{name}"{kind}}}"#)
    };
    let folder = |manifest: String| {
        Folder::new(&[("plughold.json", &manifest), ("src/a.js", "export {}"), ("b.txt", "")])
    };
    folder(main("src/a.js", "")).check("", expect![[r#"native a 1.0.0 "A" "" "" Module src/a.js"#]]);
    folder(main("src/a.js", ", \"type\": \"script\""))
        .check("", expect![[r#"native a 1.0.0 "A" "" "" Script src/a.js"#]]);
    folder(main("src", "")).check(
        "",
        expect![[r#"
        DIR is not a plugin that can be loaded
        plughold.json:1:54: "main" must be a .js or .mjs file, found "src""#]],
    );
    folder(main("src/b.js", "")).check(
        "",
        expect![[r#"
        DIR is not a plugin that can be loaded
        plughold.json:1:54: "main": the package holds no file "src/b.js""#]],
    );
    for left_out in [".a.js", "node_modules/a.js", "src/.b/a.js"] {
        let folder = folder(main(left_out, ""));
        folder.write(left_out, b"");
        let found = Package::open(folder.path()).unwrap_err().to_string();
        let words = format!("\"main\": \"{left_out}\" is none of the package's files");
        assert!(found.contains(&words), "{found}");
    }
    folder(main("b.txt", "")).check(
        "",
        expect![[r#"
        DIR is not a plugin that can be loaded
        plughold.json:1:54: "main" must be a .js or .mjs file, found "b.txt""#]],
    );
    folder(main("/src/a.js", "")).check("", expect![[r#"
        DIR is not a plugin that can be loaded
        plughold.json:1:54: "main": the name "/src/a.js" is absolute, expected one relative to the package"#]]);
    let not_text = folder(main("src/a.js", ""));
    not_text.write("src/a.js", b"ab\xff");
    not_text.check(
        "",
        expect![[r#"
            DIR is not a plugin that can be loaded
            src/a.js: the file "src/a.js" is not UTF-8: byte 2 is wrong
              help: save the file as UTF-8"#]],
    );
}

#[test]
fn one_script() {
    check_script("hello.js", "go()", expect![[r#"native hello 0.0.0 "hello" "" "" Script hello.js"#]]);
    check_script("hello.MJS", "go()", expect![[r#"native hello 0.0.0 "hello" "" "" Module hello.MJS"#]]);
    check_script(
        "hello.js",
        "export default 1",
        expect![[r#"native hello 0.0.0 "hello" "" "" Module hello.js"#]],
    );
    check_script(
        "hello.js",
        "#!/usr/bin/env plughold\n// MIT\n/* plughold: {\n  // mine\n  \"name\": \"Hello\", \"version\": \"2.0.0\", \"type\": \"module\",\n  \"permissions\": [\"notes.read\"],\n} */\ngo()",
        expect![[r#"
            native hello 2.0.0 "Hello" "" "" Module hello.js
            asks notes.read None"#]],
    );
    check_script(
        "hello world.js",
        "/* plughold: {\"id\": \"hello\"} */",
        expect![[r#"native hello 0.0.0 "hello" "" "" Script hello world.js"#]],
    );
    check_script(
        "hello.mjs",
        "/* plughold: {\"type\": \"script\"} */",
        expect![[r#"native hello 0.0.0 "hello" "" "" Script hello.mjs"#]],
    );
}

#[test]
fn one_script_with_problems() {
    check_script(
        "hello world.js",
        "go()",
        expect![[r#"
        DIR/hello world.js is not a plugin that can be loaded
        hello world.js: the file's name is no id: the id "hello world" holds " ", expected only letters, digits, ".", "_" and "-" of ASCII
          help: rename the file, or start it with /* plughold: { "id": "…" } */"#]],
    );
    check_script(
        "-.js",
        "go()",
        expect![[r#"
        DIR/-.js is not a plugin that can be loaded
        -.js: the file's name is no id: the id "-" must start and end with a letter or a digit
          help: rename the file, or start it with /* plughold: { "id": "…" } */"#]],
    );
    check_script(
        "hello.js",
        "// MIT\n/* plughold: { \"main\": \"a.js\", \"version\": \"1\",\n  \"id\": \"\" } */",
        expect![[r#"
            DIR/hello.js is not a plugin that can be loaded
            hello.js:2:24: a plugin of one file is its own "main"
              help: leave this key out
            hello.js:2:43: expected a version such as "1.0.0", found "1": unexpected end of input while parsing major version number
            hello.js:3:9: the id "" has 0 bytes, expected 1 to 128"#]],
    );
    check_script(
        "hello.js",
        "/* plughold: name */",
        expect![[r#"
            DIR/hello.js is not a plugin that can be loaded
            hello.js:1:14: unexpected word
              help: a manifest is JSON: it begins with { and ends with }, with "key": value between them"#]],
    );
    check_script(
        "hello.js",
        "\n /* plughold: */",
        expect![[r#"
            DIR/hello.js is not a plugin that can be loaded
            hello.js:2:14: expected an object, found nothing
              help: a manifest is JSON: it begins with { and ends with }, with "key": value between them"#]],
    );
    check_script(
        "hello.js",
        "/*plughold:*/",
        expect![[r#"
            DIR/hello.js is not a plugin that can be loaded
            hello.js:1:12: expected an object, found nothing
              help: a manifest is JSON: it begins with { and ends with }, with "key": value between them"#]],
    );
    check_script(
        "hello.js",
        "/* plughold: { \"name\": \"a\"",
        expect![[r#"
        DIR/hello.js is not a plugin that can be loaded
        hello.js:1:14: unterminated object"#]],
    );
    let folder = Folder::new(&[]);
    folder.write("bytes.js", b"\xff");
    folder.check(
        "bytes.js",
        expect![[r#"
            DIR/bytes.js is not a plugin that can be loaded
            bytes.js: the file "bytes.js" is not UTF-8: byte 0 is wrong
              help: save the file as UTF-8"#]],
    );
}

#[test]
fn what_is_no_package() {
    let folder = Folder::new(&[("a.txt", ""), ("b/c.js", "")]);
    folder.check("a.txt", expect![[r#"
        DIR/a.txt is not a plugin that can be loaded
        a.txt: not a plugin in any known format
          help: a plugin is a .js, .mjs, .plug or .jpl file, or a folder with a "plughold.json", a "manifest.json", a "plugin.json" or a "hitchy.json""#]]);
    folder.check("b", expect![[r#"
        DIR/b is not a plugin that can be loaded
        b: not a plugin in any known format
          help: a plugin is a .js, .mjs, .plug or .jpl file, or a folder with a "plughold.json", a "manifest.json", a "plugin.json" or a "hitchy.json""#]]);
    folder.check(
        "absent.js",
        expect![[r#"
        DIR/absent.js is not a plugin that can be loaded
        absent.js: cannot be read: No such file or directory (os error 2)"#]],
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_manifest_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let folder = Folder::new(&[("main.js", "")]);
        folder.write("plughold.json", &bytes);
        let _ = Package::open(folder.path());
    }

    #[test]
    fn no_nearly_json_panics(text in r#"[{}\[\]":,\\/*a-z0-9é\n -]{0,60}"#) {
        let folder = Folder::new(&[("main.js", "")]);
        folder.write("plughold.json", format!("{{\"id\": {text}").as_bytes());
        folder.write("a.js", format!("/* plughold: {text} */").as_bytes());
        let _ = Package::open(folder.path());
        let _ = Package::open(folder.path().join("a.js"));
    }

    #[test]
    fn no_script_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let folder = Folder::new(&[]);
        folder.write("a.js", &bytes);
        folder.write("b.js", &[b"/* plughold: {", bytes.as_slice()].concat());
        let _ = Package::open(folder.path().join("a.js"));
        let _ = Package::open(folder.path().join("b.js"));
    }

    #[test]
    fn no_nearly_script_panics(text in r#"[`$'"{}()\\/*.\n éimportexport\[\];-]{0,80}"#) {
        crate::syntax::of(&text);
        crate::script::native_comment(&text);
        crate::script::joplin_comment(&text);
    }
}

#[test]
fn a_manifest_full_of_problems_is_told_in_part() {
    let keys: String = (0..20_000).map(|number| format!("\"key{number}\": 1,\n")).collect();
    let folder = Folder::new(&[("plughold.json", &format!("{{{keys}}}"))]);
    let items = Package::open(folder.path()).unwrap_err().items;
    assert_eq!(items.len(), 51);
    assert_eq!(items.last().unwrap().message, "there are more problems than the first 50");
}

#[test]
fn settings_and_activation() {
    let folder = Folder::new(&[("p/main.js", "")]);
    let manifest =
        |keys: &str| format!("{{\"id\": \"a\", \"name\": \"A\", \"version\": \"1.0.0\",\n{keys}}}");
    let good = r#""activation": "needed", "settings": {
"text": {"type": "string", "label": "Text"},
"choice": {"type": "string", "label": "Choice", "choices": ["x", "y"]},
"far": {"type": "integer", "label": "Far", "minimum": 3},
"below": {"type": "number", "label": "Below", "description": "Zero", "maximum": -0.5},
"flag": {"type": "boolean", "label": "Flag", "default": true},
}"#;
    folder.write("p/plughold.json", manifest(good).as_bytes());
    folder.check(
        "p",
        expect![[r#"
        native a 1.0.0 "A" "" "" Script main.js
        setting text "Text" "" Text { default: "", choices: [], secret: false }
        setting choice "Choice" "" Text { default: "x", choices: ["x", "y"], secret: false }
        setting far "Far" "" Integer(Numbers { default: 3, minimum: Some(3), maximum: None })
        setting below "Below" "Zero" Number(Numbers { default: -0.5, minimum: None, maximum: Some(-0.5) })
        setting flag "Flag" "" Flag { default: true }
        started when needed"#]],
    );
    let wrong = r#""activation": "never", "settings": {
"no name!": {"type": "string", "label": "Text"},
"a": {"type": "string", "label": "", "choices": [], "minimum": 1},
"b": {"type": "integer", "label": "B", "minimum": 5, "maximum": 3},
"c": {"type": "integer", "label": "C", "minimum": 5, "default": 3},
"d": {"type": "number", "label": "D", "default": "3"},
"e": {"type": "text"},
"a": {"type": "boolean", "label": "A"},
}"#;
    folder.write("p/plughold.json", manifest(wrong).as_bytes());
    folder.check(
        "p",
        expect![[r#"
        DIR/p is not a plugin that can be loaded
        plughold.json:2:15: "activation" must be "start" or "needed", found "never"
        plughold.json:3:1: expected the name of a setting such as "colour", found "no name!"
          help: letters, digits, ".", "_" and "-", at most 128 of them
        plughold.json:4:34: "label" is empty
        plughold.json:4:49: "choices" is empty
        plughold.json:4:53: unknown key "minimum"
          help: the keys are type, label, description, default, choices, secret
        plughold.json:5:65: "maximum" is less than "minimum"
        plughold.json:6:65: the default is out of range
        plughold.json:7:50: "default" must be a number, found a string
        plughold.json:8:6: a setting needs the key "label"
        plughold.json:8:15: "type" must be one of string, number, integer, boolean, found "text"
        plughold.json:9:1: the key "a" stands here a second time"#]],
    );
}

#[test]
fn a_plugin_for_another_plughold_is_read_and_does_not_run() {
    let open = |range: &str| {
        let manifest = format!(r#"{{"id": "a", "name": "A", "version": "1.0.0", "plughold": "{range}"}}"#);
        let folder = Folder::new(&[("plughold.json", &manifest), ("main.js", "")]);
        let package = Package::open(folder.path()).unwrap();
        package.runs().map(|entry| entry.name.clone()).map_err(|error| error.to_string())
    };
    assert_eq!(open(">=0.1"), Ok("main.js".to_owned()));
    assert_eq!(open("*"), Ok("main.js".to_owned()));
    let found = env!("CARGO_PKG_VERSION");
    assert_eq!(open(">=99"), Err(format!("it is for Plughold >=99, and this is {found}")));
}
