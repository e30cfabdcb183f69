//! The example of docs/embedding.md: an application whose plugins say hello.
#![allow(clippy::print_stdout, reason = "it is a program")]

use plughold::{Api, Callback, Cx, Host, PluginId, RegisterError, Registrations};

type Greeter = Callback<(String,), String>;
/// One of each plugin, for as long as the plugin runs.
type Greeters = Registrations<Greeter, PluginId>;

/// In a plugin: `await app.greeters.add((name) => …)`
async fn add(cx: Cx<Greeters>, greeter: Greeter) -> Result<(), RegisterError> {
    cx.state().insert(&cx, cx.plugin().clone(), greeter).map(drop)
}

#[tokio::main]
async fn serve(folder: &str) -> Result<(), Box<dyn std::error::Error>> {
    let greeters = Greeters::new();
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
    for greeter in greeters.iter() {
        println!("{} says {}", greeter.plugin(), greeter.call(("Ann".to_owned(),)).await?);
    }
    let _report = host.shutdown().await;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    plughold::runner::run_if_asked(); // a plugin's process is this program, executed again
    serve(&std::env::args().nth(1).unwrap_or_else(|| "plugins".into()))
}
