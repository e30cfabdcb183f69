//! Calls between an application and its plugins: what becomes of values and of errors.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod errors;
mod values;

use plughold::{Api, Bytes, CallError, Cx, Json, Plugin, Thrown};
use plughold_tests::{TestHost, patiently};
use serde::de::DeserializeOwned;
use std::fmt::Write;
use values::Note;

/// An error of the application's, with a source.
#[derive(Debug)]
struct Unsaved(std::fmt::Error);

impl std::fmt::Display for Unsaved {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("the note cannot be saved")
    }
}

impl std::error::Error for Unsaved {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

async fn find(_: Cx<()>, id: u32, exact: Option<bool>) -> Result<Option<bool>, Thrown> {
    if id == 7 {
        return Ok(exact);
    }
    Err(Thrown::new("NotFound", format!("there is no note {id}"))
        .with_code("E_NOT_FOUND")
        .with_field("httpCode", 404)
        .with_field("path", vec!["notes", "find"]))
}

async fn save(_: Cx<()>) -> Result<(), Unsaved> {
    Err(Unsaved(std::fmt::Error))
}

fn panic_at_once(_: Cx<()>) -> std::future::Ready<Result<(), Thrown>> {
    panic!("not yet thought out")
}

async fn panic_later(_: Cx<()>) -> Result<(), Thrown> {
    tokio::task::yield_now().await;
    panic!("not yet written");
}

fn api() -> Api<()> {
    Api::new(())
        .function("echo", async |_: Cx<()>, value: Json| Ok::<_, Thrown>(value))
        .function("notes.echo", async |_: Cx<()>, note: Note| Ok::<_, Thrown>(note))
        .function("notes.find", find)
        .function("notes.save", save)
        .function("text.echo", async |_: Cx<()>, text: String| Ok::<_, Thrown>(text))
        .function("bytes.echo", async |_: Cx<()>, bytes: Bytes| Ok::<_, Thrown>(bytes))
        .function("numbers.double", async |_: Cx<()>, number: u64| Ok::<_, Thrown>(2 * number))
        .function("secret", async |_: Cx<()>| Ok::<_, Thrown>("told"))
        .requires("secrets.read")
        .function("panics.atOnce", panic_at_once)
        .function("panics.later", panic_later)
}

/// Evaluates each expression in a plugin and tells what came of it, one line each. The expression may await, and has a
/// function `seen`, which gives what a plugin sees of an error.
async fn evaluate(expressions: &[&str]) -> String {
    let mut source = "const seen = (error) => [
        error instanceof Error, error.name, error.message, error.code, error.cause?.message, { ...error },
    ];\n"
        .to_owned();
    for (row, expression) in expressions.iter().enumerate() {
        writeln!(source, "export const row{row} = async () => ({expression});").unwrap();
    }
    let mut host = TestHost::new(api());
    let plugin = host.load("rows", &source).await;
    let mut told = String::new();
    for (row, expression) in expressions.iter().enumerate() {
        match patiently(expression, plugin.call::<_, Json>(&format!("row{row}"), ())).await {
            Ok(Json(value)) => writeln!(told, "{expression} -> {value}").unwrap(),
            Err(error) => writeln!(told, "{expression} -> {error}").unwrap(),
        }
    }
    host.finish().await;
    told
}

async fn answer<R: DeserializeOwned>(plugin: &Plugin, export: &str) -> Result<R, CallError> {
    patiently(export, plugin.call(export, ())).await
}
