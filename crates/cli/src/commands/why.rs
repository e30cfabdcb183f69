//! `plughold why`: one page in words on why a plugin runs, does not run, was killed, or is slow.

use crate::args::Why;
use crate::commands::{report, status};
use crate::exit::Exit;
use crate::failure::{Failure, folded};
use crate::hosts::client_failure;
use crate::paint::{BOLD, DIM, HELP, paint};
use crate::reasons::{Reason, Seen, reasons};
use crate::remote::{self, Remote};
use crate::snapshot::SCHEMA;
use crate::text::{self, indented, line};
use crate::time::brief;
use crate::{activity, happening, json};
use plughold_control::record::{Happening, HostInfo, State};
use plughold_control::{Client, Next, Right, Wanted};
use serde::Serialize;
use std::io::{self, Write};
use std::time::Duration;

/// Happenings of the plugin that are looked at, and how many of them are shown.
const LOOKED_AT: u32 = 256;
const SHOWN: usize = 8;

/// What `plughold why --json` prints.
#[derive(Serialize)]
struct Page {
    schema: u32,
    host: HostInfo,
    plugin: String,
    state: State,
    /// The most telling first.
    reasons: Vec<Reason>,
    /// What happened last but its log, the oldest first.
    happened: Vec<Happening>,
}

pub(super) async fn execute(args: Why) -> anyhow::Result<Exit> {
    let Remote { client, plugin } = remote::find(&args.on, &args.plugin, Right::Read).await?;
    let id = plugin.id.clone();
    let refused = |error| client_failure(&error);
    let stack = match plugin.activity.as_ref().is_some_and(activity::is_busy) {
        true => client.stack(&id).await.map_err(refused)?,
        false => None,
    };
    let mut happened = happened(&client, &id).await?;
    let seen = Seen {
        figures: client.figures(&id).await.map_err(refused)?,
        pending: client.pending(&id).await.map_err(refused)?,
        references: client.references(&id).await.map_err(refused)?,
        permissions: client.permissions(&id).await.map_err(refused)?,
        happened: &happened,
        stack,
        plugin,
    };
    let mut reasons = reasons(&seen);
    reasons.extend(of_report(&seen));
    let state = seen.plugin.state;
    happened.retain(|happening| happening.kind != "log");
    happened.drain(..happened.len().saturating_sub(SHOWN));
    let page = Page { schema: SCHEMA, host: client.host().clone(), plugin: id, state, reasons, happened };
    match args.json {
        true => json::print(&page)?,
        false => {
            let mut out = anstream::stdout().lock();
            page.write(&mut out)?;
            out.flush()?;
        }
    }
    Ok(status::exit_of(state))
}

async fn happened(client: &Client, id: &str) -> Result<Vec<Happening>, Failure> {
    let wanted = Wanted { plugins: vec![id.to_owned()], last: LOOKED_AT, ..Wanted::default() };
    let mut events = client.events(wanted).await.map_err(|error| client_failure(&error))?;
    let mut happened = Vec::new();
    while let Some(next) = events.next().await {
        if let Next::Item(happening) = next {
            happened.push(happening);
        }
    }
    Ok(happened)
}

/// The newest report of this very package: of processes before, and of hosts before.
fn of_report(seen: &Seen<'_>) -> Option<Reason> {
    let report = report::latest(&seen.plugin.id).filter(|report| report.source == seen.plugin.source)?;
    let lived = brief(Duration::from_millis(report.lived_ms));
    let what = format!("its newest report, of {}: {} after {lived}", report.ended, report.exit.words);
    let reason = Reason::new(what).with_help(format!("plughold report {}", line(&seen.plugin.id)));
    Some(match &report.stack {
        Some(stack) => reason.with_detail(folded(stack)),
        None => reason,
    })
}

impl Page {
    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let host = format!("{} (process {})", line(&self.host.name), self.host.pid);
        writeln!(to, "{} is {}  {}", paint(BOLD, line(&self.plugin)), self.state.word(), paint(DIM, host))?;
        for reason in &self.reasons {
            writeln!(to, "\n- {}", indented(&reason.what, "  "))?;
            for detail in &reason.details {
                writeln!(to, "    {}", paint(DIM, indented(detail, "    ")))?;
            }
            if let Some(help) = &reason.help {
                writeln!(to, "  {} {}", paint(HELP, "help:"), text::line(help))?;
            }
        }
        if self.happened.is_empty() {
            return Ok(());
        }
        writeln!(to, "\n{}", paint(BOLD, "what happened last"))?;
        let width = self.plugin.chars().count();
        self.happened.iter().try_for_each(|happening| writeln!(to, "{}", happening::shown(happening, width)))
    }
}
