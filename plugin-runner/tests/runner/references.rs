//! Functions and objects of the host in the plugin: what they are there, how they are called, when they are given back.

use crate::encoded::{
    array, described, extension, function, home, map, names, number, object, text, written,
};
use crate::harness::{Options, Runner, show};
use plughold_protocol::Message;
use plughold_protocol::record::{Limits, Target};
use plughold_protocol::value as form;

/// `run(text, ...arguments)` calls the function that the text is.
const RUN: &str = "exports.run = (text, ...args) => (0, eval)(`(${text})`)(...args);";

const NULL: &[u8] = &[0xc0];

fn start() -> Runner {
    Runner::with_script(RUN)
}

/// Calls the function `code` in the plugin with these encoded arguments.
fn call(runner: &mut Runner, code: &str, arguments: &[Vec<u8>]) -> u64 {
    let all: Vec<Vec<u8>> = [text(code)].into_iter().chain(arguments.iter().cloned()).collect();
    runner.call(Target::Export("run"), &array(&all))
}

/// Calls and gives how it ended.
fn run(runner: &mut Runner, code: &str, arguments: &[Vec<u8>]) -> String {
    let id = call(runner, code, arguments);
    runner.returned(id)
}

/// An object with two methods and one accessor.
fn database(id: u64) -> Vec<u8> {
    object(id, "Database", &["query", "dispose"], &["size"])
}

#[test]
fn a_function_of_the_host_is_a_function() {
    let mut runner = start();
    let mut check = |code: &str, expected: &str| {
        assert_eq!(run(&mut runner, code, &[function(7)]), expected, "{code}");
    };
    check("(f) => typeof f", "\"function\"");
    check("(f) => [f.name, f.length]", "[\"hostFunction\", 0]");
    check("(f) => [f instanceof Function, Object.getPrototypeOf(f) === Function.prototype]", "[true, true]");
    check("(f) => Object.prototype.toString.call(f)", "\"[object Function]\"");
    check("(f) => String(f)", "\"function hostFunction() {\\n    [native code]\\n}\"");
    check("(f) => [Object.isFrozen(f), Reflect.set(f, 'x', 1), f.x]", "[true, false, undefined]");
    check("(f) => { 'use strict'; try { f.x = 1 } catch (error) { return error.name } }", "\"TypeError\"");
    check("(f) => { try { new f() } catch (error) { return error.name } }", "\"TypeError\"");
    check("(f) => [Object.keys(f), Object.getOwnPropertySymbols(f)]", "[[], []]");
    check("(f) => 'prototype' in f", "false");
    check("(f) => JSON.stringify({ f })", "\"{}\"");
    runner.end_at_zero();
}

#[test]
fn a_function_of_the_host_is_called_like_any_other() {
    let mut runner = start();
    let mut check = |code: &str, expected: &str| {
        let id = call(&mut runner, code, &[function(7)]);
        let (there, text) = runner.any_call();
        assert_eq!(text, format!("Function(7) {expected}"), "{code}");
        runner.answer(there, &[0x2a]);
        assert_eq!(runner.returned(id), "42", "{code}");
    };
    check("(f) => f()", "[]");
    check("(f) => f(1, 'x', undefined)", "[1, \"x\", undefined]");
    check("(f) => f.call({ ignored: 1 }, 2)", "[2]");
    check("(f) => f.apply(null, [1, 2])", "[1, 2]");
    check("(f) => f.bind(null, 1)(2)", "[1, 2]");
    check("(f) => Reflect.apply(f, undefined, [3])", "[3]");
    check("(f) => ({ f }).f(4)", "[4]");
    check("(f) => [5].map((x) => f(x))[0]", "[5]");
    check("(f) => f`x`", "[[\"x\"]]");
    check("(f) => f(f)", "[home#7]");
    check("async (f) => await f({ f, list: [f] })", "[{f: home#7, list: [home#7]}]");
    check("(f) => Promise.resolve(6).then((x) => f(x))", "[6]");
    runner.end_at_zero();
}

