//! The example of docs/embedding.md: plugins that use each other, and a function that blocks its caller.
#![allow(clippy::print_stdout, reason = "it is a program")]

use plughold::{Api, CallError, Callback, Cx, Grant, Host};
use std::time::Duration;

/// In a plugin: `const sorted = app.sort(list, (one, other) => …)`. It returns, and the plugin waits.
async fn sort(
    cx: Cx<()>,
    mut list: Vec<String>,
    is_before: Callback<(String, String), bool>,
) -> Result<Vec<String>, CallError> {
    for end in (1..list.len()).rev() {
        for place in 0..end {
            // The plugin serves this while it waits, because it is called on behalf of the call that it waits for.
            if cx.call(&is_before, (list[place + 1].clone(), list[place].clone())).await? {
                list.swap(place, place + 1);
            }
        }
    }
    Ok(list)
}

#[tokio::main]
async fn serve(folder: &str) -> Result<(), Box<dyn std::error::Error>> {
    let host = Host::builder(Api::new(()).function("sort", sort).blocking())
        .grants(|_, permission| match permission.name.starts_with("plugins.") {
            true => Grant::Allow,
            false => Grant::Deny,
        })
        .build()?;
    for (id, loaded) in host.load_all(host.discover(folder)).await {
        if let Err(error) = loaded {
            println!("{id}: {error}");
        }
    }
    if let Some(crew) = host.plugin("crew") {
        let sorted: Vec<String> = crew.call("sorted", ()).await?;
        println!("{}", sorted.join(", "));
        let late = crew.call::<_, ()>("rest", ()).within(Duration::from_millis(100)).await;
        println!("{}", late.map_or_else(|error| error.to_string(), |()| "rested".into()));
    }
    let _report = host.shutdown().await;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    plughold::runner::run_if_asked();
    serve(&std::env::args().nth(1).unwrap_or_else(|| "plugins".into()))
}
