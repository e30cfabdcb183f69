//! `plughold check`: what is wrong with packages, each problem with the lines that it is about.

use crate::args::Check;
use crate::attend::remark;
use crate::commands::list::print_json;
use crate::exit::Exit;
use crate::paint::{GOOD, paint};
use crate::{folders, frame, needs, text};
use plughold::Package;
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

/// One line about a package that can be loaded.
fn summary(package: &Package) -> String {
    let names: Vec<String> = package.asked().map(|permission| permission.name).collect();
    let asks = match names.as_slice() {
        [] => "asks for no permissions".to_owned(),
        names => format!("asks for {}", names.join(", ")),
    };
    let (id, version, format) = (&package.id, text::line(&package.version), package.format);
    format!("{}: {id} {version}, {format}, {asks}", text::path(&package.source))
}
