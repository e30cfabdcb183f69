//! `plughold check`: what is wrong with packages, each problem with the lines that it is about.

use crate::args::Check;
use crate::commands::list::print_json;
use crate::exit::Exit;
use crate::paint::{GOOD, paint};
use crate::{folders, frame, needs, text};
use plughold::{Application, Limits, Package, Problems, Severity};
use std::collections::HashSet;
use std::io::Write;

pub(super) fn execute(args: &Check) -> anyhow::Result<Exit> {
    let paths = args.folders.all();
    let mut found = folders::find(&paths)?;
    found.packages.iter_mut().for_each(warn_of_limits);
    let misfits = found.packages.iter().filter_map(|package| {
        Some(Problems { path: package.source.clone(), items: vec![folders::misfit(package)?] })
    });
    let misfits = Vec::from_iter(misfits);
    found.problems.extend(misfits);
    found.problems.extend(needs::unmet(&found.packages, &folders::named(&paths)));
    let is_empty = found.packages.is_empty() && found.problems.is_empty() && found.applications.is_empty();
    let exit = match is_empty {
        true => Exit::NotFound,
        false if found.problems.is_empty() => Exit::Success,
        false => Exit::Failed,
    };
    if args.json {
        print_json(&found)?;
        return Ok(exit);
    }
    let nearly = folders::nearly(&paths, &found);
    if is_empty {
        for problems in &nearly {
            write!(anstream::stderr(), "{}", frame::of_each(&problems.path, &problems.items))?;
        }
        return Err(folders::none("check", &paths).into());
    }
    let mut out = anstream::stdout().lock();
    let is_good = |package: &&Package| found.problems.iter().all(|problems| problems.path != package.source);
    for package in found.packages.iter().filter(is_good) {
        writeln!(out, "{} {}", paint(GOOD, "good"), summary(package))?;
        write!(out, "{}", frame::of_each(&package.source, &package.warnings))?;
    }
    for application in &found.applications {
        write!(out, "{}", plan(application))?;
    }
    for problems in &found.problems {
        write!(out, "{}", frame::of(problems))?;
    }
    for problems in &nearly {
        write!(out, "{}", frame::of_each(&problems.path, &problems.items))?;
    }
    let good = found.packages.iter().filter(is_good).count();
    let bad = HashSet::<_>::from_iter(found.problems.iter().map(|problems| &problems.path)).len();
    if let Some(line) = count(good, bad) {
        writeln!(out, "{line}")?;
    }
    Ok(exit)
}

/// What the manifest asks for and does not get where the limits are the usual ones, as they are in this command.
fn warn_of_limits(package: &mut Package) {
    for capped in Limits::default().capped(&package.limits) {
        let help = "an application may allow more or less than is usual";
        package.warnings.push(folders::item(package, capped.to_string(), help).as_warning());
    }
}

/// Tells what the author of a package should know although it can be loaded.
pub(super) fn warn_of_package(package: &Package) -> std::io::Result<()> {
    write!(anstream::stderr(), "{}", frame::of_each(&package.source, &package.warnings))
}

/// How many packages are good and how many are not, where there are several.
fn count(good: usize, bad: usize) -> Option<String> {
    match (good, bad) {
        _ if good + bad < 2 => None,
        (good, 0) => Some(format!("{good} good")),
        (good, bad) => Some(format!("{good} good, {bad} not")),
    }
}

/// One line about a package that can be loaded.
fn summary(package: &Package) -> String {
    let names: Vec<String> = package.asked().map(|permission| permission.name).collect();
    let asks = match names.as_slice() {
        [] => "asks for no permissions".to_owned(),
        names => format!("asks for {}", names.join(", ")),
    };
    let (id, version, format) = (&package.id, text::line(&package.version), package.format);
    let runs = if package.runs().is_ok() { "" } else { ", does not run yet" };
    format!("{}: {id} {version}, {format}, {asks}{runs}", text::path(&package.source))
}

/// One line about a Hitchy application whose plugins have an order, or why they may have none. What keeps it from
/// starting for certain is told with the problems.
fn plan(application: &Application) -> String {
    let shown = text::path(&application.folder);
    match (application.plan(), application.problem()) {
        (Ok(plan), None) => {
            let names: Vec<String> =
                plan.order.iter().map(|placed| named(&placed.name, &placed.role)).collect();
            let order = if names.is_empty() {
                "runs none of its plugins".to_owned()
            } else {
                format!("runs {}", names.join(", "))
            };
            format!("{} {shown}: an application of Hitchy, {order}\n", paint(GOOD, "good"))
        }
        (_, Some(problem)) if problem.severity == Severity::Warning => {
            frame::of_each(&application.folder, &[problem])
        }
        _ => String::new(),
    }
}

/// A plugin's name, with its role where that is another.
fn named(name: &str, role: &str) -> String {
    let (name, role) = (text::line(name), text::line(role));
    if name == role { name.into_owned() } else { format!("{name} as {role}") }
}
