//! The example of docs/embedding.md for what plugins register: commands that come and go with their plugins.
#![allow(clippy::print_stdout, reason = "it is a program")]

use plughold::{Api, Callback, Cx, Host, Package, RegisterError, Registration, Registrations};

type Execute = Callback<(), String>;

#[derive(Clone, Default)]
struct App {
    commands: Registrations<Execute>,
}

impl App {
    /// What the application does when somebody chooses a command.
    async fn execute(&self, name: &str) -> Result<String, Box<dyn std::error::Error>> {
        let execute = self.commands.get(name).ok_or("there is no such command")?;
        Ok(execute.call(()).await?)
    }

    fn names(&self) -> String {
        let names = self.commands.iter().map(|command| format!("{} of {}", command.key(), command.plugin()));
        names.collect::<Vec<_>>().join(", ")
    }
}

/// In a plugin: `const command = await app.commands.add("count", () => …)`, and perhaps `await command.dispose()`.
async fn add(cx: Cx<App>, name: String, execute: Execute) -> Result<Registration, RegisterError> {
    cx.state().commands.insert(&cx, name, execute)
}

#[tokio::main]
async fn serve(folder: &str) -> Result<(), Box<dyn std::error::Error>> {
    let app = App::default();
    let host = Host::builder(Api::new(app.clone()).function("commands.add", add)).build()?;
    let visits = host.load(Package::open(format!("{folder}/visits.js"))?).await?;
    println!("{}", app.names());
    println!("{}", app.execute("visit").await?);
    println!("{}", app.execute("visit").await?);

    // As when its author has saved it: a new process takes over, with the state of the old one.
    visits.reload().await?;
    println!("{}: {}", app.names(), app.execute("visit").await?);

    if let Err(error) = host.load(Package::open(format!("{folder}/rival.js"))?).await {
        println!("{error}");
    }
    visits.kill().await;
    if let Err(error) = app.execute("visit").await {
        println!("{error}");
    }
    let _report = host.shutdown().await;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    plughold::runner::run_if_asked();
    serve(&std::env::args().nth(1).unwrap_or_else(|| "plugins".into()))
}
