//! Calls in both directions: each answered once, functions by event ID, the window and the queue.

use crate::harness::{Options, Runner, describe, show};
use plughold_protocol::Message;
use plughold_protocol::record::{Limits, Target};

const NO_ARGUMENTS: &[u8] = &[0x90];
const NULL: &[u8] = &[0xc0];

/// The event ID of the only function in these encoded arguments, such as `[function#16777216]`.
fn function_in(args: &[u8]) -> u64 {
    let text = show(args);
    let digits = text.split("function#").nth(1).unwrap_or_else(|| panic!("no function in {text}"));
    digits
        .trim_end_matches(|char: char| !char.is_ascii_digit())
        .split(|char: char| !char.is_ascii_digit())
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

/// The encoded `HOME` of a function, as the only argument.
fn home(id: u64) -> Vec<u8> {
    [&[0x91, 0xd7, 11][..], &id.to_le_bytes()].concat()
}

#[test]
fn the_plugin_calls_and_the_host_answers() {
    let mut runner = Runner::with_script(
        "exports.run = async () => {
            const found = await app.notes.search('x', 2);
            try { await app.notes.get(found) } catch (error) { return [error.name, error.message, error.code] }
        }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (search, text) = runner.call_text();
    assert_eq!(text, r#"1["x", 2]"#);
    runner.answer(search, &[0x07]);
    let (get, text) = runner.call_text();
    assert_eq!(text, "2[7]");
    // Error{name: "NotFound", message: "no", code: 4}
    runner.answer_error(get, b"\xc7\x20\x06\x83\xa4name\xa8NotFound\xa7message\xa2no\xa4code\x04");
    assert_eq!(runner.returned(id), r#"["NotFound", "no", 4]"#);
}

#[test]
fn answers_may_come_in_any_order() {
    let mut runner =
        Runner::with_script("exports.run = () => Promise.all([app.echo(1), app.echo(2), app.echo(3)])");
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let calls: Vec<u64> = (0..3).map(|_| runner.expect_call().0).collect();
    assert!(calls.is_sorted(), "ids grow: {calls:?}");
    for (call, value) in [(calls[2], 3), (calls[0], 1), (calls[1], 2)] {
        runner.answer(call, &[value]);
    }
    assert_eq!(runner.returned(id), "[1, 2, 3]");
}

#[test]
fn a_call_made_while_serving_carries_its_parent() {
    let mut runner =
        Runner::with_script("exports.run = async () => { app.echo('now'); await null; app.echo('later') }");
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let mut parents = Vec::new();
    for _ in 0..2 {
        match runner.expect("Call").message() {
            Message::Call { parent, args, .. } => parents.push((show(args), parent)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(parents, [("[\"now\"]".to_owned(), Some(id)), ("[\"later\"]".to_owned(), Some(id))]);
    assert_eq!(runner.returned(id), "undefined");
}

#[test]
fn everything_of_a_turn_leaves_in_one_write() {
    let mut runner =
        Runner::with_script("exports.run = () => { for (let i = 0; i < 100; i++) app.echo(i); return 1 }");
    runner.call(Target::Export("run"), NO_ARGUMENTS);
    runner.next();
    let rest = runner.buffered();
    assert_eq!(rest, 100, "messages that arrived with the first");
}

#[test]
fn a_promise_is_awaited_whatever_became_of_its_prototype() {
    let check = |sabotage: &str| {
        let mut runner = Runner::with_script(&format!(
            "const f = async () => await app.echo(1);
            exports.run = () => {{ const boom = () => {{ throw new Error('boom') }}; {sabotage}; return f() }}"
        ));
        let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
        let (echo, _) = runner.call_text();
        runner.answer(echo, &[0x07]);
        assert_eq!(runner.returned(id), "7", "{sabotage}");
    };
    check("Promise.prototype.then = () => 8");
    check("Promise.prototype.then = undefined");
    check("Object.defineProperty(Promise, Symbol.species, { get: boom })");
    check("Object.defineProperty(Promise.prototype, 'then', { get: boom })");
}

#[test]
fn what_all_objects_have_is_no_export() {
    let check = |exports: &str, name: &str, expected: Option<&str>| {
        let mut runner = Runner::with_script(&format!("module.exports = {exports}"));
        let ended = runner.call_export(name, NO_ARGUMENTS);
        match expected {
            Some(expected) => assert_eq!(ended, expected, "{name} of {exports}"),
            None => assert!(ended.contains("the plugin exports no function"), "{ended}: {name} of {exports}"),
        }
    };
    for name in ["toString", "constructor", "hasOwnProperty", "__defineGetter__"] {
        check("{}", name, None);
        check("Object.create({})", name, None);
        check("() => 1", name, None);
    }
    for name in ["call", "apply", "bind"] {
        check("() => 1", name, None);
        check("class {}", name, None);
    }
    check("{ toString: () => 'own' }", "toString", Some("\"own\""));
    check("Object.create({ toString: () => 'inherited' })", "toString", Some("\"inherited\""));
    check("Object.assign(() => 1, { call: () => 'own' })", "call", Some("\"own\""));
    check("new (class { run() { return this.x } x = 'method' })", "run", Some("\"method\""));
    check("{ get run() { return () => 'gotten' } }", "run", Some("\"gotten\""));
    check("new Proxy({}, { get: (_, name) => () => `made ${name}` })", "toString", Some("\"made toString\""));
    check(
        "Object.create(new Proxy({}, { get: (_, name) => () => `made ${name}` }))",
        "run",
        Some("\"made run\""),
    );
}

#[test]
fn exports_are_called_with_arguments_and_their_object() {
    let mut runner = Runner::with_script(
        "module.exports = { base: 40, add(x) { return this.base + x }, fail() { throw 'plain' }, data: 1 }",
    );
    assert_eq!(runner.call_export("add", &[0x91, 0x02]), "42");
    assert_eq!(runner.call_export("fail", NO_ARGUMENTS), "threw \"plain\"");
    for missing in ["nothing", "data"] {
        let ended = runner.call_export(missing, NO_ARGUMENTS);
        assert!(ended.contains(&format!("the plugin exports no function \\\"{missing}\\\"")), "{ended}");
    }
}

#[test]
fn functions_travel_by_event_id_and_come_home_as_themselves() {
    let mut runner = Runner::with_script(
        "const go = (x) => x + 1;
        exports.give = () => [go];
        exports.isMine = (f) => f === go;",
    );
    let id = runner.call(Target::Export("give"), NO_ARGUMENTS);
    let first = runner.returned(id);
    let again = runner.call_export("give", NO_ARGUMENTS);
    assert_eq!(first, again, "the same function has one id");
    let function = function_in(first_bytes(&first).as_slice());
    let call = runner.call(Target::Function(function), &[0x91, 0x01]);
    assert_eq!(runner.returned(call), "2");
    assert_eq!(runner.call_export("isMine", &home(function)), "true");
}

/// Encodes the only function of a shown value again, so that [`function_in`] can read it.
fn first_bytes(shown: &str) -> Vec<u8> {
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    let id: u64 = digits.parse().unwrap();
    [&[0x91, 0xd7, 1][..], &id.to_le_bytes()].concat()
}

#[test]
fn a_function_is_gone_when_its_count_is_used_up() {
    let mut runner = Runner::with_script(
        "const go = () => 'still here';
        exports.give = () => go;
        exports.take = (f) => f;",
    );
    let give = |runner: &mut Runner| {
        let shown = runner.call_export("give", NO_ARGUMENTS);
        function_in(first_bytes(&shown).as_slice())
    };
    let function = give(&mut runner);
    assert_eq!(give(&mut runner), function);
    runner.release(function, 1);
    let call = runner.call(Target::Function(function), NO_ARGUMENTS);
    assert_eq!(runner.returned(call), "\"still here\"", "one of two counts is left");
    runner.release(function, 1);
    let call = runner.call(Target::Function(function), NO_ARGUMENTS);
    let ended = runner.returned(call);
    assert!(ended.starts_with("threw Error{name: \"Gone\""), "{ended}");
    let ended = runner.call_export("take", &home(function));
    assert!(ended.starts_with("threw Error{name: \"Gone\""), "{ended}");
    let anew = give(&mut runner);
    assert_ne!(anew, function, "ids are never used again");
}

#[test]
fn functions_of_a_refused_value_are_not_held() {
    let mut runner = Runner::with_script(
        "exports.run = () => app.echo(() => 1, { f: () => 2 }, Symbol()).catch(() => 'refused')",
    );
    assert_eq!(runner.call_export("run", NO_ARGUMENTS), "\"refused\"");
    runner.send(&Message::Ping { nonce: 5 });
    runner.expect("Pong");
    match runner.expect("Stats").message() {
        Message::Stats { exported, engine_bytes, arena_bytes, .. } => {
            assert_eq!(exported, 0);
            assert!(0 < engine_bytes && engine_bytes < arena_bytes, "{engine_bytes} of {arena_bytes}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn references_are_bounded() {
    let limits = Limits { references: 3, ..Limits::default() };
    let mut runner = Runner::with_script_and(
        &Options { limits, ..Options::default() },
        "exports.run = () => app.echo([1, 2, 3, 4].map((n) => () => n)).catch((error) => error.message)",
    );
    let ended = runner.call_export("run", NO_ARGUMENTS);
    assert_eq!(
        ended,
        "\"cannot send arguments: the host holds 3 functions and objects of this plugin already\""
    );
}

#[test]
fn each_call_is_answered_once() {
    let mut runner = Runner::with_script(
        "exports.sync = () => 1;
        exports.promise = () => Promise.resolve(2);
        exports.later = async () => { await null; return 3 };
        exports.thenable = () => ({ then(resolve, reject) { resolve(4); reject(5); resolve(6) } });
        exports.rejected = () => Promise.reject(new TypeError('no'));
        exports.cancelled = async () => { await app.echo(); return 7 };",
    );
    assert_eq!(runner.call_export("sync", NO_ARGUMENTS), "1");
    assert_eq!(runner.call_export("promise", NO_ARGUMENTS), "2");
    assert_eq!(runner.call_export("later", NO_ARGUMENTS), "3");
    assert_eq!(runner.call_export("thenable", NO_ARGUMENTS), "4");
    let ended = runner.call_export("rejected", NO_ARGUMENTS);
    assert!(ended.starts_with(r#"threw Error{name: "TypeError", message: "no""#), "{ended}");
    let id = runner.call(Target::Export("cancelled"), NO_ARGUMENTS);
    let (echo, _, _) = runner.expect_call();
    runner.send(&Message::Cancel { id, why: None });
    runner.answer(echo, NULL);
    assert_eq!(runner.returned(id), "7");
    assert_eq!(runner.silence(), None, "nothing is answered twice");
}

#[test]
fn a_notification_is_not_answered() {
    let mut runner = Runner::with_script(
        "exports.go = (x) => app.echo(x); exports.fail = () => { throw new Error('no') }",
    );
    runner.send(&Message::Notify { target: Target::Export("go"), args: &[0x91, 0x05], parent: None });
    assert_eq!(runner.call_text().1, "0[5]");
    runner.send(&Message::Notify { target: Target::Export("fail"), args: NO_ARGUMENTS, parent: None });
    let uncaught = runner.expect("Uncaught");
    assert!(describe(&uncaught.message()).starts_with("Uncaught Error{name: \"Error\", message: \"no\""));
}

#[test]
fn the_window_holds_calls_back_in_order() {
    let limits = Limits { in_flight: 2, ..Limits::default() };
    let mut runner = Runner::with_script_and(
        &Options { limits, ..Options::default() },
        "exports.run = () => Promise.all([1, 2, 3, 4, 5].map((n) => app.echo(n)))",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (first, text) = runner.call_text();
    assert_eq!(text, "0[1]");
    let (second, text) = runner.call_text();
    assert_eq!(text, "0[2]");
    assert_eq!(runner.silence(), None, "the window is used up");
    runner.answer(second, &[0x02]);
    let (third, text) = runner.call_text();
    assert_eq!(text, "0[3]");
    runner.send(&Message::Credit { stream: None, amount: 5 });
    let (fourth, text) = runner.call_text();
    assert_eq!(text, "0[4]");
    let (fifth, text) = runner.call_text();
    assert_eq!(text, "0[5]");
    for (call, value) in [(fifth, 5), (fourth, 4), (third, 3), (first, 1)] {
        runner.answer(call, &[value]);
    }
    assert_eq!(runner.returned(id), "[1, 2, 3, 4, 5]");
}

#[test]
fn a_release_waits_behind_the_calls_that_wait() {
    let limits = Limits { in_flight: 1, ..Limits::default() };
    let mut runner = Runner::with_script_and(
        &Options { limits, ..Options::default() },
        "exports.run = (f) => { app.echo(1); app.echo(f); app.echo(3) }",
    );
    // [function 5]
    let function = [&[0x91, 0xd7, 1, 5][..], &[0; 7]].concat();
    runner.call(Target::Export("run"), &function);
    let (first, _) = runner.call_text();
    runner.expect("Return");
    assert_eq!(runner.silence(), None);
    assert_eq!(runner.ledger.lent.len(), 1, "the call that sends it home has no room yet");
    runner.answer(first, &[0xc0]);
    let (second, text) = runner.call_text();
    assert_eq!(text, "0[home#5]");
    runner.answer(second, &[0xc0]);
    assert_eq!(runner.call_text().1, "0[3]");
    assert_eq!(runner.silence(), None);
    assert!(runner.ledger.lent.is_empty(), "given back once the calls before have left");
}

#[test]
fn a_full_queue_rejects() {
    let limits = Limits { in_flight: 1, queued_calls: 2, ..Limits::default() };
    let mut runner = Runner::with_script_and(
        &Options { limits, ..Options::default() },
        "exports.run = () => {
            for (const n of [1, 2, 3]) app.echo(n);
            return app.echo(4).catch((error) => [error.code, error.message]);
        }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    assert_eq!(runner.call_text().1, "0[1]");
    let expected =
        r#"["E_QUEUE_FULL", "2 calls wait already: the plugin calls without waiting for answers"]"#;
    assert_eq!(runner.returned(id), expected);

    let limits = Limits { in_flight: 1, queued_bytes: 10, ..Limits::default() };
    let mut runner = Runner::with_script_and(
        &Options { limits, ..Options::default() },
        "exports.run = () => {
            app.echo('a text of many bytes');
            return app.echo('a text of many bytes').catch((error) => error.code);
        }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    runner.expect_call();
    assert_eq!(runner.returned(id), "\"E_QUEUE_FULL\"");
}

#[test]
fn calls_through_call_apply_and_bind_are_calls() {
    let mut runner = Runner::with_script(
        "exports.run = () => {
            app.notes.search.call(app, 1);
            app.notes.search.apply(null, [2]);
            app.notes.search.bind({}, 3)();
            const { search } = app.notes;
            search(4);
            app.notes.search?.(5);
        }",
    );
    runner.call(Target::Export("run"), NO_ARGUMENTS);
    for n in 1..=5 {
        assert_eq!(runner.call_text().1, format!("1[{n}]"));
    }
}

#[test]
fn the_api_cannot_be_changed_and_is_no_promise() {
    let mut runner = Runner::with_script(
        "exports.run = async () => {
            'use strict';
            const thrown = (f) => { try { f(); return 'nothing' } catch (error) { return error.name } };
            return [
                thrown(() => { app.notes.search = 1 }),
                thrown(() => { app.notes.mine = 1 }),
                thrown(() => { app.notes.search.mine = 1 }),
                typeof app.then, typeof app.notes.toJSON, (await app.notes) === app.notes,
                Object.keys(app).join(), 'search' in app.notes, 'nothing' in app.notes,
                typeof app.nothing, typeof app.notes?.nothing, String(app),
            ];
        }",
    );
    assert_eq!(
        runner.call_export("run", NO_ARGUMENTS),
        r#"["TypeError", "TypeError", "TypeError", "undefined", "undefined", true, "echo,notes,settings", true, false, "undefined", "undefined", "[object Object]"]"#
    );
}

#[test]
fn a_short_call_does_not_overtake_a_long_one() {
    let mut runner =
        Runner::with_script("exports.run = () => { app.echo('x'.repeat(300000)); app.echo('short') }");
    runner.call(Target::Export("run"), NO_ARGUMENTS);
    let mut lengths = Vec::new();
    while lengths.len() < 2 {
        let received = runner.next();
        if let Message::Call { args, .. } = received.message() {
            lengths.push(args.len());
        }
    }
    assert_eq!(lengths, [300_006, 7]);
}
