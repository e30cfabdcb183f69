//! The example of docs/embedding.md: streams in both directions.
#![allow(clippy::print_stdout, reason = "it is a program")]

use plughold::{Api, Cx, Host, Package, Source, Stream, Thrown};

/// In a plugin: `for await (const line of await app.poem())`
async fn poem(_: Cx<()>) -> Result<Source, Thrown> {
    Ok(Source::from_items(["a ship", "a harbour", "the sea"]))
}

/// In a plugin: `await app.print(lines)`, where `lines` is a ReadableStream, an async generator or anything of that kind
async fn print(_: Cx<()>, mut lines: Stream<String>) -> Result<u32, Thrown> {
    let mut count = 0;
    while let Some(line) = lines.next().await {
        println!("{}", line?);
        count += 1;
    }
    Ok(count)
}

#[tokio::main]
async fn serve(plugin: &str) -> Result<(), Box<dyn std::error::Error>> {
    let host = Host::builder(Api::new(()).function("poem", poem).function("print", print)).build()?;
    let plugin = host.load(Package::open(plugin)?).await?;
    let lines: u32 = plugin.call("run", ()).await?;
    println!("{lines} lines");
    let _report = host.shutdown().await;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    plughold::runner::run_if_asked();
    serve(&std::env::args().nth(1).unwrap_or_else(|| "plugins/shout.js".into()))
}
