//! Stacks that the host is told of name the files that the author wrote, if the package has a map that says so.

use crate::harness::describe;
use crate::modules::{Files, call, next, start};
use plughold_protocol::Message;
use plughold_protocol::record::Target;

/// A file of three lines as a tool writes it from two sources, without its comment.
const CODE: &str = "exports.run = function run() { return inner() };
function inner() { console.log('here'); throw new Error('x') }
exports.shown = () => { try { inner() } catch (error) { return error.stack } };
exports.log = () => { try { inner() } catch (error) { console.log(error) } };
exports.spin = () => { for (;;) Math.random() };
exports.reject = () => { Promise.reject(new Error('lonely')) };
";

/// Line 1 is line 10 of src/main.ts, line 2 is line 20 of src/inner.ts, the others are below line 30 of src/main.ts.
const MAP: &str = r#"{"version":3,"sourceRoot":"","sources":["../src/main.ts","webpack:///./src/inner.ts"],"sourcesContent":["a {\"mappings\":\"!\"}",null],"names":[],"mappings":"AASA;ACUA;ADUA;AACA;AACA;AACA"}"#;

fn script(comment: &str) -> String {
    format!("{CODE}{comment}")
}

/// The stack with which `run` ends.
fn stack_of(files: Files) -> String {
    let (mut runner, said) = start(files);
    assert_eq!(said, "Ready run shown log spin reject");
    let id = runner.call(Target::Export("run"), &[0x90]);
    loop {
        let message = next(&mut runner, files);
        if let Message::Return { id: answered, .. } = message.message() {
            assert_eq!(answered, id);
            let text = describe(&message.message());
            return text.split("stack: \"").nth(1).unwrap().split("\"}").next().unwrap().to_owned();
        }
    }
}

const MAPPED: &str = r"    at inner (src/inner.ts:20:1)\n    at run (src/main.ts:10:1)";
const RAW: &str = r"    at inner (main.js:2:51)\n    at run (main.js:1:38)";

#[test]
fn a_map_beside_the_file_or_in_it_is_used() {
    let text = script("//# sourceMappingURL=maps/main.js.map\n");
    assert_eq!(stack_of(&[("main.js", &text), ("maps/main.js.map", MAP)]), MAPPED);
    let mut percent = String::new();
    for byte in MAP.bytes() {
        percent.push_str(&format!("%{byte:02x}"));
    }
    let text = script(&format!("//# sourceMappingURL=data:application/json,{percent}"));
    assert_eq!(stack_of(&[("main.js", &text)]), MAPPED);
    let text =
        script(&format!("//# sourceMappingURL=data:application/json;charset=utf-8;base64,{}", base64(MAP)));
    assert_eq!(stack_of(&[("main.js", &text)]), MAPPED);
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in text.as_bytes().chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            let is_padding = group.len() < digit;
            out.push(if is_padding {
                '='
            } else {
                char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize])
            });
        }
    }
    out
}

#[test]
fn without_a_map_that_can_be_read_stacks_name_the_code() {
    let check = |comment: &str, map: &str| {
        let text = script(comment);
        assert_eq!(stack_of(&[("main.js", &text), ("main.js.map", map)]), RAW, "{comment} {map}");
    };
    let own = "//# sourceMappingURL=main.js.map";
    check("", MAP);
    check("//# sourceMappingURL=absent.js.map", MAP);
    check("//# sourceMappingURL=https://example.com/main.js.map", MAP);
    check("//# sourceMappingURL=../../main.js.map.map", MAP);
    check("//# sourceMappingURL=data:application/json;base64,***", MAP);
    check("//# sourceMappingURL=data:", MAP);
    check(own, "");
    check(own, "{}");
    check(own, "null");
    check(own, &"[".repeat(1 << 20));
    check(own, &MAP.replace("AASA", "!"));
    check(own, &MAP.replace("AASA", "AADA"));
    check(own, &MAP.replace("AASA", "AAggggggggggggggA"));
    check(own, &MAP.replace("AASA;ACUA", "A;A"));
    check(own, &MAP.replace("AASA;ACUA", "AEAA;ACAA"));
    check(own, &MAP.replace("\"sources\"", "\"saucers\""));
    let long = format!("{}{}", MAP, " ".repeat(plughold_protocol::limits::SOURCE_MAP));
    check(own, &long);
}

