//! Where the rows are played: a host, a neighbour, and one hostile plugin after the other.

use plughold::{
    AbortSignal, Api, CallError, Callback, Cx, Event, Function, Json, Limits, Object, Plugin, Remote, State,
    Thrown,
};
use plughold_tests::{LiveReferences, PATIENCE, TestHost, patiently};
use serde::Deserialize;
use std::fmt::Write;

/// What every row has at hand.
const PRELUDE: &str = "
const boom = () => { throw new Error('boom') };
const attempt = async (action) => {
    try { return await action() } catch (error) { return error instanceof Error ? `${error}` : ['thrown', error] }
};
";

/// What the neighbour does, before each row and after it.
const NEIGHBOUR: &str = "
export const add = (a, b) => app.echo(a + b);
export const mark = (text) => console.log(text);
";

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its decoding matters")]
pub(crate) struct Command {
    name: String,
    execute: Callback<(Json,), Json>,
}

async fn describe(_: Cx<()>, value: Json) -> Result<String, Thrown> {
    Ok(value.0.to_string())
}

async fn fail(_: Cx<()>) -> Result<(), Thrown> {
    let cause = Box::new(Thrown::new("RangeError", "the cause"));
    Err(Thrown {
        cause: Some(cause),
        ..Thrown::new("TypeError", "as asked").with_code("E_ASKED").with_field("a", 1)
    })
}

async fn call(cx: Cx<()>, function: Callback<(Json,), Json>, argument: Json) -> Result<Json, CallError> {
    cx.call(&function, (argument,)).await
}

async fn register(_: Cx<()>, command: Command) -> Result<String, Thrown> {
    Ok(command.name)
}

async fn ask(cx: Cx<()>, object: Remote, method: String) -> Result<Json, CallError> {
    cx.call_method(&object, &method, (1,)).await
}

async fn read(cx: Cx<()>, object: Remote, accessor: String) -> Result<Json, CallError> {
    cx.get(&object, &accessor).await
}

/// Waits until its caller wants no answer any more.
async fn wait(cx: Cx<()>, _: AbortSignal) -> Result<(), Thrown> {
    cx.cancelled().await;
    Ok(())
}

async fn add(cx: Cx<u32>, more: u32) -> Result<u32, Thrown> {
    Ok(cx.state() + more)
}

/// An object with names that mean something to the language.
async fn counter(_: Cx<()>) -> Result<Object, Thrown> {
    let counter = Object::builder("Counter", 7).method("add", add).method("toString", add);
    Ok(counter.accessor("count", async |cx: Cx<u32>| Ok::<_, Thrown>(*cx.state())).build())
}

async fn adder(_: Cx<()>) -> Result<Function, Thrown> {
    Ok(Function::new(7, add).named("add"))
}

pub(crate) fn api() -> Api<()> {
    Api::new(())
        .function("echo", async |_: Cx<()>, value: Json| Ok::<_, Thrown>(value))
        .function("describe", describe)
        .function("fail", fail)
        .function("call", call)
        .function("ask", ask)
        .function("read", read)
        .function("wait", wait)
        .function("counter", counter)
        .function("adder", adder)
        .function("notes.register", register)
        .function("notes.size", async |_: Cx<()>, value: Json| Ok::<_, Thrown>(value.0.to_string().len()))
}

/// Plays each row, which is the body of an `async` function, and tells what came of it: one line for each.
pub(crate) async fn play(rows: &[&str]) -> String {
    let named: Vec<(&str, String)> = rows.iter().map(|row| (*row, as_body(row))).collect();
    play_named(&named).await
}

/// An expression is what the row gives; statements are a body, and say themselves what they give.
fn as_body(row: &str) -> String {
    const STATEMENTS: [&str; 6] = ["const ", "let ", "for (", "class ", "return ", "throw "];
    let mut depth = 0;
    let ends_a_statement = |symbol: char| {
        depth += match symbol {
            '(' | '[' | '{' => 1,
            ')' | ']' | '}' => -1,
            _ => 0,
        };
        depth == 0 && symbol == ';'
    };
    let is_body = STATEMENTS.iter().any(|word| row.starts_with(word)) || row.chars().any(ends_a_statement);
    if is_body { row.to_owned() } else { format!("return {row}") }
}

/// The same for rows with a name.
pub(crate) async fn play_named(rows: &[(&str, String)]) -> String {
    let mut stage = Stage::new().await;
    let mut told = String::new();
    for (number, (name, body)) in rows.iter().enumerate() {
        let source = format!("{PRELUDE}\nexport const run = async () => {{\n{body}\n}};");
        let line = stage.play_one(&format!("row-{number}"), &source).await;
        writeln!(told, "{name} -> {line}").unwrap();
    }
    stage.host.finish().await;
    told
}

pub(crate) struct Stage {
    pub(crate) host: TestHost,
    neighbour: Plugin,
}

impl Stage {
    pub(crate) async fn new() -> Stage {
        // Rows are slow by themselves where the machine is busy; that is not what they are about.
        let mut limits = Limits::default();
        limits.unresponsive = PATIENCE;
        limits.turn = PATIENCE;
        let mut host = TestHost::built(api(), |builder| builder.limits(limits));
        let neighbour = host.load("neighbour", NEIGHBOUR).await;
        Stage { host, neighbour }
    }

    /// Loads a plugin, calls its `run`, and tells what came of it and what else has happened.
    pub(crate) async fn play_one(&mut self, id: &str, source: &str) -> String {
        let package = self.host.script(id, source);
        let plugin = match self.host.load_package(package).await {
            Ok(plugin) => plugin,
            Err(error) => return format!("not loaded: {error}{}", self.afterwards(id).await),
        };
        let mut line = match patiently(id, plugin.call::<_, Json>("run", ())).await {
            Ok(Json(value)) => value.to_string(),
            Err(error) => error.to_string(),
        };
        self.host.settle().await;
        assert_eq!(LiveReferences::of(&plugin), LiveReferences::NONE, "{id}: {source}");
        if plugin.state() == State::Active {
            let exit = plugin.stop().await;
            if exit != plughold::Exit::Stopped {
                write!(line, "; stopped as {exit}").unwrap();
            }
        }
        line + &self.afterwards(id).await
    }

    /// What the host tells of the row's plugin; the neighbour, meanwhile, is as it was.
    async fn afterwards(&mut self, id: &str) -> String {
        let sum = patiently("the neighbour", self.neighbour.call::<_, u32>("add", (1, 2))).await;
        assert_eq!(sum, Ok(3), "the neighbour after {id}");
        patiently("the neighbour", self.neighbour.call::<_, ()>("mark", (id,))).await.unwrap();
        let is_mark = |event: &Event| matches!(event, Event::Log { message, plugin, .. } if message == id && plugin.as_str() == "neighbour");
        let mut told = String::new();
        for event in self.host.events_until("the neighbour's mark", is_mark).await {
            match &event {
                Event::Started { .. } | Event::Stopped { .. } | Event::Log { .. } => {}
                Event::Exited { exit: plughold::Exit::Stopped, .. } => {}
                Event::Uncaught { plugin, thrown, .. } if plugin.as_str() == id => {
                    write!(told, "; uncaught: {thrown}").unwrap();
                }
                Event::Exited { plugin, exit, .. } if plugin.as_str() == id => {
                    write!(told, "; ended: {exit}").unwrap()
                }
                Event::Failed { plugin, .. } if plugin.as_str() == id => {}
                event => panic!("{id}: {event:?}"),
            }
        }
        told
    }
}
