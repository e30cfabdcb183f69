//! `plughold status`: what there is to know of one plugin.

use crate::args::Status;
use crate::exit::Exit;
use crate::failure::{Failure, frames};
use crate::hosts::client_failure;
use crate::paint::{BOLD, DIM, ERROR, GOOD, WARNING, paint};
use crate::remote::{self, Remote};
use crate::snapshot::SCHEMA;
use crate::text::{indented, line};
use crate::time::{brief, long};
use crate::{activity, json};
use anstyle::Style;
use plughold_control::Right;
use plughold_control::record::{CallFigures, HostInfo, Permission, Plugin, State};
use serde::Serialize;
use std::fmt;
use std::io::Write;
use std::time::Duration;

/// What `plughold status --json` prints.
#[derive(Serialize)]
struct Told {
    schema: u32,
    host: HostInfo,
    plugin: Plugin,
    permissions: Vec<Permission>,
    /// Where it is right now, if it is busy.
    stack: Option<String>,
}

pub(super) async fn execute(args: Status) -> anyhow::Result<Exit> {
    let told = ask(remote::find(&args.on, &args.plugin, Right::Read).await?).await?;
    match args.json {
        true => json::print(&told)?,
        false => {
            let mut out = anstream::stdout().lock();
            write!(out, "{told}")?;
            out.flush()?;
        }
    }
    Ok(exit_of(told.plugin.state))
}

/// Systems ask by the exit code whether it is well.
pub(super) fn exit_of(state: State) -> Exit {
    match state {
        State::Failed | State::Disabled | State::Backoff => Exit::Plugin,
        State::Stopped => Exit::NotFound,
        _ => Exit::Success,
    }
}

async fn ask(Remote { client, mut plugin }: Remote) -> Result<Told, Failure> {
    let refused = |error| client_failure(&error);
    let permissions = client.permissions(&plugin.id).await.map_err(refused)?;
    plugin.figures = Some(client.figures(&plugin.id).await.map_err(refused)?);
    let stack = match plugin.activity.as_ref().is_some_and(activity::is_busy) {
        true => client.stack(&plugin.id).await.map_err(refused)?,
        false => None,
    };
    Ok(Told { schema: SCHEMA, host: client.host().clone(), plugin, permissions, stack })
}

impl fmt::Display for Told {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Told { host, plugin, .. } = self;
        let mark = paint(style_of(plugin.state), format_args!("● {}", plugin.state.word()));
        let id = paint(BOLD, line(&plugin.id));
        writeln!(to, "{mark}  {id} {}", line(&plugin.version))?;
        row(to, "host", format_args!("{} (process {})", line(&host.name), host.pid))?;
        row(to, "package", format_args!("{} ({})", line(&plugin.source), line(&plugin.format)))?;
        self.process(to)?;
        self.costs(to)?;
        if !self.permissions.is_empty() {
            let each = self.permissions.iter();
            let each =
                each.map(|permission| format!("{} {}", line(&permission.name), line(&permission.state)));
            row(to, "permissions", Vec::from_iter(each).join(", "))?;
        }
        if !plugin.exports.is_empty() {
            row(to, "exports", Vec::from_iter(plugin.exports.iter().map(|name| line(name))).join(", "))?;
        }
        let Some(error) = &plugin.error else { return Ok(()) };
        row(to, "error", paint(ERROR, indented(&error.message, INDENT)))?;
        if let Some(stack) = &error.stack {
            below(to, stack)?;
        }
        let id = line(&plugin.id);
        writeln!(
            to,
            "{}",
            paint(DIM, format_args!("more: plughold why {id} · plughold logs {id} · plughold report {id}"))
        )
    }
}

impl Told {
    fn process(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plugin = &self.plugin;
        let restarts = match plugin.restarts {
            0 => "never restarted".to_owned(),
            1 => "restarted once".to_owned(),
            count => format!("restarted {count} times"),
        };
        match (plugin.pid, &plugin.figures) {
            (Some(pid), Some(figures)) => {
                let uptime = long(Duration::from_millis(figures.uptime_ms));
                row(to, "process", format_args!("{pid}, up for {uptime}, {restarts}"))?;
            }
            // What it did and how it was locked down is past.
            _ => return row(to, "process", format_args!("none, {restarts}")),
        }
        if let Some(level) = &plugin.sandbox {
            row(
                to,
                "sandbox",
                format_args!("level {}: {}", line(level), line(&plugin.sandbox_layers.join(", "))),
            )?;
        }
        let Some(activity) = &plugin.activity else { return Ok(()) };
        row(to, "now", activity::words(activity))?;
        let stack = self.stack.as_deref().or(activity::stack(activity));
        stack.map_or(Ok(()), |stack| below(to, stack))
    }

    fn costs(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plugin = &self.plugin;
        let Some(figures) = plugin.figures.as_ref().filter(|_| plugin.pid.is_some()) else { return Ok(()) };
        if let Some(bytes) = plugin.memory_bytes {
            row(to, "memory", format_args!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)))?;
        }
        let cpu = &figures.cpu;
        let time = |us| brief(Duration::from_micros(us));
        let slowed = if cpu.is_slowed { ", over its budget and slowed" } else { "" };
        row(
            to,
            "processor",
            format_args!(
                "{} in the last minute, {} in all{slowed}",
                time(cpu.last_minute_us),
                time(cpu.total_us)
            ),
        )?;
        row(to, "calls to it", calls(&figures.to_plugin, figures.queues.calls_to_plugin))?;
        row(to, "its calls", calls(&figures.from_plugin, figures.queues.calls_from_plugin))?;
        let (held, streams) = (plugin.references, plugin.streams);
        let streams = streams.from_plugin + streams.to_plugin;
        row(
            to,
            "references",
            format_args!("holds {}, {} of its own are held; {streams} streams", held.exported, held.imported),
        )
    }
}

/// How wide the names of the rows are.
const NAME: usize = 11;

/// As many spaces as stand before what a row says.
const INDENT: &str = "               ";

fn row(to: &mut fmt::Formatter<'_>, name: &str, what: impl fmt::Display) -> fmt::Result {
    writeln!(to, "  {}  {what}", paint(DIM, format_args!("{name:<NAME$}")))
}

fn below(to: &mut fmt::Formatter<'_>, stack: &str) -> fmt::Result {
    for frame in frames(stack).lines() {
        writeln!(to, "{INDENT}{}", paint(DIM, line(frame)))?;
    }
    Ok(())
}

fn calls(figures: &CallFigures, waiting: u64) -> String {
    let CallFigures { calls, errors, per_second, latency, .. } = figures;
    let mut words = format!("{calls}");
    if 0 < *errors {
        words += &format!(", {errors} threw");
    }
    if 0 < *calls {
        let time = |ns| brief(Duration::from_nanos(ns));
        let (p50, p99) = (time(latency.p50_ns), time(latency.p99_ns));
        words += &format!(", {per_second:.1} a second, p50 {p50}, p99 {p99}");
    }
    if 0 < waiting {
        words += &format!(", {waiting} not answered");
    }
    words
}

fn style_of(state: State) -> Style {
    match state {
        State::Active => GOOD,
        State::Failed | State::Disabled => ERROR,
        State::Unresponsive | State::Backoff => WARNING,
        _ => DIM,
    }
}
