//! `plughold run`: every plugin of a folder, in view.

use crate::args::{RestartWhen, Run};
use crate::attend::{Attendance, count, remark};
use crate::commands::check::warn_of_package;
use crate::exit::Exit;
use crate::failure::{Failure, caution};
use crate::paint::{DIM, WARNING, paint};
use crate::printer::Printer;
use crate::service::{Service, warn_of};
use crate::snapshot::{Entry, Snapshot};
use crate::suggest::nearest;
use crate::{control, folders, json, observe, records, sandbox, settings, table, text};
use plughold::{Discovery, LoadError, Package, Plugin, PluginId, Problems, State, Watch, Watching};
use std::io::{self, Write};
use std::time::Duration;

/// How long the table waits for plugins that take their time to start. Longer, and a person wonders.
const TABLE_WAITS: Duration = Duration::from_secs(1);

/// After so long without a word somebody wonders whether anything happens.
const STILL: Duration = Duration::from_secs(2);

/// Plugins that are named on a line.
const NAMED: usize = 5;

pub(super) async fn execute(args: Run) -> anyhow::Result<Exit> {
    let dirs = args.folders.all();
    let found = folders::find(&dirs).map_err(|failure| match args.misses_equals_sign(&dirs) {
        Some(id) => failure.with_help(format!("to start nothing but {id}, write --safe-mode={id}")),
        None => failure,
    })?;
    let found = folders::keep_for(args.on.platform, found);
    warn_of_safe_mode(&args, &found);
    settings::warn_of_unknown(&args.on.set, &found.packages);
    let watch = folders::watch(args.on.platform, &dirs).filter(|_| args.watches());
    if found.packages.is_empty() && !args.json && watch.is_none() {
        warn_of(&found.problems);
        let failure = folders::none("run", &dirs);
        // What is wrong was told, and what to do about it.
        return Err(if found.problems.is_empty() { failure } else { failure.without_help() }.into());
    }
    let restart = match args.restart {
        Some(when) => when,
        None if args.once => RestartWhen::Never,
        None => RestartWhen::OnFailure,
    };
    let is_safe_mode = args.safe_mode().is_some();
    let control = args.is_controlled().then(|| control::offer(&dirs)).flatten();
    let service = Service::open_with(&args.on, restart.policy(), args.safe_mode(), control)?;
    let printer = match (args.once, args.json) {
        (true, true) => Printer::remarks(ids(&found)),
        (false, true) => Printer::records(),
        (_, false) => Printer::result(ids(&found)),
    };
    let mut attendance = Attendance::new(&service.host, printer)?.answering(&service)?;
    let starting = found.packages.iter().filter(|package| args.starts(package.id.as_str()));
    let starting = Vec::from_iter(starting.cloned());
    if attendance.approve(&starting).await?.is_none() {
        return Ok(Exit::Interrupted);
    }
    let words = format!("starting {} of {}", count(starting.len()), folders::in_words(&dirs));
    let exit = match (args.once, args.json) {
        (true, true) => once_for_programs(&service, &mut attendance, found, is_safe_mode).await,
        (true, false) => once_for_people(&service, &mut attendance, found, is_safe_mode, &words).await,
        (false, true) => stream(&service, &mut attendance, found, watch).await,
        (false, false) => show(&service, &mut attendance, found, watch, &words).await,
    };
    if let Ok(Exit::Interrupted) = exit {
        attendance.tell_of_stopping(&service.host);
    }
    // Also after an error, as when nobody reads the output any more: plugins are asked before they are killed.
    let report = attendance.shut_down(&service.host).await;
    let (exit, report) = (exit?, report?);
    if service.observes {
        observe::report(&service.host, args.json && !args.once)?;
    }
    if args.json && !args.once {
        json::print_line(&records::of_shutdown(&report))?;
    }
    Ok(exit)
}

