//! What is wrong with plugins side by side: each is told at the plugin that has the disadvantage. Nothing here stops one.

use crate::haplo::manifest::MANIFEST;
use crate::haplo::{install, requirements};
use crate::limits;
use crate::package::Package;
use crate::problem::{Problem, quoted};
use std::collections::{BTreeMap, HashMap};

/// How the names of plugins begin that the platform brings along.
const PLATFORM: &str = "std_";

/// Adds warnings to the Haplo plugins among `packages`, which were found together.
pub(crate) fn look_at(packages: &mut [Package]) {
    let mut order: Vec<(usize, i64, String)> = packages
        .iter()
        .enumerate()
        .filter_map(|(place, package)| {
            let manifest = &package.haplo.as_ref()?.manifest;
            Some((place, manifest.load_priority, manifest.name.clone()))
        })
        .collect();
    install::sort(&mut order, |(_, priority, name)| (*priority, name));
    let mut found: Vec<(usize, Problem)> = Vec::new();
    let mut roots: HashMap<&str, &str> = HashMap::new();
    let names: BTreeMap<&str, ()> = order.iter().map(|(_, _, name)| (name.as_str(), ())).collect();
    for (place, _, name) in &order {
        let Some(package) = packages.get(*place) else { continue };
        let Some(manifest) = package.haplo.as_ref().map(|haplo| &haplo.manifest) else { continue };
        for root in &manifest.respond {
            let first = *roots.entry(root).or_insert(name);
            if first != name {
                let message = format!(
                    "the plugin never answers below {}: {first} loads before it and claims this root as well",
                    quoted(root)
                );
                found.push((*place, at(package, "respond", root, message)));
            }
        }
        let is_there = |needed: &str| names.contains_key(needed) || needed.starts_with(PLATFORM);
        for needed in manifest.depend.iter().filter(|needed| !is_there(needed)) {
            let message = format!("it cannot be installed: the plugin {} is not there", quoted(needed));
            found.push((*place, at(package, "depend", needed, message)));
        }
    }
    let files = order.iter().filter_map(|(place, _, name)| {
        let requirements = packages.get(*place)?.haplo.as_ref()?.requirements.as_ref()?;
        Some((name.as_str(), requirements))
    });
    let merged = requirements::merge(files);
    let places: HashMap<&str, usize> = order.iter().map(|(place, _, name)| (name.as_str(), *place)).collect();
    let missing = merged.missing();
    found.extend(
        missing.into_iter().filter_map(|(plugin, problem)| Some((*places.get(plugin.as_str())?, problem))),
    );
    for (place, problem) in found {
        if let Some(package) = packages.get_mut(place)
            && package.warnings.len() < limits::PROBLEMS
        {
            package.warnings.push(problem.as_warning());
        }
    }
}

fn at(package: &Package, key: &str, element: &str, message: String) -> Problem {
    match package.read_text(MANIFEST) {
        Ok(text) => super::plugin::problem_at(&text, key, Some(element), message),
        Err(_) => Problem::new(MANIFEST, message),
    }
}

#[cfg(test)]
mod tests {
    use crate::discover;
    use crate::testing::{Folder, show};
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(plugins: &[(&str, &str)], schemas: &[(&str, &str)], expected: Expect) {
        let folder = Folder::new(&[]);
        for (name, keys) in plugins {
            let manifest = format!(
                "{{\"pluginName\": \"{name}\", \"pluginAuthor\": \"\", \"pluginVersion\": 1, \"displayName\": \"\", \
                 \"displayDescription\": \"\", \"apiVersion\": 4, \"load\": []{keys}}}"
            );
            folder.write(&format!("{name}/plugin.json"), manifest.as_bytes());
        }
        for (name, text) in schemas {
            folder.write(&format!("{name}/requirements.schema"), text.as_bytes());
        }
        let found = discover(folder.path());
        let mut shown: Vec<String> = found.packages.iter().map(show).collect();
        shown.extend(found.problems.iter().map(|problems| folder.show(problems)));
        expected.assert_eq(&shown.join("\n"));
    }

    #[test]
    fn roots_and_dependencies() {
        check(
            &[
                (
                    "aa",
                    ",\n\"respond\": [\"/do/x\", \"/do/y\"],\n\"depend\": [\"bb\", \"absent\", \"std_workflow\"]",
                ),
                ("bb", ",\n\"respond\": [\"/do/x\"],\n\"loadPriority\": 1, \"depend\": [\"aa\"]"),
            ],
            &[],
            expect![[r#"
                haplo aa 1 "" "" "" no entry
                loads [] as UNKNOWN-1
                warning: plugin.json:2:13: the plugin never answers below "/do/x": bb loads before it and claims this root as well
                warning: plugin.json:3:18: it cannot be installed: the plugin "absent" is not there
                haplo bb 1 "" "" "" no entry
                loads [] as UNKNOWN-1"#]],
        );
    }

    #[test]
    fn requirements_that_no_plugin_fulfils() {
        check(
            &[("aa", ""), ("bb", "")],
            &[
                ("aa", "type a:type:x as X\n  title: X\n\nqualifier a:qualifier:q\n"),
                (
                    "bb",
                    "qualifier a:qualifier:q\n  title: Q\n  search-name: q\ntype a:type:x\n  search-name: x\n  attribute b:attribute:none\n",
                ),
            ],
            expect![[r#"
                haplo aa 1 "" "" "" no entry
                loads [] as UNKNOWN-1
                warning: requirements.schema:1:1: b:attribute:none is mentioned, but no requirements are specified
                haplo bb 1 "" "" "" no entry
                loads [] as UNKNOWN-1"#]],
        );
    }
}
