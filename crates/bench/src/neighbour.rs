//! One plugin does the most that it may, and another one works beside it: how much of its throughput it loses, and how
//! much longer its slowest calls take.
//!
//! Rounds alone and rounds beside alternate, and the median of each counts: only ratios of one run mean something. The
//! worker makes one call at a time, each with a call back to the application; it needs one processor, so on two there is
//! one left for whoever floods.

use crate::figures::package;
use crate::machine::percentile_us;
use anyhow::{Context, Result};
use comfy_table::{CellAlignment, Table, presets};
use plughold::{
    Api, Backoff, Bytes, Cx, Host, HostBuilder, Json, Plugin, Restart, RunnerProgram, Stream, Thrown,
};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// Rounds of each kind. Odd, so that the median is one of them.
const ROUNDS: usize = 5;

/// How long one round takes.
const ROUND: Duration = Duration::from_millis(400);

/// How long a flood may grow before somebody looks.
const WARM_UP: Duration = Duration::from_millis(100);

/// The goal: the share of throughput that may be lost, and how many times longer the slowest calls may take.
const GOAL: (f64, f64) = (0.10, 2.0);

const WORKER: &str = "export const work = async (number) => await app.echo(number);";

/// What a plugin does without end: its name, its code, and what the application does with it.
struct Flood {
    words: &'static str,
    code: &'static str,
    drive: fn(Plugin) -> JoinHandle<()>,
}

const FLOODS: [Flood; 8] = [
    Flood { words: "nothing", code: "export const go = () => {};", drive: |_| tokio::spawn(async {}) },
    Flood { words: "a loop", code: "export const go = () => { for (;;); };", drive: again },
    Flood {
        words: "memory up to its limit",
        code: "export const go = () => {
            for (let round = 0; round < 20; round++) {
                const all = [];
                while (all.length < 800) all.push(new Uint8Array(1 << 16).fill(round));
            }
        };",
        drive: again,
    },
    Flood {
        words: "lines of its log",
        code: "const line = 'x'.repeat(1_000);
        setInterval(() => { for (let i = 0; i < 8; i++) console.log(line); }, 1);
        export const go = () => {};",
        drive: |_| tokio::spawn(async {}),
    },
    Flood {
        words: "messages that need no credit",
        code: "const again = () => setTimeout(again, 0);
        for (let i = 0; i < 8; i++) again();
        export const go = () => {};",
        drive: |_| tokio::spawn(async {}),
    },
    Flood {
        words: "calls, 1,000 in flight",
        code: "export const go = async () => {
            for (let round = 0; round < 100; round++) {
                await Promise.all(Array.from({ length: 1_000 }, (_, i) => app.echo(i)));
            }
        };",
        drive: again,
    },
    Flood {
        words: "a stream",
        code: "export async function* go() {
            const chunk = new Uint8Array(1 << 14);
            for (;;) yield chunk;
        }",
        drive: |plugin| tokio::spawn(read(plugin)),
    },
    Flood {
        words: "starts that fail",
        code: "if (globalThis.process !== null) throw new Error('again');",
        drive: |_| tokio::spawn(async {}),
    },
];

async fn echo(_: Cx<()>, value: Json) -> Result<Json, Thrown> {
    Ok(value)
}

/// Calls `go` again and again, for as long as the plugin can be called.
fn again(plugin: Plugin) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            // A loop is interrupted at its limit, and begins again.
            if let Err(plughold::CallError::NotActive { .. } | plughold::CallError::Gone { .. }) =
                plugin.call::<_, Json>("go", ()).await
            {
                return;
            }
        }
    })
}

async fn read(plugin: Plugin) {
    let Ok(mut stream) = plugin.call::<_, Stream<Bytes>>("go", ()).await else { return };
    while let Some(Ok(_)) = stream.next().await {}
}

/// What the worker did in one round.
#[derive(Clone, Copy, Debug)]
struct Measured {
    calls_per_second: f64,
    p99_us: f64,
}

/// One line of the table.
struct Row {
    words: &'static str,
    alone: Measured,
    beside: Measured,
}

impl Row {
    /// The share of throughput that is lost.
    fn lost(&self) -> f64 {
        1.0 - self.beside.calls_per_second / self.alone.calls_per_second.max(f64::EPSILON)
    }

    /// How many times longer the slowest calls take.
    fn slower(&self) -> f64 {
        self.beside.p99_us / self.alone.p99_us.max(f64::EPSILON)
    }

    fn is_within_goal(&self) -> bool {
        self.lost() < GOAL.0 && self.slower() < GOAL.1
    }
}