/// Tells of ids for safe mode that no plugin has.
fn warn_of_safe_mode(args: &Run, found: &Discovery) {
    let known = Vec::from_iter(ids(found).map(PluginId::as_str));
    for id in args.named_for_safe_mode().iter().filter(|id| !known.contains(&id.as_str())) {
        let failure =
            Failure::new(Exit::NotFound, format!("--safe-mode names {}, which no plugin is", text::line(id)));
        let meant = nearest(id, known.iter().copied());
        caution(&failure.with_help_if(meant.map(|meant| format!("did you mean {meant}?"))));
    }
}

async fn once_for_programs(
    service: &Service,
    attendance: &mut Attendance,
    found: Discovery,
    is_safe_mode: bool,
) -> anyhow::Result<Exit> {
    let Discovery { packages, problems, .. } = found;
    let Some(late) = attendance.during(start(service, packages)).await? else { return Ok(Exit::Interrupted) };
    let entries = service.entries();
    let exit = verdict(&entries, &problems, &late, is_safe_mode);
    json::print(&Snapshot::new(entries, &problems))?;
    Ok(exit)
}

async fn once_for_people(
    service: &Service,
    attendance: &mut Attendance,
    found: Discovery,
    is_safe_mode: bool,
    starting: &str,
) -> anyhow::Result<Exit> {
    let Discovery { packages, problems, .. } = found;
    warn_of(&problems);
    packages.iter().try_for_each(warn_of_package)?;
    let permissions = permissions_in_words(service, &packages);
    remark(starting);
    let mut starting = std::pin::pin!(start(service, packages));
    let late = loop {
        let waited = attendance.before_events(tokio::time::timeout(STILL, starting.as_mut())).await;
        match waited {
            None => return Ok(Exit::Interrupted),
            Some(Ok(late)) => break late,
            Some(Err(_)) => remark(&format!("still starting: {}", names_of_starting(service))),
        }
    };
    let entries = print_table(service, attendance, &permissions)?;
    Ok(verdict(&entries, &problems, &late, is_safe_mode))
}

async fn stream(
    service: &Service,
    attendance: &mut Attendance,
    found: Discovery,
    watch: Option<Watch>,
) -> anyhow::Result<Exit> {
    let Discovery { packages, problems, .. } = found;
    problems.iter().try_for_each(|problems| json::print_line(&records::of_problem(problems, None)))?;
    attendance.printer().were_told(problems);
    let watching = watch.map(|watch| service.host.watch(watch)).transpose()?;
    if attendance.during(begin(service, packages, watching.as_ref())).await?.is_some() {
        json::print_line(&records::of_plugins(&service.entries()))?;
        attendance.until_interrupted().await?;
    }
    Ok(Exit::Interrupted)
}

async fn show(
    service: &Service,
    attendance: &mut Attendance,
    found: Discovery,
    watch: Option<Watch>,
    starting: &str,
) -> anyhow::Result<Exit> {
    let Discovery { packages, problems, .. } = found;
    warn_of(&problems);
    packages.iter().try_for_each(warn_of_package)?;
    attendance.printer().were_told(problems);
    let ends = if watch.is_some() { "changes count at once, Ctrl-C stops" } else { "Ctrl-C stops" };
    remark(&format!("{starting}; {ends}"));
    let permissions = permissions_in_words(service, &packages);
    attendance.printer().tell_permissions(service, &packages);
    let watching = watch.map(|watch| service.host.watch(watch)).transpose()?;
    let mut loading = std::pin::pin!(begin(service, packages, watching.as_ref()));
    let waited = attendance.before_events(tokio::time::timeout(TABLE_WAITS, loading.as_mut())).await;
    let Some(loaded) = waited else { return Ok(Exit::Interrupted) };
    if !service.host.plugins().is_empty() {
        print_table(service, attendance, &permissions)?;
    }
    if loaded.is_err() && attendance.during(loading).await?.is_none() {
        return Ok(Exit::Interrupted);
    }
    if watching.is_some() {
        attendance.until_interrupted().await?;
    } else if attendance.during(all_finished(service)).await?.is_some() {
        remark("no plugin runs any more; Ctrl-C ends");
        attendance.until_interrupted().await?;
    }
    Ok(Exit::Interrupted)
}

