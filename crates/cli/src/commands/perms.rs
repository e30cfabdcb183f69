//! `plughold perms`: what plugins ask for, what was decided about it, and how to decide otherwise.

use crate::allowance::Allowance;
use crate::approval::{Approval, Known, advice, see};
use crate::args::Perms;
use crate::attend::remark;
use crate::commands::not_found;
use crate::exit::Exit;
use crate::failure::{Failure, caution};
use crate::grants::{Grants, Said};
use crate::paint::{BOLD, DIM, ERROR, GOOD, WARNING, paint};
use crate::snapshot::SCHEMA;
use crate::{folders, json, prompt, state, text, time};
use plughold::{Package, Scope};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::Write;

/// What `--json` prints.
#[derive(Serialize)]
struct Listing {
    schema: u32,
    plugins: Vec<OfPlugin>,
}

/// The permissions of one plugin.
#[derive(Serialize)]
struct OfPlugin {
    id: String,
    permissions: Vec<Line>,
}

/// One permission of a plugin.
#[derive(Serialize)]
struct Line {
    name: String,
    /// Whether the manifest asks for it; none if the plugin is in none of the folders.
    asked: Option<bool>,
    reason: Option<String>,
    /// What becomes of it when the plugin is run.
    state: State,
    /// Since when somebody has decided.
    since: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Granted,
    Denied,
    /// Somebody is asked; without a terminal it is denied.
    Undecided,
}

pub(super) fn execute(args: Perms) -> anyhow::Result<Exit> {
    let found = packages(&args)?;
    let approval = Approval::new(Allowance::default(), state::grants(), true);
    if let Some(id) = &args.plugin {
        let package = found.iter().find(|package| package.id.as_str() == id);
        let remembered = approval.remembered();
        let is_known = package.is_some() || remembered.decisions(id).next().is_some();
        let changes = [&args.grant, &args.revoke, &args.forget].iter().any(|scopes| !scopes.is_empty());
        if !is_known && !changes {
            let ids = found.iter().map(|package| package.id.as_str()).chain(remembered.plugins());
            let ids = Vec::from_iter(BTreeSet::from_iter(ids).into_iter().map(str::to_owned));
            let what = format!("nothing is known of a plugin {}", text::line(id));
            return Err(not_found(what, id, &ids).into());
        }
        if changes {
            approval.remember(|grants| change(grants, id, package, &args))?;
            warn_of_unasked(id, package, &args.grant);
        }
    }
    let remembered = approval.remembered();
    let ids = match &args.plugin {
        Some(id) => BTreeSet::from([id.as_str()]),
        None => remembered.plugins().chain(found.iter().map(|package| package.id.as_str())).collect(),
    };
    let plugins = ids.into_iter().map(|id| OfPlugin {
        id: id.to_owned(),
        permissions: lines(
            id,
            found.iter().find(|package| package.id.as_str() == id),
            &approval,
            &remembered,
        ),
    });
    let mut plugins = Vec::from_iter(plugins);
    if args.plugin.is_none() {
        plugins.retain(|plugin| !plugin.permissions.is_empty());
    }
    match args.json {
        true => json::print(&Listing { schema: SCHEMA, plugins })?,
        false => show(&plugins)?,
    }
    Ok(Exit::Success)
}

/// The packages in the folders. That there is no default folder is nothing wrong.
fn packages(args: &Perms) -> Result<Vec<Package>, Failure> {
    match folders::find(&args.dirs) {
        Ok(found) => Ok(found.packages),
        Err(_) if args.dirs.is_empty() => Ok(Vec::new()),
        Err(failure) => Err(failure),
    }
}

fn change(grants: &mut Grants, id: &str, package: Option<&Package>, args: &Perms) -> bool {
    for scope in &args.forget {
        grants.forget(id, scope);
    }
    let now = time::now();
    let granted = args.grant.iter().all(|scope| grants.decide(id, scope, Said::Granted, now.clone()));
    let revoked = args.revoke.iter().all(|scope| grants.decide(id, scope, Said::Denied, now.clone()));
    package.into_iter().for_each(|package| see(grants, package));
    granted && revoked
}