/// Measures every flood and prints the table. `PLUGHOLD_FLOOD` picks those whose name contains it.
pub(crate) async fn run(as_json: bool) -> Result<()> {
    let wanted = std::env::var("PLUGHOLD_FLOOD").unwrap_or_default();
    let mut rows = Vec::new();
    for flood in FLOODS.iter().filter(|flood| flood.words.contains(&wanted)) {
        rows.push(measure(flood).await.with_context(|| flood.words)?);
    }
    print(&rows, as_json);
    Ok(())
}

async fn measure(flood: &Flood) -> Result<Row> {
    let folder = TempDir::new()?;
    let host = host(Restart::Never)?;
    let worker = host.load(package(folder.path(), "worker", WORKER)?).await?;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    work(&worker, WARM_UP).await?;
    for _ in 0..ROUNDS {
        alone.push(work(&worker, ROUND).await?);
        let flooding = Flooding::start(flood, &host, folder.path()).await?;
        work(&worker, WARM_UP).await?;
        beside.push(work(&worker, ROUND).await?);
        flooding.stop().await;
        work(&worker, WARM_UP).await?;
    }
    let _report = host.shutdown().await;
    Ok(Row { words: flood.words, alone: median(&alone), beside: median(&beside) })
}

fn host(restart: Restart) -> Result<Host> {
    let builder: HostBuilder<()> = Host::builder(Api::new(()).function("echo", echo));
    Ok(builder.runner(RunnerProgram::Itself).restart(restart).build()?)
}

/// A plugin that floods.
struct Flooding {
    host: Option<Host>,
    plugin: Plugin,
    drive: JoinHandle<()>,
}

impl Flooding {
    async fn start(flood: &Flood, host: &Host, folder: &Path) -> Result<Flooding> {
        let package = package(folder, "flood", flood.code)?;
        if flood.code.contains("throw") {
            // In a host of its own, which starts it again and again, as soon as it can.
            let at_once = Duration::from_millis(1);
            let backoff =
                Backoff { first: at_once, max: at_once, give_up_after: u32::MAX, ..Backoff::default() };
            let own = self::host(Restart::Always(backoff))?;
            let _fails = own.load(package).await;
            let plugin = own.plugin("flood").context("it is not listed")?;
            return Ok(Flooding { host: Some(own), drive: (flood.drive)(plugin.clone()), plugin });
        }
        let plugin = host.load(package).await?;
        Ok(Flooding { host: None, drive: (flood.drive)(plugin.clone()), plugin })
    }

    async fn stop(self) {
        self.plugin.kill().await;
        self.drive.abort();
        if let Some(host) = self.host {
            let _report = host.shutdown().await;
        }
    }
}

/// The worker works for so long.
async fn work(worker: &Plugin, time: Duration) -> Result<Measured> {
    let started = Instant::now();
    let mut times = Vec::new();
    while started.elapsed() < time {
        let asked = Instant::now();
        worker.call::<_, u64>("work", (1,)).await?;
        times.push(asked.elapsed());
    }
    let calls_per_second = times.len() as f64 / started.elapsed().as_secs_f64();
    times.sort_unstable();
    Ok(Measured { calls_per_second, p99_us: percentile_us(&times, 99) })
}

fn median(rounds: &[Measured]) -> Measured {
    let middle = |figure: fn(&Measured) -> f64| {
        let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or_default()
    };
    Measured {
        calls_per_second: middle(|round| round.calls_per_second),
        p99_us: middle(|round| round.p99_us),
    }
}

#[allow(clippy::print_stdout, reason = "the table is what this program is for")]
fn print(rows: &[Row], as_json: bool) {
    if as_json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                serde_json::json!({
                    "flood": row.words,
                    "calls_per_second": [row.alone.calls_per_second, row.beside.calls_per_second],
                    "p99_us": [row.alone.p99_us, row.beside.p99_us],
                    "lost": row.lost(),
                    "slower": row.slower(),
                })
            })
            .collect();
        println!("{}", serde_json::json!({ "schema": 1, "neighbour": rows }));
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "beside",
        "calls/s alone",
        "beside",
        "lost",
        "p99 µs alone",
        "beside",
        "times",
        "goal",
    ]);
    for row in rows {
        table.add_row([
            row.words.to_owned(),
            format!("{:.0}", row.alone.calls_per_second),
            format!("{:.0}", row.beside.calls_per_second),
            format!("{:.0} %", 100.0 * row.lost()),
            format!("{:.0}", row.alone.p99_us),
            format!("{:.0}", row.beside.p99_us),
            format!("{:.1}", row.slower()),
            if row.is_within_goal() { "met" } else { "missed" }.to_owned(),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}");
}
