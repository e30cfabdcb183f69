//! The table of figures.
//!
//! `cargo run --release -p plughold-bench` measures through the public API with default limits, in rounds that alternate
//! with the machine's own floor, and prints medians. Only the ratios of one run mean something: times depend on the
//! machine and on what else it does.
//!
//! `cargo run --release -p plughold-bench -- soak --calls 10000000 --csv soak.csv --plot soak.svg` watches the memory of both
//! processes and the time of the calls instead, and fails if memory grows.
//!
//! `cargo run --release -p plughold-bench -- neighbour` measures what a plugin at each of its limits costs another one.
//!
//! `cargo run --release -p plughold-bench -- order` puts 10,000 plugins in order beside 1,000, and fails if each of them takes
//! much longer.
//!
//! # Layout
//!
//! - [`floor`]: what the machine needs for the same bytes without any of our code
//! - [`figures`]: what is measured, one function each
//! - [`machine`]: placement on one processor, memory of a process
//! - [`neighbour`]: one plugin at a limit, and what another one has of it
//! - [`order`]: plugins that need each other, put in order
//! - [`plot`]: curves as a picture
//! - [`soak`]: millions of calls, and what they leave behind

mod figures;
mod floor;
mod machine;
mod neighbour;
mod order;
mod plot;
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
    if let Some(wish) = soak_if_asked()? {
        return block_on(soak::run(wish));
    }
    if cfg!(debug_assertions) {
        bail!("figures of a debug build mean nothing: cargo run --release -p plughold-bench");
    }
    let as_json = std::env::args().any(|argument| argument == "--json");
    if std::env::args().nth(1).as_deref() == Some("neighbour") {
        return block_on(neighbour::run(as_json));
    }
    if std::env::args().nth(1).as_deref() == Some("order") {
        return order::run(as_json);
    }
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

/// What is wanted of the soak, if it is asked for: `soak --calls 1000000 --csv soak.csv --plot soak.svg`.
fn soak_if_asked() -> Result<Option<soak::Wish>> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some("soak") {
        return Ok(None);
    }
    let mut wish = soak::Wish { calls: soak::CALLS, csv: None, plot: None };
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--calls", Some(calls)) => wish.calls = calls.parse().context("the number of calls")?,
            ("--csv", Some(path)) => wish.csv = Some(path.into()),
            ("--plot", Some(path)) => wish.plot = Some(path.into()),
            _ => bail!("usage: plughold-bench soak [--calls NUMBER] [--csv FILE] [--plot FILE]"),
        }
    }
    Ok(Some(wish))
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
            floors.push(bench.measure_floor(*figure).await?);
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
