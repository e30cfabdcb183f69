//! `plughold check`: what is wrong with packages, each problem with the lines that it is about.

use crate::args::Check;
use crate::attend::remark;
use crate::commands::list::print_json;
use crate::exit::Exit;
use crate::paint::{GOOD, paint};
use crate::{folders, frame, needs, text};
use plughold::{NotRunnable, Package};
use plughold_package::{Application, Severity};
use std::io::Write;

pub(super) fn execute(args: &Check) -> anyhow::Result<Exit> {
    let paths = args.folders.all();
    let mut found = folders::find(&paths)?;
    found.problems.extend(needs::unmet(&found.packages, &paths));
    let exit = if found.problems.is_empty() { Exit::Success } else { Exit::Failed };
    if args.json {
        print_json(&found)?;
        return Ok(exit);
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
    drop(out);
    if found.packages.is_empty() && found.problems.is_empty() {
        remark(&format!("no plugins in {}", folders::in_words(&paths)));
    }
    Ok(exit)
}

/// Tells what the author of a package should know although it can be loaded.
pub(super) fn warn_of_package(package: &Package) -> std::io::Result<()> {
    write!(anstream::stderr(), "{}", frame::of_each(&package.source, &package.warnings))
}

/// One line about a package that can be loaded.
fn summary(package: &Package) -> String {
    let names: Vec<String> = package.asked().map(|permission| permission.name).collect();
    let asks = match names.as_slice() {
        [] => "asks for no permissions".to_owned(),
        names => format!("asks for {}", names.join(", ")),
    };
    let (id, version, format) = (&package.id, text::line(&package.version), package.format);
    let runs = match package.runs() {
        Ok(_) => String::new(),
        Err(NotRunnable::Format(_)) => ", does not run yet".to_owned(),
        Err(error) => format!(", does not run: {error}"),
    };
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