#[test]
fn everything_that_the_host_is_told_of_is_mapped_and_nothing_else() {
    let text = script("//# sourceMappingURL=main.js.map");
    let files: Files = &[("main.js", &text), ("main.js.map", MAP)];
    let (mut runner, _) = start(files);
    let mut said = |export: &str, count: usize| {
        let first = call(&mut runner, files, export);
        let rest = (1..count).map(|_| describe(&next(&mut runner, files).message()));
        std::iter::once(first).chain(rest).collect::<Vec<_>>()
    };
    let place = "Info here at src/inner.ts:20:1";
    let shown = said("shown", 2);
    assert_eq!(shown[0], place);
    assert!(
        shown[1].contains(r#""    at inner (main.js:2:51)\n    at <anonymous> (main.js:3:"#),
        "{shown:?}"
    );
    let logged = said("log", 3);
    assert_eq!(logged[0], place);
    assert!(
        logged[1]
            .starts_with("Info Error: x\n    at inner (src/inner.ts:20:1)\n    at <anonymous> (src/main.ts:"),
        "{logged:?}"
    );
    assert!(logged[1].contains(" at src/main.ts:31:1"), "{logged:?}");
    let rejected = said("reject", 2);
    assert!(
        rejected[1].contains(r#"message: "lonely", stack: "    at <anonymous> (src/main.ts:33:1)"#),
        "{rejected:?}"
    );
}

#[test]
fn modules_have_maps_of_their_own() {
    let library = "export function inner() { throw new Error('x') }\n//# sourceMappingURL=lib.mjs.map";
    let map = r#"{"version":3,"sources":["lib.ts"],"names":[],"mappings":"AAEA"}"#;
    let common = "module.exports = () => { throw new Error('y') }\n/*# sourceMappingURL=c.map */";
    let files: Files = &[
        (
            "main.js",
            "import { inner } from './lib/lib.mjs'; import c from './lib/c.cjs';\nexport const run = () => inner();\nexport const other = () => c();",
        ),
        ("lib/lib.mjs", library),
        ("lib/lib.mjs.map", map),
        ("lib/c.cjs", common),
        ("lib/c.map", &map.replace("lib.ts", "../c.ts")),
    ];
    let (mut runner, _) = start(files);
    let stack = |text: String| text.split("stack: \"").nth(1).unwrap().to_owned();
    assert_eq!(
        stack(call(&mut runner, files, "run")),
        r#"    at inner (lib/lib.ts:3:1)\n    at run (main.js:2:26)"}"#
    );
    let other = stack(call(&mut runner, files, "other"));
    assert!(other.contains(r"(c.ts:3:1)\n    at other (main.js:3:"), "{other}");
}

#[test]
fn stacks_of_the_host_are_left_as_they_are() {
    let text =
        format!("exports.run = async () => {{ await app.echo() }};\n{CODE}//# sourceMappingURL=main.js.map");
    let files: Files = &[("main.js", &text), ("main.js.map", MAP)];
    let (mut runner, _) = start(files);
    let id = runner.call(Target::Export("shown"), &[0x90]);
    let _log = next(&mut runner, files);
    assert!(describe(&next(&mut runner, files).message()).starts_with(&format!("Return {id} ")));
    let text = text.replacen("exports.run = function run", "exports.other = function run", 1);
    let files: Files = &[("main.js", &text), ("main.js.map", MAP)];
    let (mut runner, _) = start(files);
    let _call = runner.call(Target::Export("run"), &[0x90]);
    let (echo, _, _) = runner.expect_call();
    // An error of another plugin, whose file has the same name.
    let map = b"\x83\xa4name\xa5Error\xa7message\xa3far\xa5stack\xb8    at far (main.js:1:1)";
    runner.answer_error(echo, &[&[0xc7, map.len() as u8, 6][..], map].concat());
    let ended = describe(&next(&mut runner, files).message());
    assert!(ended.contains(r#"stack: "    at far (main.js:1:1)\n    at <anonymous> (src/main.ts:10:1)""#), "{ended}");
}