/// As [`load`], or waits until a watch has done the same.
async fn begin(service: &Service, packages: Vec<Package>, watching: Option<&Watching>) {
    match watching {
        Some(watching) => watching.loaded().await,
        None => drop(load(service, packages).await),
    }
}

/// Loads the plugins. It is done when each has started or failed once, and gives those that took too long.
async fn load(service: &Service, packages: Vec<Package>) -> Vec<PluginId> {
    // How the others went stands in their states, and was told by events.
    let results = service.host.load_all(Discovery { packages, ..Discovery::default() }).await;
    let late = results.into_iter().filter(|(_, result)| matches!(result, Err(LoadError::Timeout { .. })));
    late.map(|(id, _)| id).collect()
}

/// As [`load`], but done when each runs or has failed for good.
async fn start(service: &Service, packages: Vec<Package>) -> Vec<PluginId> {
    let late = load(service, packages).await;
    service.settled().await;
    late
}

/// The plugins that are not active so far, as far as they fit on a line.
fn names_of_starting(service: &Service) -> String {
    let is_starting = |plugin: &Plugin| matches!(plugin.state(), State::Starting | State::Backoff);
    let ids = service.host.plugins().into_iter().filter(is_starting).map(|plugin| plugin.id().to_string());
    let ids = Vec::from_iter(ids);
    match ids.get(..NAMED) {
        Some(first) if NAMED < ids.len() => format!("{} and {} more", first.join(", "), ids.len() - NAMED),
        _ => ids.join(", "),
    }
}

async fn all_finished(service: &Service) {
    for plugin in service.host.plugins() {
        plugin.finished().await;
    }
}

fn print_table(
    service: &Service,
    attendance: &mut Attendance,
    permissions: &[String],
) -> io::Result<Vec<Entry>> {
    let entries = service.entries();
    let mut out = anstream::stdout().lock();
    writeln!(out, "{}\n", table::of_plugins(&entries))?;
    for line in permissions {
        writeln!(out, "{}", paint(DIM, line))?;
    }
    let infos: Vec<_> = service.host.plugins().iter().map(Plugin::info).collect();
    if let Some(line) = sandbox::remark_of(&infos) {
        writeln!(out, "{}", paint(WARNING, line))?;
    }
    let running = entries.iter().zip(service.host.plugins()).filter(|(entry, _)| entry.is_running());
    for (entry, plugin) in running {
        attendance.printer().was_shown(plugin.id().clone(), entry.generation);
    }
    Ok(entries)
}

/// What plugins asked for and got, a line for each that asked.
fn permissions_in_words(service: &Service, packages: &[Package]) -> Vec<String> {
    packages.iter().filter_map(|package| service.approval.in_words(package)).collect()
}

fn ids(found: &Discovery) -> impl Iterator<Item = &PluginId> {
    found.packages.iter().map(|package| &package.id)
}

/// How it went, of which the worst counts; `late` are those that took too long to start. In safe mode a plugin that was
/// left out is as it should be.
fn verdict(entries: &[Entry], problems: &[Problems], late: &[PluginId], is_safe_mode: bool) -> Exit {
    let mut failed = entries.iter().filter(|entry| !entry.is_as_wanted(is_safe_mode)).peekable();
    if failed.peek().is_some() {
        let is_late = |entry: &Entry| late.iter().any(|id| id.as_str() == entry.id);
        return if failed.all(is_late) { Exit::TimedOut } else { Exit::Plugin };
    }
    if problems.is_empty() { Exit::Success } else { Exit::Failed }
}
