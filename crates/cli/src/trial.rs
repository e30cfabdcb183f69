//! An empty plugin that is started, to see whether plugins can run here, how fast, and how well they are locked down.

use crate::platform::PlatformName;
use anyhow::Context;
use plughold::{Host, Package, PluginInfo, Restart, RunnerProgram, Sandbox, SandboxLevel};
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How a trial went.
pub(crate) struct Trial {
    /// The plugin while it ran.
    pub(crate) info: PluginInfo,
    /// From the wish until it was active, when it was started for the second time: the machine was tried out before.
    pub(crate) took: Duration,
}

/// Starts an empty plugin with the strongest lock-down that the machine can do, and ends it.
pub(crate) async fn run() -> anyhow::Result<Trial> {
    start(Sandbox::Best).await
}

/// What the machine lacks for the strongest level, in words; none if it lacks nothing.
pub(crate) async fn missing() -> Option<String> {
    start(Sandbox::Exactly(SandboxLevel::A)).await.err().map(|error| format!("{error:#}"))
}

async fn start(sandbox: Sandbox) -> anyhow::Result<Trial> {
    let (_, api) = PlatformName::Native.open(None)?;
    let host =
        Host::builder(api).runner(RunnerProgram::Itself).restart(Restart::Never).sandbox(sandbox).build()?;
    let trial = on(&host).await;
    // How it ended tells nothing more about the machine.
    let _ = host.shutdown().await;
    trial
}

async fn on(host: &Host) -> anyhow::Result<Trial> {
    let file = Empty::create()?;
    let package = Package::open(&file.path)?;
    let plugin = host.load(package).await?;
    let begun = Instant::now();
    plugin.restart().await?;
    Ok(Trial { took: begun.elapsed(), info: plugin.info() })
}

/// A file without a character, for as long as it is needed.
struct Empty {
    path: PathBuf,
}

impl Empty {
    fn create() -> anyhow::Result<Empty> {
        let path = std::env::temp_dir().join(format!("plughold-doctor-{}.js", std::process::id()));
        // It is ours alone: what is there already is not opened.
        File::create_new(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Empty { path })
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        // It is in the folder for what may be removed by anybody.
        let _ = fs::remove_file(&self.path);
    }
}
