//! `plughold list`: what is there, without running any of it.

use crate::args::List;
use crate::attend::remark;
use crate::exit::Exit;
use crate::service::warn_of;
use crate::snapshot::SCHEMA;
use crate::{folders, json, table};
use plughold::{Discovery, Package, Problems};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;

/// What `plughold list --json` prints.
#[derive(Serialize)]
struct Listing<'a> {
    schema: u32,
    plugins: Vec<Listed<'a>>,
    problems: &'a [Problems],
}

/// One package.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    name: &'a str,
    version: &'a str,
    description: &'a str,
    author: &'a str,
    format: String,
    permissions: Vec<Asked>,
    dependencies: BTreeMap<&'a str, String>,
    path: String,
}

/// One permission that a package asks for.
#[derive(Serialize)]
struct Asked {
    name: String,
    reason: Option<String>,
}

pub(super) fn execute(args: &List) -> anyhow::Result<Exit> {
    let dirs = args.folders.all();
    let found = folders::find(&dirs)?;
    if args.json {
        print_json(&found)?;
    } else {
        warn_of(&found.problems);
        if found.packages.is_empty() {
            remark(&format!("no plugins in {}", folders::in_words(&dirs)));
        } else {
            writeln!(anstream::stdout(), "{}", table::of_packages(&found.packages))?;
        }
    }
    Ok(if found.problems.is_empty() { Exit::Success } else { Exit::Failed })
}

/// Prints everything as one JSON object.
pub(super) fn print_json(found: &Discovery) -> anyhow::Result<()> {
    let plugins = found.packages.iter().map(listed).collect();
    json::print(&Listing { schema: SCHEMA, plugins, problems: &found.problems })
}

fn listed(package: &Package) -> Listed<'_> {
    let needs = package.dependencies.iter();
    Listed {
        id: package.id.as_str(),
        name: &package.name,
        version: &package.version,
        description: &package.description,
        author: &package.author,
        format: package.format.to_string(),
        permissions: package.asked().map(|asked| Asked { name: asked.name, reason: asked.reason }).collect(),
        dependencies: needs.map(|needed| (needed.id.as_str(), needed.range.to_string())).collect(),
        path: package.source.to_string_lossy().into_owned(),
    }
}
