//! The soak: millions of calls in both directions with functions and objects in their arguments and results, while the
//! memory of both processes and the time of the calls are watched. What grows here grows for ever somewhere else.

use crate::machine;
use crate::plot::{self, Panel};
use anyhow::{Context, Result, bail, ensure};
use comfy_table::{CellAlignment, Table, presets};
use plughold::{
    Api, CallError, Callback, Cx, Function, Host, Plugin, PluginInfo, Remote, Restart, RunnerProgram, Thrown,
};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Calls unless another number is asked for.
pub(crate) const CALLS: u64 = 10_000_000;

/// Calls that one visit makes: to the application, to the function that it was given, from there to the application's
/// function, to a method of the object that came with it, and to the function that the application gave back.
const CALLS_PER_VISIT: u64 = 5;

/// Times at which memory is looked at.
const SAMPLES: u64 = 64;

/// Visits before the first look: caches and tables get their size.
const WARM_UP: u64 = 4_000;

/// What the last quarter may be above the first, in KiB: pages that an allocator keeps for one burst or another. A leak of
/// one byte for each call would be 10 MB after 10 million.
const SLACK_KIB: u64 = 1_024;

/// How long one part of the visits may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Wish {
    /// How many calls.
    pub(crate) calls: u64,
    /// Where the samples go as lines of comma-separated values.
    pub(crate) csv: Option<PathBuf>,
    /// Where they go as a picture.
    pub(crate) plot: Option<PathBuf>,
}

/// What was seen at one time.
#[derive(Clone, Copy, Debug)]
struct Sample {
    calls: u64,
    seconds: f64,
    host_kib: u64,
    runner_kib: u64,
    /// How long the calls since the sample before took, in microseconds.
    p50_us: f64,
    p99_us: f64,
}

/// How long calls to the plugin took since somebody asked last.
type Times = Arc<Mutex<Vec<Duration>>>;

