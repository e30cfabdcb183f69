//! `plughold check`: what is wrong with packages, each problem with the lines that it is about.

use crate::args::Check;
use crate::attend::remark;
use crate::commands::list::print_json;
use crate::exit::Exit;
use crate::paint::{GOOD, paint};
use crate::{folders, frame, text};
use plughold::Package;
use std::io::Write;

pub(super) fn execute(args: &Check) -> anyhow::Result<Exit> {
    let found = folders::find(&args.paths)?;
    let exit = if found.problems.is_empty() { Exit::Success } else { Exit::Failed };
    if args.json {
        print_json(&found)?;
        return Ok(exit);
    }
    let mut out = anstream::stdout().lock();
    for package in &found.packages {
        writeln!(out, "{} {}", paint(GOOD, "good"), summary(package))?;
    }
    for problems in &found.problems {
        write!(out, "{}", frame::of(problems))?;
    }
    drop(out);
    if found.packages.is_empty() && found.problems.is_empty() {
        remark(&format!("no plugins in {}", folders::in_words(&args.paths)));
    }
    Ok(exit)
}

/// One line about a package that can be loaded.
fn summary(package: &Package) -> String {
    let asks = match package.permissions.as_slice() {
        [] => "asks for no permissions".to_owned(),
        asked => {
            let names: Vec<&str> = asked.iter().map(|permission| permission.name.as_str()).collect();
            format!("asks for {}", names.join(", "))
        }
    };
    let (id, version, format) = (&package.id, text::line(&package.version), package.format);
    format!("{}: {id} {version}, {format}, {asks}", text::path(&package.source))
}
