//! `plughold inspect`: what a plugin's calls cost, what waits, and what is held across its border.

use crate::args::Inspect;
use crate::exit::Exit;
use crate::hosts::client_failure;
use crate::paint::{BOLD, DIM, WARNING, paint};
use crate::places::{self, Place};
use crate::remote::{self, Remote};
use crate::snapshot::SCHEMA;
use crate::text::line;
use crate::time::{brief, long};
use crate::{json, table};
use plughold_control::Right;
use plughold_control::record::{
    CallFigures, Direction, Figures, Holder, HostInfo, PendingCall, Reference, ReferenceKind,
};
use serde::Serialize;
use std::io::{self, Write};
use std::time::Duration;

/// Rows of a table that are shown of those that are summed up.
const MOST: usize = 12;

/// What `plughold inspect --json` prints.
#[derive(Serialize)]
struct Told {
    schema: u32,
    host: HostInfo,
    plugin: String,
    figures: Figures,
    pending: Vec<PendingCall>,
    references: Vec<Reference>,
    /// The same by the place where they were passed, the one with the most first.
    places: Vec<Place>,
    /// What should be looked at, in words.
    warnings: Vec<String>,
}

pub(super) async fn execute(args: Inspect) -> anyhow::Result<Exit> {
    let Remote { client, plugin } = remote::find(&args.on, &args.plugin, Right::Read).await?;
    let refused = |error| client_failure(&error);
    let figures = client.figures(&plugin.id).await.map_err(refused)?;
    let pending = client.pending(&plugin.id).await.map_err(refused)?;
    let references = client.references(&plugin.id).await.map_err(refused)?;
    let places = places::of(&references);
    let told = Told {
        schema: SCHEMA,
        host: client.host().clone(),
        warnings: places::warning(&references, &places).into_iter().collect(),
        plugin: plugin.id,
        figures,
        pending,
        references,
        places,
    };
    match args.json {
        true => json::print(&told)?,
        false => {
            let mut out = anstream::stdout().lock();
            told.write(&mut out, args.refs)?;
            out.flush()?;
        }
    }
    Ok(Exit::Success)
}

impl Told {
    fn write(&self, to: &mut impl Write, refs: bool) -> io::Result<()> {
        let host = format!("{} (process {})", line(&self.host.name), self.host.pid);
        writeln!(to, "{}  {}", paint(BOLD, line(&self.plugin)), paint(DIM, host))?;
        functions(to, "calls to it", &self.figures.to_plugin)?;
        functions(to, "its calls", &self.figures.from_plugin)?;
        pending(to, &self.pending)?;
        streams(to, &self.references)?;
        let held = Vec::from_iter(self.references.iter().filter(|held| held.kind != ReferenceKind::Stream));
        match refs {
            true => {
                title(to, "functions and objects", held.len())?;
                references(to, &held)?;
            }
            false => {
                title(to, "functions and objects, by place", held.len())?;
                self.places(to)?;
            }
        }
        for warning in &self.warnings {
            writeln!(to, "\n{} {}", paint(WARNING, "warning:"), line(warning))?;
        }
        Ok(())
    }

    fn places(&self, to: &mut impl Write) -> io::Result<()> {
        let rows = self.places.iter().take(MOST).map(|place| {
            let ages = [place.oldest_ms, place.newest_ms].map(|age| long(Duration::from_millis(age)));
            let [oldest, newest] = ages;
            vec![
                place.count.to_string(),
                oldest,
                newest,
                place.calls.to_string(),
                line(&place.place).into_owned(),
            ]
        });
        below(to, &["HELD", "OLDEST", "NEWEST", "CALLS", "PLACE"], rows.collect())?;
        more(to, self.places.len())
    }
}

