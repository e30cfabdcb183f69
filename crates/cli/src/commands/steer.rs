//! `plughold start`, `stop`, `restart`, `reload` and `kill`.

use crate::args::Steer;
use crate::exit::Exit;
use crate::failure::{Failure, warn};
use crate::hosts::client_failure;
use crate::paint::{BOLD, paint};
use crate::remote::{self, Remote};
use crate::snapshot::SCHEMA;
use crate::{json, text};
use plughold_control::{ClientError, Right};
use serde::Serialize;
use serde_json::Value;
use std::io::Write;

/// What is done to plugins.
#[derive(Clone, Copy)]
pub(super) enum Deed {
    Start,
    Stop,
    Restart,
    Reload,
    Kill,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Done {
    schema: u32,
    plugins: Vec<Outcome>,
}

/// What came of it for one plugin.
#[derive(Serialize)]
struct Outcome {
    plugin: String,
    /// The number of the host's process.
    host: u32,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

pub(super) async fn execute(deed: Deed, args: Steer) -> anyhow::Result<Exit> {
    let hosts = remote::hosts(&args.on).await?;
    let mut remotes = Vec::new();
    // A name that is wrong is told before anything is done.
    for id in &args.plugins {
        remotes.push(remote::reach(&hosts, id, Right::Control).await?);
    }
    let mut exit = Exit::Success;
    let mut plugins = Vec::new();
    for remote in &remotes {
        let outcome = deed.perform(remote).await.map_err(|error| failure(deed, remote, &error));
        if let (Exit::Success, Err(failure)) = (exit, &outcome) {
            exit = failure.exit();
        }
        let (plugin, host) = (remote.plugin.id.clone(), remote.client.host().pid);
        match outcome {
            Ok(done) if args.json => plugins.push(Outcome { plugin, host, done: Some(done), error: None }),
            Err(failure) if args.json => {
                plugins.push(Outcome { plugin, host, done: None, error: Some(failure.to_json()) });
            }
            Ok(done) => {
                let mut out = anstream::stdout().lock();
                writeln!(out, "{}  {}", paint(BOLD, text::line(&plugin)), text::line(&done))?;
                out.flush()?;
            }
            Err(failure) => warn(&failure),
        }
    }
    if args.json {
        json::print(&Done { schema: SCHEMA, plugins })?;
    }
    Ok(exit)
}

impl Deed {
    fn verb(self) -> &'static str {
        match self {
            Deed::Start => "start",
            Deed::Stop => "stop",
            Deed::Restart => "restart",
            Deed::Reload => "reload",
            Deed::Kill => "kill",
        }
    }

    /// Does it, and says in words what came of it.
    async fn perform(self, Remote { client, plugin }: &Remote) -> Result<String, ClientError> {
        let id = &plugin.id;
        Ok(match self {
            Deed::Start if plugin.state.is_running() => "runs already".to_owned(),
            Deed::Start => client.start(id).await.map(|()| "started".to_owned())?,
            Deed::Stop => format!("stopped: {}", client.stop(id).await?),
            Deed::Restart => client.restart(id).await.map(|()| "restarted".to_owned())?,
            Deed::Reload => client.reload(id).await.map(|()| "reloaded".to_owned())?,
            Deed::Kill => format!("killed: {}", client.kill(id).await?),
        })
    }
}

fn failure(deed: Deed, Remote { plugin, .. }: &Remote, error: &ClientError) -> Failure {
    let failure = client_failure(error);
    let id = text::line(&plugin.id);
    let help = match deed {
        Deed::Start | Deed::Restart | Deed::Reload => {
            Some(format!("plughold why {id} says what is known of it"))
        }
        Deed::Stop | Deed::Kill => None,
    };
    failure.about(&format!("cannot {} {id}", deed.verb())).with_help_if(help)
}
