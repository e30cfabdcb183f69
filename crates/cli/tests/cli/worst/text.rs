//! Texts that are no manifest, or not quite: other languages, leftovers of tools, bytes that are no text.

use super::{check, check_native};
use expect_test::expect;

#[test]
fn w01_an_empty_file() {
    check_native(
        "",
        expect![[r#"
          × expected an object, found nothing
           ╭─[p/plughold.json:1:1]
           ╰────
          help: a manifest is JSON: it begins with { and ends with }, with "key": value between them
        exit 1
    "#]],
    );
}

#[test]
fn w02_another_language() {
    check_native(
        "id: my-plugin\nname: My plugin\nversion: 1.0.0\n",
        expect![[r#"
          × unexpected word
           ╭─[p/plughold.json:1:1]
         1 │ id: my-plugin
           · ──
         2 │ name: My plugin
           ╰────
          help: a manifest is JSON: it begins with { and ends with }, with "key": value between them
        exit 1
    "#]],
    );
}

#[test]
fn w03_what_a_merge_left_behind() {
    check_native(
        "{\n  \"id\": \"a\",\n<<<<<<< HEAD\n  \"version\": \"1.0.1\",\n=======\n  \"version\": \"1.1.0\",\n>>>>>>> next\n  \"name\": \"A\"\n}\n",
        expect![[r#"
              × unexpected token
               ╭─[p/plughold.json:3:1]
             2 │   "id": "a",
             3 │ <<<<<<< HEAD
               · ─
             4 │   "version": "1.0.1",
               ╰────
              help: a merge left this behind: keep one of the two versions, and remove the lines that mark
                    them
            exit 1
        "#]],
    );
}

#[test]
fn w04_quotes_of_a_word_processor() {
    check_native(
        "{\n  \u{201c}id\u{201d}: \u{201c}my-plugin\u{201d}\n}\n",
        expect![[r#"
          × unexpected token
           ╭─[p/plughold.json:2:3]
         1 │ {
         2 │   “id”: “my-plugin”
           ·   ─
         3 │ }
           ╰────
          help: texts stand in straight quotes: "
        exit 1
    "#]],
    );
}

#[test]
fn w05_an_object_of_javascript() {
    check_native(
        "module.exports = {\n  id: 'my-plugin',\n};\n",
        expect![[r#"
          × unexpected token
           ╭─[p/plughold.json:1:1]
         1 │ module.exports = {
           · ──────────────
         2 │   id: 'my-plugin',
           ╰────
          help: a manifest is JSON: it begins with { and ends with }, with "key": value between them
        exit 1
    "#]],
    );
    check_native(
        "{\n  id: 'my-plugin',\n}\n",
        expect![[r#"
          × expected string for object property
           ╭─[p/plughold.json:2:3]
         1 │ {
         2 │   id: 'my-plugin',
           ·   ──
         3 │ }
           ╰────
          help: keys and texts stand in double quotes: "key": "text"
        exit 1
    "#]],
    );
}

#[test]
fn w06_a_comma_that_is_missing() {
    check_native(
        "{\n  \"id\": \"my-plugin\"\n  \"name\": \"My plugin\"\n}\n",
        expect![[r#"
          × expected comma
           ╭─[p/plughold.json:2:20]
         1 │ {
         2 │   "id": "my-plugin"
           ·                    ▲
         3 │   "name": "My plugin"
           ╰────
        exit 1
    "#]],
    );
}

#[test]
fn w07_sixteen_bits_for_each_character() {
    let wide: Vec<u8> = "\u{feff}{\"id\": \"a\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(
        &[("p/plughold.json", &wide), ("p/main.js", b"")],
        expect![[r#"
          × p/plughold.json: the file "plughold.json" is not UTF-8: byte 0 is wrong
          help: save the file as UTF-8
        exit 1
    "#]],
    );
}

#[test]
fn w10_it_never_ends() {
    check_native(
        &"[".repeat(100_000),
        expect![[r#"
          × p/plughold.json:1:65: nested deeper than 64 levels
        exit 1
    "#]],
    );
    check_native(
        &format!("{{ \"name\": \"{}\" }}", "x".repeat(2 << 20)),
        expect![[r#"
          × p/plughold.json: the file "plughold.json" is longer than 1 MiB
        exit 1
    "#]],
    );
}
