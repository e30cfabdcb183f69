//! `plughold doctor`: whether plugins can run on this machine, and how well they are locked down.

use crate::args::Doctor;
use crate::exit::Exit;
use crate::paint::{ERROR, GOOD, HELP, WARNING, paint};
use crate::snapshot::SCHEMA;
use crate::text::{indented, line, path};
use crate::time::brief;
use crate::{json, state, trial};
use plughold::SandboxLevel;
use plughold_control::{Folder, Register};
use plughold_protocol::version::CURRENT;
use rustix::process::{Resource, geteuid, getrlimit};
use serde::Serialize;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Fewer descriptors than that are soon used up: each plugin takes some of its host's.
const FEW_DESCRIPTORS: u64 = 1_024;

/// What `plughold doctor --json` prints.
#[derive(Serialize)]
struct Findings {
    schema: u32,
    checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Serialize)]
struct Check {
    name: &'static str,
    state: State,
    /// What was found, in words.
    found: String,
    help: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// It is as it should be.
    Good,
    /// Plugins run, with less than there could be.
    Warning,
    /// Something does not work.
    Bad,
}

pub(super) async fn execute(args: &Doctor) -> anyhow::Result<Exit> {
    let mut checks = vec![version()];
    checks.extend(trial().await);
    checks.push(runtime_folder());
    checks.push(state_folder());
    checks.push(descriptors());
    checks.push(hosts());
    let is_bad = checks.iter().any(|check| check.state == State::Bad);
    match args.json {
        true => json::print(&Findings { schema: SCHEMA, checks })?,
        false => show(&checks)?,
    }
    Ok(if is_bad { Exit::Failed } else { Exit::Success })
}

fn version() -> Check {
    let system = rustix::system::uname();
    let system = [system.sysname(), system.release(), system.machine()].map(|part| part.to_string_lossy());
    let program = match std::env::current_exe() {
        Ok(program) => path(&program),
        Err(error) => return Check::bad("runner", format!("the command does not find itself: {error}")),
    };
    let number = env!("CARGO_PKG_VERSION");
    Check::good(
        "runner",
        format!("{program}, version {number}, protocol {CURRENT}, on {}", line(&system.join(" "))),
    )
}

/// Whether a plugin starts, and how it was locked down.
async fn trial() -> Vec<Check> {
    let trial = match trial::run().await {
        Ok(trial) => trial,
        Err(error) => {
            let check = Check::bad("trial", format!("an empty plugin does not start: {error:#}"));
            return vec![
                check.with_help("docs/security.md says what a machine needs; --sandbox=none does without"),
            ];
        }
    };
    let started = Check::good("trial", format!("an empty plugin starts in {}", brief(trial.took)));
    let layers = line(&trial.info.sandbox_layers.join(", ")).into_owned();
    let sandbox = match trial.info.sandbox {
        Some(SandboxLevel::A) => Check::good("sandbox", format!("level A, the strongest: {layers}")),
        level => {
            let letter = level.map_or('D', SandboxLevel::letter);
            let missing =
                trial::missing().await.unwrap_or_else(|| "nothing when it was tried again".to_owned());
            let found = format!("level {letter}: {layers}\nfor level A this machine lacks: {missing}");
            Check::warning("sandbox", found)
                .with_help("docs/security.md#levels says what each level holds back")
        }
    };
    vec![started, sandbox]
}

/// Where hosts register.
fn runtime_folder() -> Check {
    match Folder::of_this_user() {
        Ok(folder) => {
            let found = format!("{}, {}", path(folder.path()), owner_and_mode(folder.path()));
            Check::good("runtime folder", found)
        }
        Err(error) => Check::bad("runtime folder", line(&error.to_string()).into_owned())
            .with_help("remove what stands in the way: without it no command sees or steers a host"),
    }
}

/// Where reports and decisions are kept.
fn state_folder() -> Check {
    let name = "state folder";
    let Some(folder) = state::reports().and_then(|reports| Some(reports.parent()?.to_owned())) else {
        return Check::warning(
            name,
            "the user has no home: no reports are kept, and no decision is remembered".to_owned(),
        );
    };
    let shown = path(&folder);
    match std::fs::metadata(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Check::good(name, format!("{shown}, which is made when it is needed"))
        }
        Err(error) => Check::bad(name, format!("{shown}: {error}")),
        Ok(facts) if !facts.is_dir() => Check::bad(name, format!("{shown} is no folder")),
        Ok(facts) => {
            let found = format!("{shown}, {}", owner_and_mode(&folder));
            let others_write = facts.mode() & 0o022 != 0;
            if facts.uid() != geteuid().as_raw() {
                return Check::bad(name, format!("{found}: it belongs to somebody else"));
            }
            match others_write {
                true => Check::warning(name, format!("{found}: others may write there"))
                    .with_help(format!("chmod go-w '{shown}'")),
                false => Check::good(name, found),
            }
        }
    }
}

fn owner_and_mode(folder: &Path) -> String {
    match std::fs::metadata(folder) {
        Ok(facts) => format!("owner {}, mode {:04o}", facts.uid(), facts.mode() & 0o7777),
        Err(error) => error.to_string(),
    }
}

fn descriptors() -> Check {
    let limit = getrlimit(Resource::Nofile).current;
    match limit {
        None => Check::good("descriptors", "without a limit".to_owned()),
        Some(limit) if limit < FEW_DESCRIPTORS => {
            Check::warning("descriptors", format!("at most {limit}, which a host with many plugins uses up"))
                .with_help(format!("ulimit -n {FEW_DESCRIPTORS}"))
        }
        Some(limit) => Check::good("descriptors", format!("at most {limit}")),
    }
}

/// The hosts that run, and what in the register is not as it should be.
fn hosts() -> Check {
    let found = Register::of_this_user().look();
    let names = found.hosts.iter().map(|host| format!("{} (process {})", line(&host.name), host.pid));
    let names = Vec::from_iter(names).join(", ");
    let running = if names.is_empty() { "none is running".to_owned() } else { names };
    let problems =
        Vec::from_iter(found.problems.iter().map(|problem| line(&problem.to_string()).into_owned()));
    match problems.is_empty() {
        true => Check::good("hosts", running),
        false => Check::warning("hosts", format!("{running}\n{}", problems.join("\n"))),
    }
}

fn show(checks: &[Check]) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    let indent = " ".repeat(2 + width + 2);
    for check in checks {
        let mark = match check.state {
            State::Good => paint(GOOD, "✔"),
            State::Warning => paint(WARNING, "!"),
            State::Bad => paint(ERROR, "✘"),
        };
        writeln!(out, "{mark} {:<width$}  {}", check.name, indented(&check.found, &indent))?;
        if let Some(help) = &check.help {
            writeln!(out, "{indent}{} {help}", paint(HELP, "help:"))?;
        }
    }
    out.flush()
}

impl Check {
    fn good(name: &'static str, found: String) -> Check {
        Check { name, state: State::Good, found, help: None }
    }

    fn warning(name: &'static str, found: String) -> Check {
        Check { name, state: State::Warning, found, help: None }
    }

    fn bad(name: &'static str, found: String) -> Check {
        Check { name, state: State::Bad, found, help: None }
    }

    fn with_help(mut self, help: impl Into<String>) -> Check {
        self.help = Some(help.into());
        self
    }
}
