//! `plughold list`: what is there, without running any of it.

use crate::args::List;
use crate::attend::remark;
use crate::exit::Exit;
use crate::service::warn_of;
use crate::snapshot::SCHEMA;
use crate::{folders, json, table};
use plughold::{Discovery, Package, Problems};
use plughold_package::{Activation, Application, Problem, Setting};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;

/// What `plughold list --json` prints.
#[derive(Serialize)]
struct Listing<'a> {
    schema: u32,
    plugins: Vec<Listed<'a>>,
    problems: &'a [Problems],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    applications: Vec<Planned<'a>>,
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
    activation: Activation,
    settings: &'a [Setting],
    path: String,
    /// Why it is not started, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    does_not_run: Option<String>,
    #[serde(skip_serializing_if = "is_empty")]
    warnings: &'a [Problem],
}

/// A Hitchy application, and the order of its plugins.
#[derive(Serialize)]
struct Planned<'a> {
    path: String,
    /// The names of the plugins that run, in their order; none if there is no order.
    order: Option<Vec<String>>,
    /// Why there is none, or may be none.
    problem: Option<Problem>,
    /// The plugins that do not run.
    dropped: Vec<&'a str>,
}

fn is_empty<T>(list: &[T]) -> bool {
    list.is_empty()
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
    let applications = found.applications.iter().map(planned).collect();
    json::print(&Listing { schema: SCHEMA, plugins, problems: &found.problems, applications })
}

fn planned(application: &Application) -> Planned<'_> {
    let plan = application.plan().ok();
    let dropped = plan.iter().flat_map(|plan| &plan.dropped);
    Planned {
        path: application.folder.to_string_lossy().into_owned(),
        dropped: dropped.filter_map(|place| Some(application.plugins.get(*place)?.name.as_str())).collect(),
        order: plan.map(|plan| plan.order.into_iter().map(|placed| placed.name).collect()),
        problem: application.problem(),
    }
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
        activation: package.activation,
        settings: &package.settings,
        path: package.source.to_string_lossy().into_owned(),
        does_not_run: package.runs().err().map(|error| error.to_string()),
        warnings: &package.warnings,
    }
}
