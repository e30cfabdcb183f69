//! The example of docs/embedding.md: an application whose plugins say hello.
#![allow(clippy::print_stdout, reason = "it is a program")]

use plughold::{Api, Callback, Cx, Host, Thrown};
use std::sync::{Arc, Mutex};

type Greeter = Callback<(String,), String>;
type Greeters = Arc<Mutex<Vec<Greeter>>>;

/// In a plugin: `await app.greeters.add((name) => …)`
async fn add(cx: Cx<Greeters>, greeter: Greeter) -> Result<(), Thrown> {
    cx.state().lock().map_err(|_| Thrown::new("Error", "the list is broken"))?.push(greeter);
    Ok(())
}

#[tokio::main]
async fn serve(folder: &str) -> Result<(), Box<dyn std::error::Error>> {
    let greeters = Greeters::default();
    let host = Host::builder(Api::new(greeters.clone()).function("greeters.add", add)).build()?;
    let found = host.discover(folder);
    for problems in &found.problems {
        println!("{problems}");
    }
    for (id, loaded) in host.load_all(found).await {
        println!(
            "{id}: {}",
            loaded.map_or_else(|error| error.to_string(), |plugin| plugin.state().word().into())
        );
    }
    let known: Vec<Greeter> = greeters.lock().map(|list| list.clone()).unwrap_or_default();
    for greeter in known {
        println!("{} says {}", greeter.plugin(), greeter.call(("Ann".to_owned(),)).await?);
    }
    let _report = host.shutdown().await;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    plughold::runner::run_if_asked(); // a plugin's process is this program, executed again
    serve(&std::env::args().nth(1).unwrap_or_else(|| "plugins".into()))
}