fn functions(to: &mut impl Write, name: &str, figures: &CallFigures) -> io::Result<()> {
    title(to, name, figures.functions.len())?;
    let mut all = Vec::from_iter(&figures.functions);
    all.sort_by_key(|function| std::cmp::Reverse((function.spent_us, function.calls)));
    let rows = all.iter().take(MOST).map(|function| {
        let time = |ns| brief(Duration::from_nanos(ns));
        let latency = function.latency;
        vec![
            function.calls.to_string(),
            function.errors.to_string(),
            time(latency.p50_ns),
            time(latency.p99_ns),
            time(latency.slowest_ns),
            brief(Duration::from_micros(function.spent_us)),
            format!("{} {}", line(&function.kind), line(&function.name)),
        ]
    });
    below(to, &["CALLS", "THREW", "P50", "P99", "SLOWEST", "COMPUTED", "FUNCTION"], rows.collect())?;
    more(to, all.len())
}

fn pending(to: &mut impl Write, pending: &[PendingCall]) -> io::Result<()> {
    title(to, "calls that are not answered", pending.len())?;
    let rows = pending.iter().map(|call| {
        let way = match call.direction {
            Direction::FromPlugin => "of it",
            Direction::ToPlugin => "to it",
        };
        let mut notes = format!("{} {}", line(&call.kind), line(&call.name));
        if let Some(parent) = &call.parent {
            notes += &format!(", for {} of {}", line(&parent.name), line(&parent.plugin));
        }
        if call.is_blocking {
            notes += ", blocking";
        }
        if !call.is_wanted {
            notes += ", nobody wants it any more";
        }
        vec![call.id.to_string(), way.to_owned(), long(Duration::from_millis(call.age_ms)), notes]
    });
    below(to, &["CALL", "WAY", "AGE", "FUNCTION"], rows.collect())
}

fn streams(to: &mut impl Write, references: &[Reference]) -> io::Result<()> {
    let streams = references.iter().filter(|held| held.kind == ReferenceKind::Stream);
    let rows = streams.map(|held| {
        vec![
            held.id.to_string(),
            holder(held.holder).to_owned(),
            long(Duration::from_millis(held.age_ms)),
            held.unread_bytes.to_string(),
            place_of(held),
        ]
    });
    let rows = Vec::from_iter(rows);
    if rows.is_empty() {
        return Ok(());
    }
    title(to, "streams", rows.len())?;
    below(to, &["ID", "READ BY", "AGE", "UNREAD", "PLACE"], rows)
}

fn references(to: &mut impl Write, held: &[&Reference]) -> io::Result<()> {
    let rows = held.iter().map(|held| {
        let kind = match held.kind {
            ReferenceKind::Function => "function",
            ReferenceKind::Object => "object",
            ReferenceKind::Stream => "stream",
            ReferenceKind::Other => "other",
        };
        vec![
            held.id.to_string(),
            holder(held.holder).to_owned(),
            kind.to_owned(),
            long(Duration::from_millis(held.age_ms)),
            held.calls.to_string(),
            line(&held.name).into_owned(),
            place_of(held),
        ]
    });
    below(to, &["ID", "HELD BY", "KIND", "AGE", "CALLS", "NAME", "PLACE"], rows.collect())
}

fn holder(holder: Holder) -> &'static str {
    match holder {
        Holder::Plugin => "plugin",
        Holder::Host => "host",
    }
}

fn place_of(held: &Reference) -> String {
    line(held.place.as_deref().unwrap_or("–")).into_owned()
}

fn title(to: &mut impl Write, name: &str, count: usize) -> io::Result<()> {
    match count {
        0 => writeln!(to, "\n{}: none", paint(BOLD, name)),
        count => writeln!(to, "\n{}: {count}", paint(BOLD, name)),
    }
}

fn below(to: &mut impl Write, header: &[&'static str], rows: Vec<Vec<String>>) -> io::Result<()> {
    match rows.is_empty() {
        true => Ok(()),
        false => writeln!(to, "{}", table::of_rows(header, rows)),
    }
}

fn more(to: &mut impl Write, count: usize) -> io::Result<()> {
    match count.saturating_sub(MOST) {
        0 => Ok(()),
        more => writeln!(to, "{}", paint(DIM, format_args!("and {more} more: --json has all"))),
    }
}
