//! `plughold events` and `plughold logs`: what has happened to plugins, and what happens.

use crate::args::{Events, LevelName, Listening, Logs};
use crate::attend::remark;
use crate::exit::Exit;
use crate::happening::{self, Record};
use crate::hosts::client_failure;
use crate::remote::{self, Host};
use crate::signals::Signals;
use crate::{json, text};
use plughold_control::record::{Happening, HostInfo};
use plughold_control::{Client, Next, Subscription, Wanted};
use std::io::{self, Write};
use tokio::sync::mpsc;

/// Items of all hosts together that wait to be printed. Beyond it the hosts wait, and then drop the oldest and say so.
const WAITING: usize = 256;

/// Shows events of all kinds.
pub(super) async fn execute(args: Events) -> anyhow::Result<Exit> {
    show(&args.listening, Wanted::default()).await
}

/// Shows what plugins have written to their consoles.
pub(super) async fn logs(args: Logs) -> anyhow::Result<Exit> {
    let level = args.level.map(LevelName::level);
    show(&args.listening, Wanted { kinds: vec!["log".to_owned()], level, ..Wanted::default() }).await
}

async fn show(listening: &Listening, wanted: Wanted) -> anyhow::Result<Exit> {
    let hosts = remote::hosts(&listening.on).await?;
    for id in &listening.plugins {
        remote::named(&hosts, id)?;
    }
    let wanted = Wanted {
        plugins: listening.plugins.clone(),
        last: listening.last(),
        follow: listening.follow,
        ..wanted
    };
    let printer = Printer { is_json: listening.json, id_width: width_of_ids(&hosts, &listening.plugins) };
    match listening.follow {
        true => follow(hosts, &wanted, &printer).await,
        false => look_back(&hosts, &wanted, &printer).await,
    }
}

/// What has happened in all hosts, in its order.
async fn look_back(hosts: &[Host], wanted: &Wanted, printer: &Printer) -> anyhow::Result<Exit> {
    let mut all = Vec::new();
    for host in hosts {
        let mut events = subscribe(&host.client, wanted).await?;
        while let Some(next) = events.next().await {
            match next {
                Next::Item(happening) => all.push((happening, host.client.host())),
                Next::Missed(count) => printer.missed(count, host.client.host())?,
            }
        }
    }
    all.sort_by_key(|(happening, _)| happening.time_ms);
    let last = usize::try_from(wanted.last).unwrap_or(usize::MAX);
    for (happening, host) in all.iter().skip(all.len().saturating_sub(last)) {
        printer.print(happening, host)?;
    }
    Ok(Exit::Success)
}

/// What happens in all hosts, as it comes, until Ctrl-C or the end of the last of them.
async fn follow(hosts: Vec<Host>, wanted: &Wanted, printer: &Printer) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen()?;
    let (to, mut items) = mpsc::channel(WAITING);
    for Host { client, .. } in hosts {
        let mut events = subscribe(&client, wanted).await?;
        let to = to.clone();
        tokio::spawn(async move {
            while let Some(next) = events.next().await {
                if to.send((Some(next), client.host().clone())).await.is_err() {
                    return;
                }
            }
            // Whoever prints may have ended before.
            let _ = to.send((None, client.host().clone())).await;
        });
    }
    drop(to);
    loop {
        let item = tokio::select! {
            item = items.recv() => item,
            () = signals.next() => return Ok(Exit::Interrupted),
        };
        match item {
            Some((Some(Next::Item(happening)), host)) => printer.print(&happening, &host)?,
            Some((Some(Next::Missed(count)), host)) => printer.missed(count, &host)?,
            Some((None, host)) => remark(&format!("the host {} has ended", text::line(&host.name))),
            None => return Ok(Exit::Success),
        }
    }
}

async fn subscribe(client: &Client, wanted: &Wanted) -> anyhow::Result<Subscription<Happening>> {
    Ok(client.events(wanted.clone()).await.map_err(|error| client_failure(&error))?)
}

/// As wide as the longest id of those that may be shown.
fn width_of_ids(hosts: &[Host], named: &[String]) -> usize {
    let all = hosts.iter().flat_map(|host| &host.plugins).map(|plugin| &plugin.id);
    let shown = all.filter(|id| named.is_empty() || named.contains(id));
    shown.map(|id| id.chars().count()).max().unwrap_or(1)
}

struct Printer {
    is_json: bool,
    id_width: usize,
}

impl Printer {
    fn print(&self, happening: &Happening, host: &HostInfo) -> io::Result<()> {
        if self.is_json {
            return json::print_line(&Record::new(happening, host));
        }
        let mut out = anstream::stdout().lock();
        writeln!(out, "{}", happening::shown(happening, self.id_width))?;
        out.flush()
    }

    /// Tells that so many are not shown, because they came faster than they were read.
    fn missed(&self, count: u64, host: &HostInfo) -> io::Result<()> {
        if !self.is_json {
            remark(&format!(
                "{count} of the host {} are not shown: they came too fast",
                text::line(&host.name)
            ));
            return Ok(());
        }
        let fields = [("count".to_owned(), count.into())].into_iter().collect();
        let kind = "missed".to_owned();
        json::print_line(&Record::new(&Happening { kind, fields, ..Happening::default() }, host))
    }
}
