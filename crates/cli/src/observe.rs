//! `--observe`: what plugins have used, where in their code that was, and what their manifests need to ask for.

use crate::attend::remark;
use crate::failure::folded;
use crate::json;
use crate::prompt;
use crate::records;
use plughold::{Host, Package, Scope, Use};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Files of one folder that are asked for one by one. More of them are asked for as what is in the folder.
const FEW: usize = 3;

/// Calls of a stack that are shown.
const FRAMES: usize = 4;

/// What a manifest has to ask for, beside what it asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Needed {
    /// The smallest list that allows everything that was used.
    pub(crate) permissions: Vec<String>,
    /// What of it the manifest does not ask for.
    pub(crate) more: Vec<String>,
    /// What it asks for and nobody has used.
    pub(crate) less: Vec<String>,
}

/// Tells of each plugin what it has used: a record for programs, or lines for people on standard error.
pub(crate) fn report(host: &Host, is_for_programs: bool) -> std::io::Result<()> {
    for plugin in host.plugins() {
        let (package, uses) = (plugin.package(), plugin.uses());
        let needed = Needed::of(&written(&package), &follows(&package), &uses);
        if is_for_programs {
            json::print_line(&records::of_uses(plugin.id(), &uses, &needed))?;
        } else if let Some(words) = in_words(plugin.id().as_str(), &uses, &needed) {
            words.lines().for_each(remark);
        }
    }
    Ok(())
}

impl Needed {
    /// For a manifest that asks for this, and for that without a word, of a plugin that has used these.
    fn of(asked: &[String], follows: &[String], uses: &[Use]) -> Needed {
        let scope = |name: &str| Scope::parse(name).ok();
        let uses = uses.iter().filter(|used| !follows.contains(&used.permission));
        let used = Vec::from_iter(uses.filter_map(|used| scope(&used.permission)));
        let is_used =
            |name: &&String| scope(name).is_some_and(|asked| used.iter().any(|used| asked.covers(used)));
        let (kept, less): (Vec<&String>, Vec<&String>) = asked.iter().partition(is_used);
        let is_kept =
            |used: &Scope| kept.iter().any(|name| scope(name).is_some_and(|kept| kept.covers(used)));
        let more = folded_by_folder(used.iter().filter(|used| !is_kept(used)).map(Scope::to_string));
        let permissions = kept.iter().copied().chain(&more).cloned().collect();
        Needed { permissions, less: less.into_iter().cloned().collect(), more }
    }
}

/// What stands in the manifest.
fn written(package: &Package) -> Vec<String> {
    package.permissions.iter().map(|asked| asked.name.clone()).collect()
}

/// What follows from its dependencies.
fn follows(package: &Package) -> Vec<String> {
    let written = written(package);
    package.asked().map(|asked| asked.name).filter(|name| !written.contains(name)).collect()
}

/// The same with the folder in place of its files, where there are more than a few.
fn folded_by_folder(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names {
        let folder = match name.rsplit_once('/') {
            Some((folder, _)) if !name.contains("://") => format!("{folder}/*"),
            _ => name.clone(),
        };
        folders.entry(folder).or_default().push(name);
    }
    let fold = |(folder, names): (String, Vec<String>)| {
        if FEW < names.len() && Scope::parse(&folder).is_ok() { vec![folder] } else { names }
    };
    folders.into_iter().flat_map(fold).collect()
}

/// None for a plugin that has used nothing and asks for nothing.
fn in_words(plugin: &str, uses: &[Use], needed: &Needed) -> Option<String> {
    let Needed { permissions, more, less } = needed;
    if uses.is_empty() && less.is_empty() {
        return None;
    }
    let mut words = format!(
        "{plugin} used {}\n",
        if uses.is_empty() { "nothing that takes a permission" } else { "first:" }
    );
    for used in uses {
        let _ = writeln!(words, "  {}", prompt::name(&used.permission));
        for frame in folded(used.stack.as_deref().unwrap_or_default()).lines().take(FRAMES) {
            let _ = writeln!(words, "    {}", prompt::name(frame));
        }
    }
    if more.is_empty() && less.is_empty() {
        let _ = write!(words, "its manifest asks for that and for nothing else");
        return Some(words);
    }
    let _ = writeln!(words, "what its manifest needs to ask for:");
    let list = Vec::from_iter(permissions.iter().map(|name| format!("\"{}\"", prompt::name(name))));
    let _ = write!(words, "  \"permissions\": [{}]", list.join(", "));
    let is_new = less.is_empty() && permissions.len() == more.len();
    if !is_new {
        let _ = write!(words, "\nthat is, beside what it asks for:");
        for name in more {
            let _ = write!(words, "\n  + \"{}\"", prompt::name(name));
        }
        for name in less {
            let _ = write!(words, "\n  - \"{}\" (nobody has used it)", prompt::name(name));
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn files_of_one_folder_are_folded() {
        let check = |used: &[&str], expected: &[&str]| {
            assert_eq!(folded_by_folder(used.iter().map(|name| (*name).to_owned())), names(expected));
        };
        check(&["notes.read", "fs.read:a"], &["fs.read:a", "notes.read"]);
        let few = ["fs.read:d/a", "fs.read:d/b", "fs.read:d/c"];
        check(&few, &few);
        check(
            &["fs.read:d/a", "fs.read:d/b", "fs.read:d/c", "fs.read:d/d", "fs.write:d/a"],
            &["fs.read:d/*", "fs.write:d/a"],
        );
        let origins = ["net:https://a.x", "net:https://b.x", "net:https://c.x", "net:https://d.x"];
        check(&origins, &origins);
    }
}
