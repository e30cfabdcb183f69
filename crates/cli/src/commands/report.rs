//! `plughold report`: what is known of a process that ended in a way that nobody asked for.

use crate::args::Report as Args;
use crate::exit::Exit;
use crate::failure::{Failure, folded};
use crate::lines::level_word;
use crate::paint::{BOLD, DIM, ERROR, of_level, paint};
use crate::suggest::nearest;
use crate::text::{self, indented};
use crate::time::brief;
use crate::{json, state};
use anyhow::Context;
use plughold::{Direction, OpenCalls, Report, ReportedMessage};
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How the names of reports end.
const ENDING: &str = ".report.json";

/// Bytes of a file that may be a report. A report is smaller.
const LARGEST: u64 = 1 << 20;

/// Messages that are shown unless all are asked for.
const MESSAGES: usize = 12;

pub(super) fn execute(args: &Args) -> anyhow::Result<Exit> {
    let file = match &args.which {
        Some(which) if Path::new(which).is_file() => PathBuf::from(which),
        which => newest(args, which.as_deref())?,
    };
    let length = std::fs::metadata(&file).map_or(0, |facts| facts.len());
    if LARGEST < length {
        let what = format!("{} is not a report: it has {length} bytes", text::path(&file));
        return Err(Failure::new(Exit::Failed, what).into());
    }
    let content =
        std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", text::path(&file)))?;
    let report: Report = serde_json::from_str(&content).map_err(|error| {
        Failure::new(Exit::Failed, format!("{} is not a report", text::path(&file)))
            .with_detail(error.to_string())
            .with_help("reports are written by plughold run and exec, and by HostBuilder::reports")
    })?;
    if args.json {
        json::print(&report)?;
    } else {
        write!(anstream::stdout(), "{}", page(&report, args.all))?;
    }
    Ok(Exit::Success)
}

/// The newest report of a plugin among those of plughold run and exec, if there is one.
pub(super) fn latest(plugin: &str) -> Option<Report> {
    let args = Args { which: None, dir: None, all: false, json: false };
    let file = newest(&args, Some(plugin)).ok()?;
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

/// The newest report of a plugin, or of any.
fn newest(args: &Args, plugin: Option<&str>) -> Result<PathBuf, Failure> {
    let Some(folder) = args.dir.clone().or_else(state::reports) else {
        let failure = Failure::new(Exit::NotFound, "there is no folder of reports: the user has no home");
        return Err(failure.with_help("name a file, or a folder by --dir"));
    };
    let mut found = reports_in(&folder);
    found.sort_by_key(|(written, _)| std::cmp::Reverse(*written));
    let wanted = |report: &Report| plugin.is_none_or(|plugin| report.plugin == plugin);
    let mut known: Vec<String> = Vec::new();
    for (_, file) in found {
        let Some(report) =
            std::fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Report>(&text).ok())
        else {
            continue;
        };
        if wanted(&report) {
            return Ok(file);
        }
        known.push(report.plugin);
    }
    known.sort_unstable();
    known.dedup();
    let place = text::path(&folder);
    Err(match plugin {
        None => Failure::new(Exit::NotFound, format!("there are no reports in {place}"))
            .with_help("that is good news: no plugin has crashed"),
        Some(plugin) => {
            let meant = nearest(plugin, known.iter().map(String::as_str)).map(str::to_owned);
            Failure::new(Exit::NotFound, format!("there is no report of {} in {place}", text::line(plugin)))
                .with_help_if(meant.map(|meant| format!("did you mean {meant}?")))
        }
    })
}

fn reports_in(folder: &Path) -> Vec<(SystemTime, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let reports = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let facts = std::fs::symlink_metadata(&path).ok()?;
        let is_report = path.file_name()?.to_string_lossy().ends_with(ENDING);
        let fits = facts.is_file() && facts.len() <= LARGEST;
        (is_report && fits).then(|| Some((facts.modified().ok()?, path)))?
    });
    reports.collect()
}

/// All of it for people.
fn page(report: &Report, all: bool) -> String {
    let mut page = String::new();
    // Writing to a text cannot fail.
    let _ = write_page(&mut page, report, all);
    page
}

