//! The example of docs/embedding.md: functions and objects in the hands of the other side.
#![allow(clippy::print_stdout, reason = "it is a program")]

use plughold::{Api, CallError, Cx, Disposable, Function, Host, Object, Package, Remote, Thrown};
use std::sync::atomic::{AtomicU32, Ordering};

async fn add(cx: Cx<AtomicU32>, more: u32) -> Result<u32, Thrown> {
    Ok(cx.state().fetch_add(more, Ordering::Relaxed) + more)
}

async fn total(cx: Cx<AtomicU32>) -> Result<u32, Thrown> {
    Ok(cx.state().load(Ordering::Relaxed))
}

/// In a plugin: `const counter = await app.counter(); await counter.add(2); await counter.total`
async fn counter(_: Cx<()>) -> Result<Object, Thrown> {
    Ok(Object::builder("Counter", AtomicU32::new(0)).method("add", add).accessor("total", total).build())
}

/// In a plugin: `const ends = await app.open("door"); … ends.dispose()`
async fn open(_: Cx<()>, name: String) -> Result<Disposable, Thrown> {
    Ok(Disposable::new(move || println!("the {name} is closed")))
}

/// In a plugin: `await app.describe(new Ship("Ida"))`, where `Ship` is a class of its own
async fn describe(cx: Cx<()>, ship: Remote) -> Result<String, CallError> {
    let name: String = cx.get(&ship, "name").await?;
    cx.call_method(&ship, "greet", (format!("the {} {name}", ship.class()),)).await
}

/// In a plugin: `const shout = await app.shouting("!"); await shout("hello")`
async fn shouting(_: Cx<()>, end: String) -> Result<Function, Thrown> {
    Ok(Function::new(end, async |cx: Cx<String>, text: String| {
        Ok::<_, Thrown>(text.to_uppercase() + cx.state())
    }))
}

#[tokio::main]
async fn serve(plugin: &str) -> Result<(), Box<dyn std::error::Error>> {
    let api = Api::new(())
        .function("counter", counter)
        .function("open", open)
        .function("describe", describe)
        .function("shouting", shouting);
    let host = Host::builder(api).build()?;
    let plugin = host.load(Package::open(plugin)?).await?;
    println!("{}", plugin.call::<_, String>("run", ()).await?);
    let _report = host.shutdown().await;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    plughold::runner::run_if_asked();
    serve(&std::env::args().nth(1).unwrap_or_else(|| "plugins/harbour.js".into()))
}
