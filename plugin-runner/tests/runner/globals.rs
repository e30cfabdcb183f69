//! The globals of every plugin, as tables: each line of a file in `globals/` is an expression and what it gives.
//!
//! A value is written as text, arrays and plain objects as JSON, and an error as `!` and its name. A promise stands for
//! what becomes of it. Lines that begin with `//` are headings, and lines without `//=>` run for what follows.

use crate::harness::{Options, Runner, describe, outcome_text};
use plughold_protocol::pack::{Reader, Token, Writer};
use plughold_protocol::record::{ClockMode, Outcome, Target};

/// Evaluates the text that it is called with.
const PLUGIN: &str = "
const show = (value) => {
    if (Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]') return JSON.stringify(value);
    return Object.is(value, -0) ? '-0' : String(value);
};
exports.run = async (text) => {
    try {
        return show(await (0, eval)(text));
    } catch (error) {
        return `!${error === null || typeof error !== 'object' ? show(error) : error.name}`;
    }
};";

/// Runs a table in one runner. Every wrong line is told, not the first one only.
fn check(name: &str, table: &str) {
    check_with(&Options::default(), name, table);
}

fn check_with(options: &Options, name: &str, table: &str) {
    let mut runner = Runner::with_script_and(options, PLUGIN);
    let mut wrong = String::new();
    let mut rows = 0;
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with("//")) {
        let (expression, expected) = match line.split_once(" //=> ") {
            Some((expression, expected)) => (expression, Some(expected)),
            None => (line, None),
        };
        let found = evaluate(&mut runner, expression);
        rows += 1;
        if let Some(expected) = expected
            && found != expected
        {
            wrong.push_str(&format!("\n{expression}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{name}: {wrong}");
    assert!(10 < rows, "{name} has {rows} rows only");
}

/// Runs a table of arguments, and of what `console.log` writes for them; `⏎` is the end of a line.
#[test]
fn the_console_writes_as_people_know_it() {
    let table = include_str!("globals/console.js");
    let log = |line: &str| match line.split_once(" //=> ") {
        Some((arguments, written)) => format!("console.log({arguments}) //=> Info {written} | undefined"),
        None => line.to_owned(),
    };
    let table: Vec<String> = table.lines().map(log).collect();
    check_with(&Options::default(), "console", &table.join("\n"));
}

/// What an expression gives, and what the runner says unasked before it.
fn evaluate(runner: &mut Runner, expression: &str) -> String {
    let mut arguments = Vec::new();
    let mut writer = Writer::new(&mut arguments);
    writer.array(1);
    writer.text(expression);
    evaluate_export(runner, "run", &arguments)
}

fn evaluate_export(runner: &mut Runner, name: &str, arguments: &[u8]) -> String {
    let call = runner.call(Target::Export(name), arguments);
    let mut before = String::new();
    loop {
        let received = runner.next();
        match received.message() {
            plughold_protocol::Message::Return { id, outcome, .. } if id == call => {
                return before + &text_of(&outcome);
            }
            plughold_protocol::Message::WakeAfter { delay_us: None } => {}
            plughold_protocol::Message::WakeAfter { .. } => {
                runner.send(&plughold_protocol::Message::Wake { now_us: None });
            }
            message => {
                let text = describe(&message);
                let end = text.find(", stack:").unwrap_or(text.len());
                let text = text[..end].split(" at <input>:").next().unwrap_or_default();
                before.push_str(&format!("{} | ", text.replace('\n', "⏎")));
            }
        }
    }
}

/// A text as it is, and anything else as the harness writes it.
fn text_of(outcome: &Outcome) -> String {
    if let Outcome::Returned(value) = outcome
        && let Ok(Token::Text(text)) = Reader::new(value).token()
    {
        return text.to_owned();
    }
    outcome_text(outcome)
}

macro_rules! tables {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check(stringify!($name), include_str!(concat!("globals/", stringify!($name), ".js")));
            }
        )*
    };
}

tables! { node_buffer node_crypto node_events node_others node_path node_stream node_util node_zlib
abort base64 clone crypto dates errors events numbers others performance streams text url url_params }

#[test]
fn what_does_not_fit_is_an_error_and_not_the_end() {
    let options = Options { memory: 24 << 20, ..Options::default() };
    check_with(&options, "hostile", include_str!("globals/hostile.js"));
}

#[test]
fn chance_follows_from_the_host_alone() {
    let draw = |options: Options| {
        let mut runner = Runner::with_script_and(&options, PLUGIN);
        let text = "[crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(4))]]";
        evaluate(&mut runner, text)
    };
    let real = |random| draw(Options { random, ..Options::default() });
    let replayed =
        |seed, random| draw(Options { clock: ClockMode::Virtual, seed, random, ..Options::default() });
    assert_eq!(real([1; 32]), real([1; 32]));
    assert_ne!(real([1; 32]), real([2; 32]));
    assert_eq!(replayed(1, [1; 32]), replayed(1, [2; 32]));
    assert_ne!(replayed(1, [1; 32]), replayed(2, [1; 32]));
}

#[test]
fn a_plugin_that_replaces_everything_breaks_itself_only() {
    let mut runner = Runner::with_script_and(&Options::default(), include_str!("globals/sabotage.js"));
    let found = evaluate_export(&mut runner, "run", &[0x90]);
    let expected = [
        "Uncaught \"told\" | Info text and { a: [ 1, { b: 2 } ] } 5n /x/ at main.js:41:19 | Info (index) | a⏎------- | -⏎0       | 1 at main.js:41:84 | Info default: 1 at main.js:41:111 | a.b",
        "http://a:8/?x=1&y=2",
        "false",
        "Invalid URL: nothing",
        "c=d d true 1",
        "b",
        "159",
        "1",
        "2",
        "ß",
        "3",
        "abort! AbortError true",
        "0",
        "false",
        "why",
        "0",
        "true",
        "DataCloneError",
        "true",
        "TypeMismatchError",
        "36",
        "true",
        "1",
        "true",
        "abc",
        "Thursday, January 1, 1970",
        "-€1,234.57",
        "1one",
        "2 days ago",
        "20",
        "ok",
        "number",
        "logged",
        "touched",
    ];
    assert_eq!(found.split('\n').collect::<Vec<_>>(), expected);
}