#[test]
fn what_a_function_of_the_host_throws_rejects() {
    let mut runner = start();
    let id = call(&mut runner, "(f) => f(Symbol()).catch((error) => error.message)", &[function(7)]);
    assert_eq!(runner.returned(id), "\"cannot send arguments[0]: a symbol has no copy\"");
    let id = call(&mut runner, "(f) => f().catch((error) => [error.name, error.message])", &[function(7)]);
    let (there, _) = runner.any_call();
    runner.answer_error(
        there,
        &extension(form::ERROR, &map(&[("name", text("Oops")), ("message", text("no"))])),
    );
    assert_eq!(runner.returned(id), "[\"Oops\", \"no\"]");
    runner.end_at_zero();
}

#[test]
fn one_id_is_one_value() {
    let mut runner = start();
    let mut check = |code: &str, arguments: &[Vec<u8>], expected: &str| {
        assert_eq!(run(&mut runner, code, arguments), expected, "{code}");
    };
    check("(f, g, h) => [f === g, f === h]", &[function(1), function(1), function(2)], "[true, false]");
    check("(a, b, c) => [a === b, a === c]", &[database(1), database(1), database(2)], "[true, false]");
    check("(f) => { globalThis.kept = f }", &[function(3)], "undefined");
    check(
        "(f, list) => [f === kept, list[0] === kept]",
        &[function(3), array(&[function(3)])],
        "[true, true]",
    );
    check("(f) => new WeakMap([[kept, 1]]).get(f)", &[function(3)], "1");
    check("(f) => { const same = f === kept; delete globalThis.kept; return same }", &[function(3)], "true");
    check("(f) => typeof kept", &[function(3)], "\"undefined\"");
    runner.end_at_zero();
}

#[test]
fn what_comes_home_is_itself() {
    let mut runner = start();
    assert_eq!(run(&mut runner, "(f) => f", &[function(7)]), "home#7");
    assert_eq!(run(&mut runner, "(o) => [o, { o }]", &[database(8)]), "[home#8, {o: home#8}]");
    assert_eq!(
        run(&mut runner, "(f) => new Map([[f, new Set([f])]])", &[function(7)]),
        "Map[home#7, Set[home#7]]"
    );
    let error = run(&mut runner, "(o) => { throw Object.assign(new Error('x'), { o }) }", &[database(8)]);
    assert!(error.contains("o: home#8"), "{error}");
    // A proxy or a heir of it is the plugin's own.
    let proxy = run(&mut runner, "(f) => new Proxy(f, {})", &[function(7)]);
    assert!(proxy.starts_with("function#"), "{proxy}");
    let heir = run(&mut runner, "(o) => Object.create(o)", &[database(8)]);
    assert!(heir.starts_with("object#"), "{heir}");
    runner.end_at_zero();
}

#[test]
fn what_is_dropped_leaves_in_one_release() {
    let mut runner = start();
    let many: Vec<Vec<u8>> = (1..=100).map(function).collect();
    assert_eq!(run(&mut runner, "(...all) => all.length", &many), "100");
    assert_eq!(runner.silence(), None);
    let [release] = runner.ledger.releases.as_slice() else { panic!("{:?}", runner.ledger.releases) };
    assert_eq!(release.len(), 100);
    runner.end_at_zero();
}

#[test]
fn receipts_are_given_back_by_count() {
    let mut runner = start();
    assert_eq!(run(&mut runner, "(f, g) => f === g", &[function(7), function(7)]), "true");
    assert_eq!(runner.silence(), None);
    assert_eq!(runner.ledger.releases, [[(7, 2)]]);
    // What is kept is not given back.
    assert_eq!(run(&mut runner, "(f) => { globalThis.kept = f }", &[function(7)]), "undefined");
    assert_eq!(run(&mut runner, "(f) => 1", &[function(7)]), "1");
    assert_eq!(runner.silence(), None);
    assert_eq!(runner.ledger.releases.len(), 1);
    assert_eq!(run(&mut runner, "() => delete globalThis.kept", &[]), "true");
    assert_eq!(runner.silence(), None);
    assert_eq!(runner.ledger.releases[1..], [[(7, 2)]]);
    runner.end_at_zero();
}

