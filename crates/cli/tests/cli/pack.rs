//! `plughold pack`.

use crate::support::{folder, plughold_in};
use expect_test::expect;
use std::fs;

const MANIFEST: &str = r#"{ "id": "greet", "name": "Greet", "version": "1.0.0" }"#;

#[test]
fn what_is_packed_runs_like_the_folder() {
    let folder = folder(&[
        ("greet/plughold.json", MANIFEST),
        (
            "greet/main.mjs",
            "import { words } from './lib/words.mjs'; export const hello = name => words + name",
        ),
        ("greet/lib/words.mjs", "export const words = 'hello '"),
    ]);
    let at = folder.path();
    let packed = plughold_in(at, &["pack", "greet", "-o", "plugins.plug"]);
    let content = packed.stdout.trim_end().rsplit_once(' ').unwrap().1.to_owned();
    assert_eq!((packed.code, content.len()), (Some(0), 64), "{packed:?}");
    let first = fs::read(at.join("plugins.plug")).unwrap();
    let again = plughold_in(at, &["pack", "greet"]);
    assert!(again.stdout.starts_with("greet-1.0.0.plug: ") && again.stdout.contains(&content), "{again:?}");
    assert_eq!(fs::read(at.join("greet-1.0.0.plug")).unwrap(), first);
    for dir in ["greet", "greet-1.0.0.plug"] {
        let ran = plughold_in(at, &["call", "--dir", dir, "greet", "hello", "\"Ann\""]);
        assert_eq!((ran.stdout.as_str(), ran.code), ("\"hello Ann\"\n", Some(0)), "{ran:?}");
    }
    expect![[r#"
        good plugins.plug: greet 1.0.0, native, asks for no permissions
        exit 0
    "#]]
    .assert_eq(&plughold_in(at, &["check", "plugins.plug"]).text());
}

#[test]
fn what_cannot_be_packed_says_why() {
    let folder = folder(&[
        ("one.js", ""),
        ("bare/main.js", ""),
        ("bad/plughold.json", "{}"),
        ("two/plughold.json", MANIFEST),
        ("two/main.js", ""),
        ("two/Main.js", ""),
    ]);
    let text = |path: &str| plughold_in(folder.path(), &["pack", path]).text();
    expect![[r#"
        error: cannot pack one.js: a single file cannot be packed, expected a folder with a plughold.json
        exit 1
        error: cannot pack bare: it has no plughold.json
        help: write one beside the code, such as { "id": "greet", "name": "Greet", "version": "1.0.0" }
        exit 1
          × the key "id" is missing
           ╭─[bad/plughold.json:1:1]
         1 │ {}
           · ─
           ╰────
          × the key "name" is missing
           ╭─[bad/plughold.json:1:1]
         1 │ {}
           · ─
           ╰────
          × the key "version" is missing
           ╭─[bad/plughold.json:1:1]
         1 │ {}
           · ─
           ╰────
          × the plugin has no code: expected a file main.js, main.mjs or index.js
           ╭─[bad/plughold.json:1:1]
         1 │ {}
           · ─
           ╰────
          help: or name another file with the key "main"
        exit 1
        error: cannot find absent
        exit 3
    "#]]
    .assert_eq(&["one.js", "bare", "bad", "absent"].map(text).concat());
    let found = text("two");
    assert!(
        found.starts_with("error: cannot pack two: the names") && found.contains("differ only in case"),
        "{found}"
    );
}
