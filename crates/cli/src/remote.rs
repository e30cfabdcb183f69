//! A plugin of a host that runs, for the commands that look at one or steer it.

use crate::exit::Exit;
use crate::failure::{Failure, warn};
use crate::hosts::{HostChoice, chosen, client_failure, connect};
use crate::suggest::nearest;
use crate::text;
use plughold_control::record::Plugin;
use plughold_control::{Client, Entry, Right};

/// A host that answered, with its plugins.
pub(crate) struct Host {
    entry: Entry,
    pub(crate) client: Client,
    pub(crate) plugins: Vec<Plugin>,
}

/// A plugin and the connection to its host.
pub(crate) struct Remote {
    pub(crate) client: Client,
    pub(crate) plugin: Plugin,
}

/// The hosts that the choice means and that answer; at least one. Tells of the others.
pub(crate) async fn hosts(choice: &HostChoice) -> Result<Vec<Host>, Failure> {
    let mut hosts = Vec::new();
    let mut failures = Vec::new();
    for entry in chosen(choice)? {
        match look(entry).await {
            Ok(host) => hosts.push(host),
            Err(failure) => failures.push(failure),
        }
    }
    // One that has just ended, or does not answer, hides no other.
    if hosts.is_empty()
        && let Some(failure) = failures.pop()
    {
        return Err(failure);
    }
    failures.iter().for_each(warn);
    Ok(hosts)
}

/// The plugin with this id, with at least this right on its host.
pub(crate) async fn find(choice: &HostChoice, id: &str, right: Right) -> Result<Remote, Failure> {
    let hosts = hosts(choice).await?;
    reach(&hosts, id, right).await
}

/// The plugin with this id on one of these hosts, with at least this right.
pub(crate) async fn reach(hosts: &[Host], id: &str, right: Right) -> Result<Remote, Failure> {
    let (host, plugin) = pick(hosts, id)?;
    let client = match right <= host.client.right() {
        true => host.client.clone(),
        false => connect(&host.entry, right).await?,
    };
    Ok(Remote { client, plugin: plugin.clone() })
}

/// The plugin with this id: exactly one of one host.
pub(crate) fn pick<'h>(hosts: &'h [Host], id: &str) -> Result<(&'h Host, &'h Plugin), Failure> {
    let all = || hosts.iter().flat_map(|host| host.plugins.iter().map(move |plugin| (host, plugin)));
    let mut found = all().filter(|(_, plugin)| plugin.id == id);
    let Some(first) = found.next() else {
        return Err(unknown(id, &Vec::from_iter(all().map(|(_, plugin)| plugin.id.as_str()))));
    };
    if found.next().is_none() {
        return Ok(first);
    }
    let list = all().filter(|(_, plugin)| plugin.id == id).map(|(host, _)| {
        let info = host.client.host();
        format!("{} (process {})", text::line(&info.name), info.pid)
    });
    let list = Vec::from_iter(list).join(", ");
    Err(Failure::new(Exit::Usage, format!("several hosts have a plugin {}", text::line(id)))
        .with_detail(list)
        .with_help(format!("--host {} means one of them", first.0.client.host().pid)))
}

/// Makes sure that a plugin with this id is on at least one of these hosts.
pub(crate) fn named(hosts: &[Host], id: &str) -> Result<(), Failure> {
    let known = Vec::from_iter(hosts.iter().flat_map(|host| &host.plugins).map(|plugin| plugin.id.as_str()));
    match known.contains(&id) {
        true => Ok(()),
        false => Err(unknown(id, &known)),
    }
}

async fn look(entry: Entry) -> Result<Host, Failure> {
    let client = connect(&entry, Right::Read).await?;
    let plugins = client.plugins().await.map_err(|error| client_failure(&error))?;
    Ok(Host { entry, client, plugins })
}

fn unknown(id: &str, known: &[&str]) -> Failure {
    let failure = Failure::new(Exit::NotFound, format!("no host has a plugin {}", text::line(id)));
    let list = Vec::from_iter(known.iter().map(|known| text::line(known))).join(", ");
    let failure = failure.with_detail(format!("known: {}", if list.is_empty() { "none" } else { &list }));
    let near = nearest(id, known.iter().copied());
    failure.with_help_if(near.map(|near| format!("did you mean {}?", text::line(near))))
}