#[test]
fn what_is_sent_home_is_given_back_behind_it() {
    // A message of more than a piece travels in the lane that waits.
    let mut runner = start();
    let long = "(f, o) => { app.echo('x'.repeat(100_000), f); app.echo(f, o) }";
    let id = call(&mut runner, long, &[function(7), database(8)]);
    assert_eq!(runner.returned(id), "undefined", "an answer does not wait for it");
    // The ledger checks that each of these is still the host's when it comes home.
    for _ in 0..2 {
        let (there, _) = runner.any_call();
        runner.answer(there, NULL);
    }
    runner.end_at_zero();
}

#[test]
fn what_waits_in_the_queue_is_held() {
    let limits = Limits { in_flight: 1, ..Limits::default() };
    let mut runner = Runner::with_script_and(&Options { limits, ..Options::default() }, RUN);
    let id = call(&mut runner, "(f) => { app.echo(1); app.echo(f) }", &[function(7)]);
    let (first, _) = runner.any_call();
    assert_eq!(runner.returned(id), "undefined");
    assert_eq!(runner.silence(), None);
    assert_eq!(runner.ledger.releases, Vec::<Vec<(u64, u32)>>::new());
    runner.answer(first, NULL);
    let (second, text) = runner.any_call();
    assert_eq!(text, "Api(0) [home#7]");
    runner.answer(second, NULL);
    assert_eq!(runner.silence(), None);
    assert_eq!(runner.ledger.releases, [[(7, 1)]]);
    runner.end_at_zero();
}

#[test]
fn what_is_dropped_while_it_is_sent_is_held() {
    let options = Options { blocking: &["echo"], ..Options::default() };
    let mut runner = Runner::with_script_and(&options, RUN);
    assert_eq!(run(&mut runner, "(f) => { globalThis.kept = f }", &[function(7)]), "undefined");
    let drops = "() => { app.notes.get({ get a() { return [kept] }, get b() { delete globalThis.kept; return app.echo() } }) }";
    let id = call(&mut runner, drops, &[]);
    // By now the function is written down, and nobody else has it.
    let (echo, _) = runner.any_call();
    runner.answer(echo, &[0x05]);
    let (get, text) = runner.any_call();
    assert_eq!(text, "Api(2) [{a: [home#7], b: 5}]");
    runner.answer(get, NULL);
    assert_eq!(runner.returned(id), "undefined");
    runner.end_at_zero();
}