/// A figure that may not grow, by its name.
type Figure = (&'static str, fn(&Sample) -> u64);

const FIGURES: [Figure; 2] = [("host", |sample| sample.host_kib), ("runner", |sample| sample.runner_kib)];

async fn visit(
    cx: Cx<Times>,
    number: u64,
    answer: Callback<(u64, Function), u64>,
    note: Remote,
) -> Result<Function, CallError> {
    let doubled = Function::new((), async |_: Cx<()>, number: u64| Ok::<_, Thrown>(2 * number));
    let asked = Instant::now();
    let answered = cx.call(&answer, (number, doubled));
    let seen = note.call::<_, u64>("seen", ());
    let (answered, seen) = (answered.await?, seen.await?);
    cx.state().lock().unwrap_or_else(PoisonError::into_inner).push(asked.elapsed());
    Ok(Function::new(answered + seen, async |cx: Cx<u64>| Ok::<_, Thrown>(*cx.state())))
}

/// Makes so many calls, tells what it saw, and fails if it grew.
pub(crate) async fn run(Wish { calls, csv, plot }: Wish) -> Result<()> {
    let times = Times::default();
    let api = Api::new(times.clone()).function("visit", visit);
    let host = Host::builder(api).runner(RunnerProgram::Itself).restart(Restart::Never).build()?;
    let folder = TempDir::new()?;
    let package = crate::figures::package(folder.path(), "soaked", include_str!("soaked.mjs"))?;
    let plugin = host.load(package).await?;
    visits(&plugin, WARM_UP).await?;
    let started = Instant::now();
    let visits_between = (calls / CALLS_PER_VISIT / SAMPLES).max(1);
    let mut samples = vec![sample(&plugin.info(), 0, started, &times)?];
    for part in 1..=SAMPLES {
        visits(&plugin, visits_between).await?;
        samples.push(sample(&plugin.info(), part * visits_between * CALLS_PER_VISIT, started, &times)?);
    }
    tell(&samples, started.elapsed());
    if let Some(path) = csv {
        std::fs::write(path, lines(&samples)).context("the samples cannot be written")?;
    }
    if let Some(path) = plot {
        std::fs::write(path, picture(&samples)).context("the plot cannot be written")?;
    }
    let left = leftover(&plugin).await;
    let report = host.shutdown().await;
    ensure!(report.killed.is_empty() && report.crashed.is_empty(), "the plugin did not stop: {report:?}");
    left?;
    check(&samples)
}

async fn visits(plugin: &Plugin, count: u64) -> Result<()> {
    Ok(plugin.call::<_, ()>("visits", (count,)).within(PATIENCE).await?)
}

fn sample(info: &PluginInfo, calls: u64, started: Instant, times: &Times) -> Result<Sample> {
    let runner = info.pid.context("the plugin has no process")?;
    let kib_of =
        |pid| machine::proportional_kib(pid).context("the system does not tell the memory of a process");
    let mut taken = std::mem::take(&mut *times.lock().unwrap_or_else(PoisonError::into_inner));
    taken.sort_unstable();
    Ok(Sample {
        calls,
        seconds: started.elapsed().as_secs_f64(),
        host_kib: kib_of(std::process::id())?,
        runner_kib: kib_of(runner)?,
        p50_us: machine::percentile_us(&taken, 50),
        p99_us: machine::percentile_us(&taken, 99),
    })
}

/// Neither side may hold anything of the other any more; the releases that are on their way come before an answer.
async fn leftover(plugin: &Plugin) -> Result<()> {
    for _ in 0..2 {
        visits(plugin, 0).await?;
    }
    let left = plugin.info().references;
    ensure!((left.imported, left.exported) == (0, 0), "references are left: {left:?}");
    Ok(())
}

/// The highest figure of the last quarter is not much above that of the first.
fn check(samples: &[Sample]) -> Result<()> {
    let quarter = samples.len() / 4;
    for (name, figure) in FIGURES {
        let highest = |part: &[Sample]| part.iter().map(figure).max().unwrap_or_default();
        let (first, last) = (highest(&samples[..quarter]), highest(&samples[samples.len() - quarter..]));
        if first + SLACK_KIB < last {
            bail!("the memory of the {name} grew from {first} KiB to {last} KiB");
        }
    }
    Ok(())
}

/// The samples, a line for each.
fn lines(samples: &[Sample]) -> String {
    let mut lines = String::from("calls,seconds,host_kib,runner_kib,p50_us,p99_us\n");
    for Sample { calls, seconds, host_kib, runner_kib, p50_us, p99_us } in samples {
        let _always_ok =
            writeln!(lines, "{calls},{seconds:.3},{host_kib},{runner_kib},{p50_us:.1},{p99_us:.1}");
    }
    lines
}

/// The samples as curves. The first has no calls before it, and so no times.
fn picture(samples: &[Sample]) -> String {
    let curve = |figure: fn(&Sample) -> f64| samples.iter().skip(1).map(figure).collect();
    let memory = vec![
        ("host", curve(|sample| sample.host_kib as f64)),
        ("runner", curve(|sample| sample.runner_kib as f64)),
    ];
    let times = vec![("p50", curve(|sample| sample.p50_us)), ("p99", curve(|sample| sample.p99_us))];
    let calls = samples.last().map_or(0, |sample| sample.calls);
    plot::svg(&[Panel { unit: "KiB", curves: memory }, Panel { unit: "µs", curves: times }], calls)
}

#[allow(clippy::print_stdout, reason = "the table is what this program is for")]
fn tell(samples: &[Sample], took: Duration) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["calls", "host KiB", "runner KiB", "p50 µs", "p99 µs"]);
    // The first one, the last one, and every eighth between them.
    for sample in samples.iter().step_by(SAMPLES as usize / 8) {
        let numbers = [sample.calls, sample.host_kib, sample.runner_kib].map(|number| number.to_string());
        table.add_row(numbers.into_iter().chain([sample.p50_us, sample.p99_us].map(|us| format!("{us:.0}"))));
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}\n");
    let calls = samples.last().map_or(0, |sample| sample.calls);
    println!("{calls} calls and callbacks in {:.1} s (proportional set size)", took.as_secs_f64());
}
