//! The table of figures.
//!
//! `cargo run --release -p plughold-bench` measures through the public API with default limits, in rounds that alternate
//! with the machine's own floor, and prints medians. Only the ratios of one run mean something: times depend on the
//! machine and on what else it does.
//!
//! `cargo run --release -p plughold-bench -- soak --calls 10000000` watches the memory of both processes instead, and fails
//! if it grows.
//!
//! # Layout
//!
//! - [`floor`]: what the machine needs for the same bytes without any of our code
//! - [`figures`]: what is measured, one function each
//! - [`machine`]: placement on one processor, memory of a process
//! - [`soak`]: millions of calls, and what they leave behind

mod figures;
mod floor;
mod machine;
mod soak;

use anyhow::{Context, Result, bail};
use comfy_table::{CellAlignment, Table, presets};
use figures::{Bench, Figure};
use std::time::Duration;

plughold::runner::install_arena!();

/// Rounds whose median is taken. Odd, so that the median is one of them.
const ROUNDS: usize = 7;

fn main() -> Result<()> {
    plughold::runner::run_if_asked();
    if floor::echo_if_asked()? {
        return Ok(());
    }
    if let Some(calls) = soak_if_asked()? {
        return block_on(soak::run(calls));
    }
    if cfg!(debug_assertions) {
        bail!("figures of a debug build mean nothing: cargo run --release -p plughold-bench");
    }
    let as_json = std::env::args().any(|argument| argument == "--json");
    // Latency on one processor: where two processes run decides more than anything that they do.
    machine::pin_to_one_processor().context("the process cannot be pinned to one processor")?;
    let rows = block_on(measure())?;
    print(&rows, as_json);
    Ok(())
}

fn block_on<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async { tokio::spawn(work).await? })
}

/// How many calls the soak makes, if it is asked for: `soak --calls 1000000`.
fn soak_if_asked() -> Result<Option<u64>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["soak"] => Ok(Some(soak::CALLS)),
        ["soak", "--calls", calls] => Ok(Some(calls.parse().context("the number of calls")?)),
        ["soak", ..] => bail!("usage: plughold-bench soak [--calls NUMBER]"),
        _ => Ok(None),
    }
}

/// One line of the table.
struct Row {
    figure: Figure,
    time: Duration,
    floor: Duration,
}

async fn measure() -> Result<Vec<Row>> {
    let bench = Bench::start().await?;
    let mut samples: Vec<(Figure, Vec<Duration>, Vec<Duration>)> =
        Figure::ALL.iter().map(|figure| (*figure, Vec::new(), Vec::new())).collect();
    for _ in 0..ROUNDS {
        for (figure, times, floors) in &mut samples {
            floors.push(floor::measure(figure.floor())?);
            times.push(bench.measure(*figure).await.with_context(|| figure.words())?);
        }
    }
    let rows = samples
        .into_iter()
        .map(|(figure, times, floors)| Row { figure, time: median(times), floor: median(floors) })
        .collect();
    bench.stop().await;
    Ok(rows)
}

fn median(mut samples: Vec<Duration>) -> Duration {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}

#[allow(clippy::print_stdout, reason = "the table is what this program is for")]
fn print(rows: &[Row], as_json: bool) {
    let memory = figures::idle_memory();
    if as_json {
        let figures: Vec<_> = rows
            .iter()
            .map(|row| {
                serde_json::json!({
                    "figure": row.figure.words(),
                    "microseconds": micros(row.time),
                    "floor_microseconds": micros(row.floor),
                    "ratio": ratio(row),
                })
            })
            .collect();
        println!("{}", serde_json::json!({ "schema": 1, "figures": figures, "idle_pss_kib": memory }));
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["figure", "µs", "floor", "µs", "ratio"]);
    for row in rows {
        table.add_row([
            row.figure.words().to_owned(),
            format!("{:.2}", micros(row.time)),
            row.figure.floor().words().to_owned(),
            format!("{:.2}", micros(row.floor)),
            format!("{:.2}", ratio(row)),
        ]);
    }
    for index in [1, 3, 4] {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("{table}\n");
    match memory {
        Some(kib) => println!(
            "memory of an idle plugin: {kib} KiB (proportional set size, of {} plugins)",
            figures::IDLE
        ),
        None => println!("memory of an idle plugin: the system does not tell"),
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn ratio(row: &Row) -> f64 {
    row.time.as_secs_f64() / row.floor.as_secs_f64().max(f64::EPSILON)
}
