//! `plughold run`: every plugin of a folder, in view.

use crate::args::{RestartWhen, Run};
use crate::attend::{Attendance, count, remark};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::paint::{DIM, paint};
use crate::printer::Printer;
use crate::service::{Service, warn_of};
use crate::snapshot::{Entry, Snapshot};
use crate::{folders, json, records, table};
use plughold::{Discovery, Package, Problems};
use std::io::{self, Write};
use std::time::Duration;

/// How long the table waits for plugins that take their time to start. Longer, and a person wonders.
const TABLE_WAITS: Duration = Duration::from_secs(1);

pub(super) async fn execute(args: Run) -> anyhow::Result<Exit> {
    let found = folders::keep_for(args.on.platform, folders::find(&args.dirs)?);
    if found.packages.is_empty() && !args.json {
        warn_of(&found.problems);
        let what = format!("there is no plugin to run in {}", folders::in_words(&args.dirs));
        let help =
            "a plugin is a .js, .mjs or .jpl file, or a folder with a plughold.json or a manifest.json";
        return Err(Failure::new(Exit::NotFound, what).with_help(help).into());
    }
    let restart = match args.restart {
        Some(when) => when,
        None if args.once => RestartWhen::Never,
        None => RestartWhen::OnFailure,
    };
    let service = Service::open(&args.on, restart.policy())?;
    match (args.once, args.json) {
        (true, true) => once_for_programs(&service, found).await,
        (true, false) => once_for_people(&service, found).await,
        (false, true) => stream(&service, found).await,
        (false, false) => show(&service, found, &folders::in_words(&args.dirs)).await,
    }
}

async fn once_for_programs(service: &Service, found: Discovery) -> anyhow::Result<Exit> {
    let mut attendance = Attendance::new(&service.host, Printer::remarks(ids(&found)))?;
    let Discovery { packages, problems } = found;
    if attendance.during(start(service, packages)).await?.is_none() {
        return interrupted(service, &mut attendance).await;
    }
    let entries = service.entries();
    let exit = verdict(&entries, &problems);
    json::print(&Snapshot::new(entries, &problems))?;
    let _report = attendance.shut_down(&service.host).await?;
    Ok(exit)
}

async fn once_for_people(service: &Service, found: Discovery) -> anyhow::Result<Exit> {
    let mut attendance = Attendance::new(&service.host, Printer::result(ids(&found)))?;
    let Discovery { packages, problems } = found;
    warn_of(&problems);
    let permissions = permissions_in_words(&packages);
    if attendance.before_events(start(service, packages)).await.is_none() {
        return interrupted(service, &mut attendance).await;
    }
    let entries = print_table(service, &mut attendance, &permissions)?;
    let _report = attendance.shut_down(&service.host).await?;
    Ok(verdict(&entries, &problems))
}

async fn stream(service: &Service, found: Discovery) -> anyhow::Result<Exit> {
    let mut attendance = Attendance::new(&service.host, Printer::records())?;
    let Discovery { packages, problems } = found;
    problems.iter().try_for_each(|problems| json::print_line(&records::of_problem(problems)))?;
    if attendance.during(load(service, packages)).await?.is_some() {
        json::print_line(&records::of_plugins(&service.entries()))?;
        attendance.until_interrupted().await?;
    }
    let report = attendance.shut_down_with_words(&service.host).await?;
    json::print_line(&records::of_shutdown(&report))?;
    Ok(Exit::Interrupted)
}

async fn show(service: &Service, found: Discovery, folders: &str) -> anyhow::Result<Exit> {
    let mut attendance = Attendance::new(&service.host, Printer::result(ids(&found)))?;
    let Discovery { packages, problems } = found;
    warn_of(&problems);
    remark(&format!("starting {} of {folders}; Ctrl-C stops", count(packages.len())));
    let permissions = permissions_in_words(&packages);
    let mut loading = std::pin::pin!(load(service, packages));
    let waited = attendance.before_events(tokio::time::timeout(TABLE_WAITS, loading.as_mut())).await;
    let Some(loaded) = waited else { return interrupted(service, &mut attendance).await };
    print_table(service, &mut attendance, &permissions)?;
    if loaded.is_err() && attendance.during(loading).await?.is_none() {
        return interrupted(service, &mut attendance).await;
    }
    if attendance.during(all_finished(service)).await?.is_some() {
        remark("no plugin runs any more; Ctrl-C ends");
        attendance.until_interrupted().await?;
    }
    interrupted(service, &mut attendance).await
}

async fn interrupted(service: &Service, attendance: &mut Attendance) -> anyhow::Result<Exit> {
    let _report = attendance.shut_down_with_words(&service.host).await?;
    Ok(Exit::Interrupted)
}

/// Loads the plugins. It is done when each has started or failed once.
async fn load(service: &Service, packages: Vec<Package>) {
    // How each went stands in its state, and was told by an event.
    let _results = service.host.load_all(Discovery { packages, problems: Vec::new() }).await;
}

/// Loads the plugins. It is done when each runs or has failed for good.
async fn start(service: &Service, packages: Vec<Package>) {
    load(service, packages).await;
    service.settled().await;
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
    let running = entries.iter().zip(service.host.plugins()).filter(|(entry, _)| entry.is_running());
    for (entry, plugin) in running {
        attendance.printer().was_shown(plugin.id().clone(), entry.generation);
    }
    Ok(entries)
}

/// What plugins asked for and got, a line for each that asked.
fn permissions_in_words(packages: &[Package]) -> Vec<String> {
    let asking = packages.iter().filter(|package| !package.permissions.is_empty());
    asking
        .map(|package| {
            let names: Vec<&str> = package.permissions.iter().map(|asked| asked.name.as_str()).collect();
            format!("{} asked for, and may use: {}", package.id, names.join(", "))
        })
        .collect()
}

fn ids(found: &Discovery) -> impl Iterator<Item = &plughold::PluginId> {
    found.packages.iter().map(|package| &package.id)
}

fn verdict(entries: &[Entry], problems: &[Problems]) -> Exit {
    if !entries.iter().all(Entry::is_running) {
        return Exit::Plugin;
    }
    if problems.is_empty() { Exit::Success } else { Exit::Failed }
}
