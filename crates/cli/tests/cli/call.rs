//! `plughold call` and `plughold exec`.

use crate::support::{EXAMPLES, folder, plughold, plughold_in};
use expect_test::{Expect, expect};

#[track_caller]
fn check(args: &[&str], expected: Expect) {
    let (command, args) = args.split_first().unwrap();
    expected.assert_eq(&plughold(&[&[*command, "--dir", EXAMPLES], args].concat()).text());
}

#[track_caller]
fn check_plugin(code: &str, args: &[&str], expected: Expect) {
    let folder = folder(&[("plugins/p.js", code)]);
    expected.assert_eq(&plughold_in(folder.path(), args).text());
}

#[test]
fn an_export_is_called_with_json_and_answers_with_json() {
    check(
        &["call", "word-count", "count", "\"to be or not to be\""],
        expect![[r#"
        {"characters":18,"different":4,"words":6}
        word-count  main.mjs:15        info          word-count 1.2.0 is ready on plughold
        exit 0
    "#]],
    );
    let code = "exports.sum = (...numbers) => numbers.reduce((a, b) => a + b)";
    check_plugin(
        code,
        &["call", "p", "sum", "-1", "2.5", "40"],
        expect![[r#"
        41.5
        exit 0
    "#]],
    );
    check_plugin(
        "exports.nothing = () => {}",
        &["call", "p", "nothing"],
        expect![[r#"
        null
        exit 0
    "#]],
    );
}

#[test]
fn a_stream_is_printed_chunk_by_chunk() {
    let code = "exports.count = async function* (end) { for (let i = 0; i < end; i += 1) yield { i } };\n\
                exports.fail = async function* () { yield 'a'; throw new RangeError('no more') };\n\
                exports.inner = () => ({ stream: ReadableStream.from([1]) })";
    check_plugin(
        code,
        &["call", "p", "count", "3"],
        expect![[r#"
        {"i":0}
        {"i":1}
        {"i":2}
        exit 0
    "#]],
    );
    check_plugin(
        code,
        &["call", "p", "count", "0"],
        expect![[r#"
        exit 0
    "#]],
    );
    check_plugin(
        code,
        &["call", "--json", "p", "count", "2"],
        expect![[r#"
        {"schema":1,"chunk":{"i":0}}
        {"schema":1,"chunk":{"i":1}}
        exit 0
    "#]],
    );
    check_plugin(
        code,
        &["call", "p", "fail"],
        expect![[r#"
        "a"
        error: fail of p threw RangeError: no more
            at <anonymous> (p.js:2:58)
        exit 4
    "#]],
    );
    check_plugin(
        code,
        &["call", "--json", "p", "fail"],
        expect![[r#"
        {"schema":1,"chunk":"a"}
        {"schema":1,"error":{"details":[],"help":null,"message":"fail of p threw RangeError: no more","thrown":{"message":"no more","name":"RangeError","stack":"    at <anonymous> (p.js:2:58)"}}}
        exit 4
    "#]],
    );
    check_plugin(
        code,
        &["call", "p", "inner"],
        expect![[r#"
        {"stream":{"$stream":true}}
        exit 0
    "#]],
    );
}

#[test]
fn what_json_lacks_is_printed_as_the_help_says() {
    let code = "class A { f() {} }\n\
                exports.all = () => [undefined, NaN, 7n, new Date(0), new Uint8Array(2), new Map([[1, 2]]), new Set([3]),\n\
                /a/g, new TypeError('no'), () => 1, new A(), ReadableStream.from([1])]";
    check_plugin(
        code,
        &["call", "p", "all"],
        expect![[r#"
        [null,"NaN","7","1970-01-01T00:00:00.000Z",{"$bytes":2},{"$map":[1,2]},{"$set":[3]},{"$regexp":["a","g"]},{"$error":"TypeError: no"},{"$function":true},{"$object":true},{"$stream":true}]
        exit 0
    "#]],
    );
    let help = plughold(&["call", "--help"]).stdout;
    let stands = &help[help.find("What JSON lacks").unwrap()..];
    expect![[r#"
        What JSON lacks is printed as what stands for it:
          undefined               null
          a BigInt, a Date, NaN   its text
          bytes, a typed array    {"$bytes":length}
          a Map                   {"$map":[key, value, …]}
          a Set                   {"$set":[…]}
          a regular expression    {"$regexp":[source, flags]}
          an error                {"$error":"its name and message"}
          a function, an object   {"$function":true}, {"$object":true}
          an inner stream         {"$stream":true}
    "#]]
    .assert_eq(stands);
}

#[test]
fn what_an_export_throws_is_shown_with_its_stack() {
    check(
        &["call", "word-count", "count", "5"],
        expect![[r#"
            word-count  main.mjs:15        info          word-count 1.2.0 is ready on plughold
            error: count of word-count threw TypeError: expected a text, found number
                at wordsOf (lib/words.mjs:7:83)
                at count (main.mjs:7:25)
            exit 4
        "#]],
    );
    let code = "exports.f = () => { throw new Error('outer', { cause: new RangeError('inner') }) }";
    check_plugin(
        code,
        &["call", "p", "f"],
        expect![[r#"
            error: f of p threw Error: outer
                at <anonymous> (p.js:1:59)
              caused by RangeError: inner
                at <anonymous> (p.js:1:59)
            exit 4
        "#]],
    );
}

#[test]
fn what_does_not_exist_is_not_found_and_the_nearest_is_named() {
    check(
        &["call", "word-cuont", "count"],
        expect![[r#"
        error: there is no plugin word-cuont in examples/plugins
          known: clock, crasher, hello, looper, thrower, word-count
        help: did you mean word-count?
        exit 3
    "#]],
    );
    check(
        &["call", "word-count", "cuont"],
        expect![[r#"
            word-count  main.mjs:15        info          word-count 1.2.0 is ready on plughold
            error: word-count exports no function cuont
              known: count
            help: did you mean count?
            exit 3
        "#]],
    );
    check_plugin(
        "",
        &["call", "p", "f"],
        expect![[r#"
        error: p exports no function f
          known: none
        exit 3
    "#]],
    );
}

#[test]
fn arguments_that_are_not_json_are_a_mistake() {
    check(
        &["call", "word-count", "count", "Ann"],
        expect![[r#"
        error: argument 1 is not JSON: Ann
          expected value at line 1 column 1
        help: a text needs its own quotes: '"Ann"'
        exit 2
    "#]],
    );
}

#[test]
fn a_plugin_that_cannot_be_loaded_cannot_be_called() {
    check(
        &["call", "thrower", "f"],
        expect![[r#"
            error: thrower cannot be loaded: the top level failed: TypeError: cannot read property 'theme' of undefined
                at readSettings (thrower.js:7:10)
                at <eval> (thrower.js:10:1)
            exit 4
        "#]],
    );
}

#[test]
fn a_call_that_kills_its_plugin_says_why() {
    let code = "exports.fill = () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)) }";
    check_plugin(
        code,
        &["call", "p", "fill"],
        expect![[r#"
            error: p ended during the call: its process ended with code 71: out of memory: the plugin used its 64 MiB
            exit 4
        "#]],
    );
}

/// Whoever calls without a limit of its own waits longer than a turn may take.
#[test]
fn a_call_of_a_loop_shows_where_it_loops() {
    let folder = folder(&[("plugins/p.js", "exports.f = () => {\n  for (;;) Math.max(1, 2);\n};")]);
    let ran = plughold_in(folder.path(), &["call", "p", "f"]);
    let error = "error: f of p threw Interrupted: the turn was stopped by the host\n    at or after <anonymous> (p.js:2:";
    assert!(ran.code == Some(4) && ran.stderr.contains(error), "{ran:?}");
}

#[test]
fn a_call_without_an_answer_is_given_up() {
    check_plugin(
        "exports.f = () => new Promise(() => {})",
        &["call", "p", "f"],
        expect![[r#"
        error: f of p gave no answer within 6s
        exit 124
    "#]],
    );
}

#[test]
fn a_command_is_found_whoever_has_it() {
    let folder = folder(&[
        ("a.js", "app.commands.register({ name: 'a.twice', execute: (n) => 2 * n })"),
        (
            "b.js",
            "app.commands.register({ name: 'b.four', execute: async (n) => 2 * (await app.commands.execute('a.twice', [n])) })",
        ),
        ("c.js", "app.commands.register({ name: 'c.list', execute: () => app.commands.list() })"),
        ("d.js", "app.commands.register({ name: 'd.info', execute: () => app.host.info() })"),
    ]);
    let check = |args: &[&str], expected: Expect| {
        expected.assert_eq(&plughold_in(folder.path(), &[&["exec", "--dir", "."], args].concat()).text());
    };
    check(
        &["a.twice", "21"],
        expect![[r#"
        42
        exit 0
    "#]],
    );
    check(
        &["b.four", "10.5"],
        expect![[r#"
        42
        exit 0
    "#]],
    );
    check(
        &["c.list"],
        expect![[r#"
        [{"label":"a.twice","name":"a.twice","plugin":"a"},{"label":"b.four","name":"b.four","plugin":"b"},{"label":"c.list","name":"c.list","plugin":"c"},{"label":"d.info","name":"d.info","plugin":"d"}]
        exit 0
    "#]],
    );
    check(
        &["d.info"],
        expect![[r#"
        {"name":"plughold","platform":"native","version":"0.1.0"}
        exit 0
    "#]],
    );
    check(
        &["a.twcie"],
        expect![[r#"
        error: there is no command a.twcie
          known: a.twice, b.four, c.list, d.info
        help: did you mean a.twice?
        exit 3
    "#]],
    );
}

#[test]
fn a_name_belongs_to_who_registered_it_first() {
    let code = "const add = () => app.commands.register({ name: 'x', execute: () => 1 });\n\
                exports.again = async () => { await add(); await add(); }";
    check_plugin(
        code,
        &["call", "p", "again"],
        expect![[r#"
            error: again of p threw Error: the command x is registered already, by p
                at add (p.js:1:31)
            exit 4
        "#]],
    );
}

#[test]
fn what_a_command_throws_is_shown_with_its_stack() {
    let code = "app.commands.register({ name: 'no', execute: function refuse() { throw new Error('no') } })";
    check_plugin(
        code,
        &["exec", "no"],
        expect![[r#"
            error: no threw Error: no
                at refuse (p.js:1:76)
            exit 4
        "#]],
    );
}

#[test]
fn only_a_limit_of_time_is_a_time_out() {
    let code = "const claim = () => { throw Object.assign(new Error('late'), { code: 'E_DEADLINE' }) };\n\
                app.commands.register({ name: 'claim', execute: claim });\n\
                app.commands.register({ name: 'wait', execute: () => new Promise(() => {}) });\n\
                exports.claim = claim;";
    for (args, code_of_exit) in
        [(&["exec", "claim"][..], 4), (&["call", "p", "claim"], 4), (&["exec", "wait"], 124)]
    {
        let folder = folder(&[("plugins/p.js", code)]);
        let ran = plughold_in(folder.path(), args);
        assert_eq!(ran.code, Some(code_of_exit), "{ran:?}");
    }
}

#[test]
fn programs_get_one_object_whatever_happens() {
    let code = "exports.twice = (n) => 2 * n; exports.no = () => { throw new RangeError('no') };\n\
                app.commands.register({ name: 'half', execute: (n) => n / 2 })";
    check_plugin(
        code,
        &["call", "--json", "p", "twice", "21"],
        expect![[r#"
        {"schema":1,"result":42}
        exit 0
    "#]],
    );
    check_plugin(
        code,
        &["exec", "half", "21", "--json"],
        expect![[r#"
        {"schema":1,"result":10.5}
        exit 0
    "#]],
    );
    check_plugin(
        code,
        &["call", "--json", "p", "no"],
        expect![[r#"
            {"schema":1,"error":{"details":[],"help":null,"message":"no of p threw RangeError: no","thrown":{"message":"no","name":"RangeError","stack":"    at <anonymous> (p.js:1:62)"}}}
            exit 4
        "#]],
    );
    check_plugin(
        code,
        &["exec", "--json", "hafl"],
        expect![[r#"
            {"schema":1,"error":{"details":["known: half"],"help":"did you mean half?","message":"there is no command hafl","thrown":null}}
            exit 3
        "#]],
    );
    check_plugin(
        code,
        &["call", "--json", "q", "twice"],
        expect![[r#"
            {"schema":1,"error":{"details":["known: p"],"help":"did you mean p?","message":"there is no plugin q in ./plugins","thrown":null}}
            exit 3
        "#]],
    );
    check_plugin(
        code,
        &["call", "--json", "p", "twice", "one"],
        expect![[r#"
            {"schema":1,"error":{"details":["expected value at line 1 column 1"],"help":"a text needs its own quotes: '\"one\"'","message":"argument 1 is not JSON: one","thrown":null}}
            exit 2
        "#]],
    );
}

#[test]
fn a_platform_without_data_has_no_profile() {
    let ran = plughold_in(folder(&[]).path(), &["run", "--profile", "profile"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.starts_with("error: --profile: the platform native keeps no data\n"), "{ran:?}");
    let help = plughold(&["run", "--help"]).stdout;
    assert!(help.contains("native keeps none"), "{help}");
}

#[test]
fn what_a_plugin_returns_cannot_move_a_cursor() {
    let code = "exports.f = () => 'a\\u001b[2J\\u009b2J\\u202e'";
    check_plugin(
        code,
        &["call", "p", "f"],
        expect![[r#"
        "a\u001b[2J\u009b2J\u202e"
        exit 0
    "#]],
    );
}

#[test]
fn the_platform_joplin() {
    const PLUGIN: &str = r#"/* joplin-manifest:
{
	"manifest_version": 1,
	"id": "org.example.Greeting",
	"app_min_version": "2.1",
	"version": "1.0.0",
	"name": "Greeting"
}
*/
joplin.plugins.register({
	onStart: async () => {
		await joplin.commands.register({ name: 'greet', label: 'Greet', execute: async (name) => `Hello ${name}` });
	},
});
"#;
    let folder = folder(&[("plugins/greeting.js", PLUGIN)]);
    let check = |args: &[&str], expected: Expect| {
        let joplin = ["--platform", "joplin", "--profile", "profile"];
        expected.assert_eq(&plughold_in(folder.path(), &[&args[..1], &joplin, &args[1..]].concat()).text());
    };
    check(
        &["exec", "greet", "\"Ann\""],
        expect![[r#"
        "Hello Ann"
        exit 0
    "#]],
    );
    check(
        &["exec", "graet"],
        expect![[r#"
        error: there is no command graet
          known: greet
        help: did you mean greet?
        exit 3
    "#]],
    );
    assert!(folder.path().join("profile").is_dir());
    expect![[r#"
        error: plugins/greeting.js is not a plugin that can be loaded
          greeting.js: org.example.Greeting is a joplin package; this is the platform native
        help: give --platform joplin to run it
        error: there is no command greet
          known: none
        exit 3
    "#]]
    .assert_eq(&plughold_in(folder.path(), &["exec", "greet"]).text());
}
