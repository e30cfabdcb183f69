//! What is measured, through the public API with default limits.

use crate::floor::{self, Floor};
use crate::machine;
use anyhow::{Context, Result, bail};
use plughold::{
    Api, Bytes, Callback, Cx, Grant, Host, Json, Package, Plugin, Restart, RunnerProgram, Sandbox,
    SandboxLevel, Thrown,
};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// How many idle plugins the figure of memory is taken of.
pub(crate) const IDLE: usize = 20;

/// Calls at a time in the figures of many calls together; the window is 1,024.
const TOGETHER: u32 = 1_000;

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    Call,
    Callback,
    Object,
    CallsTogether,
    GuardedTogether,
    CallbacksTogether,
    MebiByte,
    Start,
    StartWithoutNamespaces,
    StartWithoutSandbox,
    Script,
}

impl Figure {
    pub(crate) const ALL: [Figure; 11] = [
        Figure::Call,
        Figure::Callback,
        Figure::Object,
        Figure::CallsTogether,
        Figure::GuardedTogether,
        Figure::CallbacksTogether,
        Figure::MebiByte,
        Figure::Start,
        Figure::StartWithoutNamespaces,
        Figure::StartWithoutSandbox,
        Figure::Script,
    ];

    pub(crate) fn words(self) -> &'static str {
        match self {
            Figure::Call => "API call, plugin to host and back",
            Figure::Callback => "callback, host to plugin and back",
            Figure::Object => "1 KiB object there and back",
            Figure::CallsTogether => "API calls, 1,000 in flight, each",
            Figure::GuardedTogether => "the same, of a function that needs a permission",
            Figure::CallbacksTogether => "callbacks, 1,000 in flight, each",
            Figure::MebiByte => "1 MiB of bytes there and back",
            Figure::Start => "start of a plugin until it is active",
            Figure::StartWithoutNamespaces => "the same at sandbox level B",
            Figure::StartWithoutSandbox => "the same without a sandbox",
            Figure::Script => "JavaScript that only computes",
        }
    }

    pub(crate) fn floor(self) -> Floor {
        match self {
            Figure::Object => Floor::Socket(1_024),
            Figure::MebiByte => Floor::Socket(1 << 20),
            Figure::Start | Figure::StartWithoutNamespaces | Figure::StartWithoutSandbox => Floor::Spawn,
            Figure::Script => Floor::Script,
            _ => Floor::Socket(64),
        }
    }
}

/// What the plugin under measurement gives to the application.
type Echo = Callback<(Json,), Json>;

#[derive(Default)]
struct Given {
    echo: Mutex<Option<Echo>>,
}

/// A host with the plugin under measurement.
pub(crate) struct Bench {
    host: Host,
    /// Hosts whose runners are locked down less far.
    without_namespaces: Host,
    without_sandbox: Host,
    plugin: Plugin,
    /// The same plugin, locked down and not.
    computing: Plugin,
    computing_without_sandbox: Plugin,
    given: Arc<Given>,
    folder: TempDir,
}

async fn echo(_: Cx<Arc<Given>>, value: Json) -> Result<Json, Thrown> {
    Ok(value)
}

async fn echo_bytes(_: Cx<Arc<Given>>, value: Bytes) -> Result<Bytes, Thrown> {
    Ok(value)
}

async fn give(cx: Cx<Arc<Given>>, function: Echo) -> Result<(), Thrown> {
    *cx.state().echo.lock().unwrap_or_else(PoisonError::into_inner) = Some(function);
    Ok(())
}

impl Bench {
    pub(crate) async fn start() -> Result<Bench> {
        let given = Arc::new(Given::default());
        let api = Api::new(given.clone())
            .function("echo", echo)
            .function("guarded", echo)
            .requires("bench.guarded")
            .function("echoBytes", echo_bytes)
            .function("give", give);
        let builder = Host::builder(api).runner(RunnerProgram::Itself).restart(Restart::Never);
        let host = builder.grants(|_, _| Grant::Allow).build()?;
        let folder = TempDir::new()?;
        let plugin = host.load(package(folder.path(), "measured", include_str!("measured.mjs"))?).await?;
        let without_namespaces = at_level(SandboxLevel::B)?;
        let without_sandbox = at_level(SandboxLevel::D)?;
        // The first start of a host finds out what the machine can do.
        let package = package(folder.path(), "first", "")?;
        without_namespaces.load(package).await?;
        let package = || self::package(folder.path(), "computing", include_str!("computing.mjs"));
        let computing = host.load(package()?).await?;
        let computing_without_sandbox = without_sandbox.load(package()?).await?;
        Ok(Bench {
            host,
            without_namespaces,
            without_sandbox,
            plugin,
            computing,
            computing_without_sandbox,
            given,
            folder,
        })
    }