fn write_page(page: &mut String, report: &Report, all: bool) -> std::fmt::Result {
    let (id, words) = (text::line(&report.plugin), text::line(&report.exit.words));
    writeln!(page, "{} {}  {}", paint(BOLD, &id), text::line(&report.version), paint(ERROR, &words))?;
    let lived = brief(Duration::from_millis(report.lived_ms));
    let (state, pid, number) = (text::line(&report.state), report.pid, report.generation);
    writeln!(page, "  ended    {}, after {lived}; it was {state}", text::line(&report.ended))?;
    writeln!(page, "  process  {pid}, the plugin's {}", ordinal(number))?;
    writeln!(page, "  package  {} ({})", text::line(&report.source), text::line(&report.format))?;
    let layers: Vec<_> = report.sandbox_layers.iter().map(|layer| text::line(layer)).collect();
    let level = report.sandbox.map_or("not reached".to_owned(), |level| level.to_string());
    writeln!(page, "  sandbox  {level}{}", parenthesised(&layers.join(", ")))?;
    let versions = &report.versions;
    let parts = [
        format!("plughold {}", versions.host),
        format!("protocol {}", versions.protocol),
        versions.engine.clone(),
        versions.system.clone(),
    ];
    writeln!(page, "  versions {}", text::line(&parts.join(", ")))?;
    write_memory(page, report)?;
    if let Some(stack) = &report.stack {
        section(page, "where it was")?;
        writeln!(page, "  {}", indented(&folded(stack), "  "))?;
    }
    write_calls(page, "calls to it without an answer", &report.calls_to_plugin, report.serving)?;
    write_calls(page, "calls of it without an answer", &report.calls_from_plugin, None)?;
    if !report.log.is_empty() {
        section(page, "the end of its log")?;
        for line in &report.log {
            let level = paint(of_level(line.level), format_args!("{:5}", level_word(line.level)));
            writeln!(
                page,
                "  {}  {level}  {}",
                moment(line.at_us),
                indented(&line.text, "                    ")
            )?;
        }
    }
    write_messages(page, report, all)
}

fn write_memory(page: &mut String, report: &Report) -> std::fmt::Result {
    let memory = &report.memory;
    let limit = mebibytes(memory.limit_bytes);
    let (Some(&(_, last)), Some(most)) =
        (memory.curve.last(), memory.curve.iter().map(|point| point.1).max())
    else {
        return writeln!(page, "  memory   limit {limit}");
    };
    let curve = sparkline(&memory.curve.iter().map(|point| point.1).collect::<Vec<_>>());
    writeln!(
        page,
        "  memory   {curve}  {} at the end, at least {} at its peak, limit {limit}",
        mebibytes(last),
        mebibytes(most)
    )
}

fn write_calls(page: &mut String, title: &str, calls: &OpenCalls, serving: Option<u64>) -> std::fmt::Result {
    if calls.count == 0 {
        return Ok(());
    }
    section(page, &format!("{title}: {}", calls.count))?;
    for call in &calls.oldest {
        let what = call.what.as_deref().unwrap_or("not known any more");
        let mark =
            if serving == Some(call.id) { paint(ERROR, "  it was serving this one") } else { String::new() };
        writeln!(page, "  {:>6}  {}{mark}", call.id, text::line(what))?;
    }
    match calls.count - calls.oldest.len().min(calls.count) {
        0 => Ok(()),
        more => writeln!(page, "  and {more} more"),
    }
}

fn write_messages(page: &mut String, report: &Report, all: bool) -> std::fmt::Result {
    let skipped = if all { 0 } else { report.messages.len().saturating_sub(MESSAGES) };
    section(page, "the last messages")?;
    let before = report.messages_before.saturating_add(skipped as u64);
    if 0 < before {
        let how = if skipped == 0 { "" } else { "; --all shows what is known of them" };
        writeln!(page, "  {}", paint(DIM, format_args!("{before} before{how}")))?;
    }
    report.messages.iter().skip(skipped).try_for_each(|message| write_message(page, message))
}

