//! `plughold ps`: the plugins of every host that runs.

use crate::args::Ps;
use crate::exit::Exit;
use crate::failure::{Failure, warn};
use crate::hosts::{self, client_failure, connect};
use crate::snapshot::SCHEMA;
use crate::{json, table};
use plughold_control::record::{HostInfo, Plugin, State};
use plughold_control::{Entry, Right};
use serde::Serialize;
use std::io::Write;

/// What `plughold ps --json` prints.
#[derive(Serialize)]
struct Listing {
    schema: u32,
    hosts: Vec<Listed>,
}

/// One host.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    host: HostInfo,
    plugins: Vec<Plugin>,
}

pub(super) async fn execute(args: Ps) -> anyhow::Result<Exit> {
    let mut hosts = Vec::new();
    let mut failures = Vec::new();
    for entry in hosts::chosen(&args.on)? {
        match look(&entry, args.all).await {
            Ok(listed) => hosts.push(listed),
            Err(failure) => failures.push(failure),
        }
    }
    // One that has just ended, or does not answer, hides no other.
    if hosts.is_empty()
        && let Some(failure) = failures.pop()
    {
        return Err(failure.into());
    }
    failures.iter().for_each(warn);
    if args.json {
        json::print(&Listing { schema: SCHEMA, hosts })?;
    } else if args.quiet {
        let mut out = anstream::stdout().lock();
        for plugin in hosts.iter().flat_map(|listed| &listed.plugins) {
            writeln!(out, "{}", plugin.id)?;
        }
    } else {
        let rows = hosts.iter().flat_map(|listed| listed.plugins.iter().map(|plugin| (plugin, &listed.host)));
        writeln!(anstream::stdout(), "{}", table::of_hosts(&Vec::from_iter(rows)))?;
    }
    Ok(if failures.is_empty() { Exit::Success } else { Exit::Failed })
}

async fn look(entry: &Entry, all: bool) -> Result<Listed, Failure> {
    let client = connect(entry, Right::Read).await?;
    let mut plugins = client.plugins().await.map_err(|error| client_failure(&error))?;
    plugins.retain(|plugin| all || is_of_interest(plugin.state));
    Ok(Listed { host: client.host().clone(), plugins })
}

/// Whether it runs, or should and does not. One that somebody stopped, and one that nobody uses, is as it should be.
fn is_of_interest(state: State) -> bool {
    !matches!(state, State::Stopped | State::Resting)
}