    pub(crate) async fn measure(&self, figure: Figure) -> Result<Duration> {
        match figure {
            Figure::Call => self.in_plugin("calls", 3_000).await,
            Figure::Object => self.in_plugin("objects", 2_000).await,
            Figure::CallsTogether => self.in_plugin("together", 20 * TOGETHER).await,
            Figure::GuardedTogether => self.in_plugin("guardedTogether", 20 * TOGETHER).await,
            Figure::MebiByte => self.in_plugin("mebibytes", 50).await,
            Figure::Callback => self.callbacks(3_000).await,
            Figure::CallbacksTogether => self.callbacks_together(20).await,
            Figure::Start => self.starts(&self.host, 20).await,
            Figure::StartWithoutNamespaces => self.starts(&self.without_namespaces, 20).await,
            Figure::StartWithoutSandbox => self.starts(&self.without_sandbox, 20).await,
            Figure::Script => run(&self.computing, "compute", 100).await,
        }
    }

    /// What the figure is compared with.
    pub(crate) async fn measure_floor(&self, figure: Figure) -> Result<Duration> {
        match figure.floor() {
            Floor::Socket(size) => floor::ping_pong(size),
            Floor::Spawn => floor::spawn(),
            Floor::Script => run(&self.computing_without_sandbox, "compute", 100).await,
        }
    }

    pub(crate) async fn stop(self) {
        for host in [self.host, self.without_namespaces, self.without_sandbox] {
            let _report = host.shutdown().await;
        }
    }

    /// The plugin makes `count` calls; the export returns when they are done.
    async fn in_plugin(&self, export: &str, count: u32) -> Result<Duration> {
        run(&self.plugin, export, count).await
    }

    fn echo(&self) -> Result<Echo> {
        let echo = self.given.echo.lock().unwrap_or_else(PoisonError::into_inner).clone();
        echo.context("the plugin gave nothing")
    }

    async fn callbacks(&self, count: u32) -> Result<Duration> {
        let echo = self.echo()?;
        for _ in 0..count / 10 {
            echo.call((Json(1.into()),)).await?;
        }
        let start = Instant::now();
        for number in 0..count {
            echo.call((Json(number.into()),)).await?;
        }
        Ok(start.elapsed() / count)
    }

    async fn callbacks_together(&self, rounds: u32) -> Result<Duration> {
        let echo = self.echo()?;
        let start = Instant::now();
        for _ in 0..rounds {
            let mut calls = JoinSet::new();
            for number in 0..TOGETHER {
                let echo = echo.clone();
                calls.spawn(async move { echo.call((Json(number.into()),)).await });
            }
            for result in calls.join_all().await {
                result?;
            }
        }
        Ok(start.elapsed() / (rounds * TOGETHER))
    }

    async fn starts(&self, host: &Host, count: u32) -> Result<Duration> {
        let mut total = Duration::ZERO;
        for _ in 0..count {
            let package = package(self.folder.path(), "started", "export function activate() {}")?;
            let start = Instant::now();
            let plugin = host.load(package).await?;
            total += start.elapsed();
            plugin.kill().await;
        }
        Ok(total / count)
    }
}

/// The time of one of `count` rounds of an export, which returns when they are done.
async fn run(plugin: &Plugin, export: &str, count: u32) -> Result<Duration> {
    let run = |count: u32| plugin.call::<_, ()>(export, (count,)).within(Duration::from_secs(60));
    run(count / 10).await?;
    let start = Instant::now();
    run(count).await?;
    Ok(start.elapsed() / count)
}

/// A host without functions, whose runners are locked down exactly so far.
fn at_level(level: SandboxLevel) -> Result<Host> {
    let builder = Host::builder(Api::new(())).runner(RunnerProgram::Itself).restart(Restart::Never);
    Ok(builder.sandbox(Sandbox::Exactly(level)).allow_unsandboxed().build()?)
}

pub(crate) fn package(folder: &Path, id: &str, source: &str) -> Result<Package> {
    let path = folder.join(format!("{id}.mjs"));
    std::fs::write(&path, source)?;
    match Package::open(&path) {
        Ok(package) => Ok(package),
        Err(problems) => bail!("{problems}"),
    }
}

/// The memory of one of many idle plugins in KiB, or none when the system does not tell.
pub(crate) fn idle_memory() -> Option<u64> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().ok()?;
    runtime.block_on(async {
        let folder = TempDir::new().ok()?;
        let host = Host::builder(Api::new(())).runner(RunnerProgram::Itself).build().ok()?;
        let mut total = 0;
        let mut plugins = Vec::new();
        for number in 0..IDLE {
            let package =
                package(folder.path(), &format!("idle-{number}"), "export function activate() {}").ok()?;
            plugins.push(host.load(package).await.ok()?);
        }
        for plugin in &plugins {
            total += machine::proportional_kib(plugin.info().pid?)?;
        }
        let _report = host.shutdown().await;
        Some(total / IDLE as u64)
    })
}