fn write_message(page: &mut String, message: &ReportedMessage) -> std::fmt::Result {
    let arrow = match message.direction {
        Direction::In => "←",
        Direction::Out => "→",
    };
    let id = message.id.map_or(String::new(), |id| id.to_string());
    let what = text::line(message.what.as_deref().unwrap_or_default());
    let name = text::line(&message.message);
    let line =
        format!("  {}  {arrow} {name:13} {id:>7} {:>9} B  {what}", moment(message.at_us), message.bytes);
    writeln!(page, "{}", line.trim_end())
}

fn section(page: &mut String, title: &str) -> std::fmt::Result {
    writeln!(page, "\n{}", paint(BOLD, title))
}

fn parenthesised(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}

/// Seconds after the start of the process.
fn moment(at_us: u64) -> String {
    paint(DIM, format_args!("{:>9.4} s", at_us as f64 / 1e6))
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

fn ordinal(number: u32) -> String {
    match number {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        number => format!("{number}th"),
    }
}

/// A curve in one line of text: the heights of its points, between nothing and the highest.
fn sparkline(points: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = points.iter().copied().max().unwrap_or(0).max(1);
    let bar = |point: &u64| {
        let height = u128::from(*point) * (BARS.len() as u128 - 1) / u128::from(most);
        BARS.get(height as usize).copied().unwrap_or(' ')
    };
    points.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use serde_json::json;

    #[test]
    fn a_report_is_one_page() {
        let report = json!({
            "schema": 1, "plugin": "looper", "name": "Looper", "version": "1.0.0", "format": "native",
            "source": "/plugins/looper\u{1b}[2J.js", "generation": 2, "pid": 4711,
            "ended": "2026-11-21T10:00:00.000Z", "lived_ms": 7_250,
            "exit": { "kind": "killed", "code": null, "signal": null, "words": "it was killed: it did not respond" },
            "state": "unresponsive", "stack": "at spin (looper.js:3:5)\nat go (looper.js:9:1)", "serving": 17,
            "memory": { "limit_bytes": 67_108_864, "curve": [[0, 1_048_576], [100, 4_194_304], [200, 8_388_608]] },
            "messages": [
                { "at_us": 1_200, "direction": "in", "message": "Welcome", "bytes": 0 },
                { "at_us": 2_000_000, "direction": "out", "message": "Call", "id": 17, "what": "export go", "bytes": 12 },
            ],
            "messages_before": 30,
            "calls_to_plugin": { "count": 2, "oldest": [{ "id": 17, "what": "go" }] },
            "calls_from_plugin": { "count": 0, "oldest": [] },
            "log": [{ "at_us": 2_000_100, "level": "warn", "text": "here it goes\nand goes" }],
            "sandbox": "A", "sandbox_layers": ["namespaces", "filter"],
            "versions": { "host": "0.1.0", "runner": "0.1.0", "protocol": 1, "engine": "quickjs-ng 0.16.2", "system": "Linux 6.18" },
        });
        let report: Report = serde_json::from_value(report).unwrap();
        let shown = anstream::adapter::strip_str(&page(&report, false)).to_string();
        expect![[r#"
            looper 1.0.0  it was killed: it did not respond
              ended    2026-11-21T10:00:00.000Z, after 7.2 s; it was unresponsive
              process  4711, the plugin's second
              package  /plugins/looper�[2J.js (native)
              sandbox  A (namespaces, filter)
              versions plughold 0.1.0, protocol 1, quickjs-ng 0.16.2, Linux 6.18
              memory   ▁▄█  8.0 MiB at the end, at least 8.0 MiB at its peak, limit 64.0 MiB

            where it was
              at spin (looper.js:3:5)
              at go (looper.js:9:1)

            calls to it without an answer: 2
                  17  go  it was serving this one
              and 1 more

            the end of its log
                 2.0001 s  warn   here it goes
                                and goes

            the last messages
              30 before
                 0.0012 s  ← Welcome                       0 B
                 2.0000 s  → Call               17        12 B  export go
        "#]]
        .assert_eq(&shown);
    }
}