#[test]
fn an_object_may_block() {
    let mut runner = start();
    let object = described(
        7,
        &[text("Store"), names(&["get"]), names(&["size"]), written(|writer| writer.bool(true))],
    );
    let mut check = |code: &str, call_text: &str, answer: Result<i64, &str>, expected: &str| {
        let id = call(&mut runner, code, std::slice::from_ref(&object));
        let received = runner.expect("Call");
        let Message::Call { id: there, target, args, blocking: true, .. } = received.message() else {
            panic!("{:?}", received.message())
        };
        assert_eq!(format!("{target:?} {}", show(args)), call_text);
        match answer {
            Ok(value) => runner.answer(there, &number(value)),
            Err(name) => runner.answer_error(there, &extension(form::ERROR, &map(&[("name", text(name))]))),
        }
        assert_eq!(runner.returned(id), expected, "{code}");
    };
    check("(o) => [o.get('k')]", r#"Method(7, "get") ["k"]"#, Ok(1), "[1]");
    check("(o) => [o.size]", r#"Property(7, "size") []"#, Ok(2), "[2]");
    check(
        "(o) => { try { o.get() } catch (error) { return error.name } }",
        r#"Method(7, "get") []"#,
        Err("Oops"),
        "\"Oops\"",
    );
    runner.end_at_zero();
}

#[test]
fn a_value_that_cannot_be_made_is_given_back_whole() {
    let mut runner = start();
    let mut check = |bad: Vec<u8>, words: &str| {
        let arguments = [function(1), database(2), map(&[("f", function(1))]), bad, function(1), database(3)];
        let ended = run(&mut runner, "() => 'not called'", &arguments);
        assert!(ended.starts_with("threw Error{") && ended.contains(words), "{ended}");
    };
    check(home(99), "the function 99 was released and is gone");
    check(extension(form::MAP, &array(&[number(1)])), "whose parts do not fit");
    check(extension(form::REGEXP, &array(&[text("a"), number(1)])), "whose parts do not fit");
    check(extension(form::REGEXP, &array(&[text("("), text("")])), "SyntaxError");
    check(extension(form::TYPED_ARRAY, &[4, 1, 2, 3]), "whose bytes are not whole elements");
    check(extension(form::ERROR, &array(&[])), "an error that is not a map");
    check(extension(form::BIGINT, &[1; 200_000]), "RangeError");
    check(described(4, &[number(1), names(&[]), names(&[])]), "description makes no sense");
    check(array(&[extension(form::SET, &array(&[function(5), home(99)]))]), "is gone");
    runner.end_at_zero();
}

#[test]
fn a_plugin_holds_no_more_than_it_may() {
    let limits = Limits { references: 3, ..Limits::default() };
    let mut runner = Runner::with_script_and(&Options { limits, ..Options::default() }, RUN);
    let four: Vec<Vec<u8>> = (1..=4).map(function).collect();
    let words = "the plugin holds 3 functions and objects of the host already";
    let ended = run(&mut runner, "() => 'not called'", &four);
    assert!(ended.contains(words), "{ended}");
    let keep = "(...all) => { globalThis.kept = all }";
    assert_eq!(run(&mut runner, keep, &four[..3]), "undefined");
    assert_eq!(
        run(&mut runner, "(f) => f === kept[0]", &four[..1]),
        "true",
        "what it holds is no further one"
    );
    let ended = run(&mut runner, "() => 'not called'", &[function(9)]);
    assert!(ended.contains(words), "{ended}");
    // An answer is an error as well, and nothing else comes of it.
    let id = call(&mut runner, "() => app.echo().catch((error) => error.message)", &[]);
    let (there, _) = runner.any_call();
    runner.answer(there, &array(&[function(10), function(11)]));
    assert_eq!(runner.returned(id), format!("{words:?}"));
    assert_eq!(run(&mut runner, "() => delete globalThis.kept", &[]), "true");
    runner.end_at_zero();
}

#[test]
fn what_is_held_in_circles_only_makes_room() {
    let limits = Limits { references: 3, ..Limits::default() };
    let mut runner = Runner::with_script_and(&Options { limits, ..Options::default() }, RUN);
    for round in 0..50 {
        let circle = "(f) => { const a = { f }; a.a = a }";
        assert_eq!(run(&mut runner, circle, &[function(round)]), "undefined", "{round}");
    }
    // The last ones are found when room is needed again.
    let ended = run(&mut runner, "(...all) => all.length", &(60..63).map(function).collect::<Vec<_>>());
    assert_eq!(ended, "3");
    runner.end_at_zero();
}

#[test]
fn references_that_come_and_go_leave_nothing_behind() {
    let mut runner = start();
    let code = "(f, o) => { app.echo(f, o, () => f, new (class Own { go() {} })()); return [f, o] }";
    let mut round = |id: u64| {
        let call = call(&mut runner, code, &[function(id), database(id + 1)]);
        let (echo, _) = runner.any_call();
        runner.answer(echo, NULL);
        runner.returned(call);
        runner.release_all();
        runner.send(&Message::Ping { nonce: 0 });
        runner.expect("Pong");
        match runner.expect("Stats").message() {
            Message::Stats { engine_bytes, .. } => engine_bytes,
            other => panic!("{other:?}"),
        }
    };
    let mut peaks = [0; 2];
    for (half, peak) in peaks.iter_mut().enumerate() {
        for number in 0..1_000 {
            *peak = (*peak).max(round((half as u64 * 1_000 + number) * 2));
        }
    }
    let [before, after] = peaks;
    assert!(after <= before + (16 << 10), "the engine grew from {before} to {after} bytes");
    runner.end_at_zero();
}

#[test]
fn an_object_of_the_host_looks_like_its_class() {
    let mut runner = start();
    let mut check = |code: &str, expected: &str| {
        assert_eq!(run(&mut runner, code, &[database(7)]), expected, "{code}");
    };
    check("(o) => typeof o", "\"object\"");
    check("(o) => [String(o), o.constructor.name]", "[\"[object Database]\", \"Database\"]");
    check("(o) => [Object.isFrozen(o), Object.isFrozen(Object.getPrototypeOf(o))]", "[true, true]");
    check("(o) => [o instanceof o.constructor, o instanceof Object]", "[true, true]");
    check(
        "(o) => { try { new o.constructor() } catch (error) { return error.message } }",
        "\"Database is a class of the host, which alone makes objects of it\"",
    );
    check("(o) => [typeof o.query, o.query.name, o.query === o.query]", "[\"function\", \"query\", true]");
    check("(o) => ['query' in o, 'size' in o, 'nothing' in o]", "[true, true, false]");
    check(
        "(o) => { const names = []; for (const name in o) names.push(name); return names.sort() }",
        "[\"dispose\", \"query\", \"size\"]",
    );
    check("(o) => [o.then, o.nothing, o[Symbol('x')]]", "[undefined, undefined, undefined]");
    check("(o) => [o[Symbol.dispose] === o.dispose, o[Symbol.asyncDispose] === o.dispose]", "[true, true]");
    check("(o) => JSON.stringify(o, ['x'])", "\"{}\"");
    check("(o) => ((a, b) => Object.getPrototypeOf(a) === Object.getPrototypeOf(b))(o, o)", "true");
    for assignment in ["o.size = 1", "o.query = 1", "o.other = 1", "delete o.constructor.name"] {
        let code = format!(
            "(o) => {{ 'use strict'; try {{ {assignment} }} catch (error) {{ return error.name }} }}"
        );
        check(&code, "\"TypeError\"");
    }
    check(
        "(o) => { try { o.size = 1 } catch (error) { return error.message } }",
        "\"cannot assign to Database.size: it is an object of the host\"",
    );
    check(
        "(o) => { try { o.other = 1 } catch (error) { return error.message } }",
        "\"cannot assign to Database.other: it is an object of the host\"",
    );
    check("async (o) => (await o) === o", "true");
    runner.end_at_zero();
}

#[test]
fn an_object_of_the_host_does_what_it_can() {
    let mut runner = start();
    let mut check = |code: &str, expected: &str| {
        let id = call(&mut runner, code, &[database(7)]);
        let (there, text) = runner.any_call();
        assert_eq!(text, expected, "{code}");
        runner.answer(there, &[0x2a]);
        assert_eq!(runner.returned(id), "42", "{code}");
    };
    check("(o) => o.query('x', 1)", r#"Method(7, "query") ["x", 1]"#);
    check("(o) => o.query.call(o, o)", r#"Method(7, "query") [home#7]"#);
    check("(o) => o.query.bind(o)(2)", r#"Method(7, "query") [2]"#);
    check("async (o) => await o.size", r#"Property(7, "size") []"#);
    check("(o) => o.dispose()", r#"Method(7, "dispose") []"#);
    check("(o) => o[Symbol.asyncDispose]()", r#"Method(7, "dispose") []"#);
    check("(o) => Reflect.get(Object.getPrototypeOf(o), 'size', o)", r#"Property(7, "size") []"#);
    runner.end_at_zero();
}

#[test]
fn a_method_needs_its_object() {
    let mut runner = start();
    let mut check = |code: &str| {
        let code = format!("(o, f) => {{ try {{ {code} }} catch (error) {{ return error.message }} }}");
        let ended = run(&mut runner, &code, &[database(7), function(8)]);
        assert_eq!(ended, "\"query belongs to an object of the host, and was used without it\"", "{code}");
    };
    check("const { query } = o; query()");
    check("o.query.call({})");
    check("o.query.call(new Proxy(o, {}))");
    check("o.query.call(Object.create(o))");
    check("o.query.call(f)");
    check("Object.create(o).query()");
    runner.end_at_zero();
}

#[test]
fn names_that_mean_something_to_the_language_are_no_members() {
    let mut runner = start();
    let odd = ["then", "constructor", "__proto__", "toJSON", "toString", "hasOwnProperty", "a b", ""];
    let object = object(7, "Odd", &odd, &["then", "__proto__", "valueOf"]);
    let mut check = |code: &str, expected: &str| {
        assert_eq!(run(&mut runner, code, std::slice::from_ref(&object)), expected, "{code}");
    };
    check("async (o) => (await o) === o", "true");
    check(
        "(o) => [o.then, o.constructor.name, o.__proto__ === Object.getPrototypeOf(o)]",
        "[undefined, \"Odd\", true]",
    );
    check(
        "(o) => ['toJSON', 'toString', 'hasOwnProperty', 'a b', ''].map((name) => typeof o[name])",
        "[\"function\", \"function\", \"function\", \"function\", \"undefined\"]",
    );
    runner.end_at_zero();
}

#[test]
fn many_kinds_of_objects_come_and_go() {
    let mut runner = start();
    for number in 0..200 {
        let object = object(number, &format!("Kind{number}"), &["go"], &[]);
        let ended = run(&mut runner, "(o) => [o.constructor.name, typeof o.go]", &[object]);
        assert_eq!(ended, format!("[\"Kind{number}\", \"function\"]"));
    }
    let long = object(7, &"x".repeat(5_000), &[], &[]);
    assert_eq!(run(&mut runner, "(o) => o.constructor.name.length", &[long]), "1024");
    runner.end_at_zero();
}

#[test]
fn the_console_shows_whose_it_is() {
    let mut runner = start();
    let mut check = |argument: Vec<u8>, expected: &str| {
        call(&mut runner, "(x) => console.log(x, [x])", &[argument]);
        let shown = crate::harness::describe(&runner.expect("Log").message());
        assert!(shown.contains(expected), "{shown}");
        runner.expect("Return");
    };
    check(function(7), "[Function: hostFunction] [ [Function: hostFunction] ]");
    check(database(8), "Database {\n  size: [Getter/Setter],\n  query: [Function: query],");
    runner.end_at_zero();
}

#[test]
fn a_name_that_an_object_does_not_have_is_named() {
    let mut runner = start();
    let ended = run(&mut runner, "(o) => o.qurey(1)", &[database(7)]);
    assert!(ended.contains("(Database.qurey does not exist; did you mean Database.query?)"), "{ended}");
    let ended = run(&mut runner, "(o) => o.frobnicate()", &[database(7)]);
    assert!(ended.contains("(Database.frobnicate does not exist)"), "{ended}");
    runner.end_at_zero();
}

#[test]
fn the_plugin_cannot_forge_a_reference() {
    let mut runner = start();
    let mut check = |code: &str, expected: &str| {
        let ended = run(&mut runner, code, &[function(7), database(8)]);
        assert!(ended.starts_with(expected), "{code}: {ended}");
    };
    check("(f, o) => ({ ...f, ...o })", "{}");
    check("(f, o) => Object.create(Object.getPrototypeOf(o))", "object#");
    check("(f, o) => Object.setPrototypeOf({ id: 8 }, Object.getPrototypeOf(o))", "object#");
    check("(f, o) => JSON.parse(JSON.stringify({ f, o }))", "{o: {}}");
    check("(f) => f.toString()", "\"function hostFunction");
    let shown = show(&function(7));
    assert_eq!(shown, "function#7");
    runner.end_at_zero();
}