/// A call needs both, and a permission that the manifest does not ask for is most likely misspelt.
fn warn_of_unasked(id: &str, package: Option<&Package>, granted: &[Scope]) {
    let Some(package) = package else {
        return remark(&format!("there is no {id} in the folders; what you decide waits for it"));
    };
    let asked = Vec::from_iter(package.asked().filter_map(|asked| Scope::parse(&asked.name).ok()));
    let is_asked = |scope: &&Scope| asked.iter().any(|asked| asked.covers(scope) || scope.covers(asked));
    for scope in granted.iter().filter(|scope| !is_asked(scope)) {
        let names = Vec::from_iter(asked.iter().map(Scope::to_string));
        let failure =
            Failure::new(Exit::Failed, format!("{id} does not ask for {scope}, and a call needs both"));
        let known = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        caution(&failure.with_detail(format!("it asks for {known}")));
    }
}

/// What the manifest asks for, and what else was decided.
fn lines(id: &str, package: Option<&Package>, approval: &Approval, remembered: &Grants) -> Vec<Line> {
    let since = |name: &str| {
        let mut decided = remembered.decisions(id);
        decided.find(|(known, _)| *known == name).map(|(_, decided)| decided.time.clone())
    };
    let asked = Vec::from_iter(package.into_iter().flat_map(Package::asked));
    let more = remembered.decisions(id).filter(|(name, _)| asked.iter().all(|asked| asked.name != *name));
    let more = more.map(|(name, decided)| Line {
        name: name.to_owned(),
        asked: package.map(|_| false),
        reason: None,
        state: if decided.decision == Said::Granted { State::Granted } else { State::Denied },
        since: Some(decided.time.clone()),
    });
    let lines = asked.iter().map(|permission| Line {
        since: since(&permission.name),
        state: match approval.known(id, &permission.name) {
            Known::Granted => State::Granted,
            Known::Denied => State::Denied,
            Known::Open => State::Undecided,
        },
        asked: Some(true),
        reason: permission.shown_reason(),
        name: permission.name.clone(),
    });
    lines.chain(more).collect()
}

fn show(plugins: &[OfPlugin]) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    if plugins.is_empty() {
        return writeln!(out, "no plugin asks for permissions, and nothing was decided");
    }
    for plugin in plugins {
        writeln!(out, "{}", paint(BOLD, text::line(&plugin.id)))?;
        if plugin.permissions.is_empty() {
            writeln!(out, "  asks for no permissions")?;
        }
        for line in &plugin.permissions {
            let word = match line.state {
                State::Granted => paint(GOOD, "granted  "),
                State::Denied => paint(ERROR, "denied   "),
                State::Undecided => paint(WARNING, "undecided"),
            };
            let since = line.since.as_deref().map(|since| format!("since {}", prompt::name(since)));
            let unasked = (line.asked == Some(false)).then(|| "the manifest does not ask for it".to_owned());
            let why = line.reason.as_ref().map(|reason| format!("\u{201c}{reason}\u{201d}"));
            let notes = Vec::from_iter([since, unasked, why].into_iter().flatten()).join(", ");
            let gap = if notes.is_empty() { "" } else { "  " };
            writeln!(out, "  {word}  {}{gap}{}", prompt::name(&line.name), paint(DIM, notes))?;
        }
        let open = plugin.permissions.iter().filter(|line| line.state == State::Undecided);
        let open = Vec::from_iter(open.map(|line| line.name.clone()));
        if !open.is_empty() {
            writeln!(out, "  {}", paint(DIM, format!("to allow it: {}", advice(&plugin.id, &open))))?;
        }
    }
    Ok(())
}
