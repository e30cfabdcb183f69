//! Who decides on the permissions of the command's plugins: the command line first, then what somebody has answered
//! meanwhile, then what was remembered, and then somebody at the terminal. Without one of them the answer is no. A broker
//! decides on everything that the command line says nothing of.

use crate::allowance::Allowance;
use crate::exit::Exit;
use crate::failure::{Failure, warn};
use crate::grants::{Changes, Grants, GrantsError, GrantsFile, Said};
use crate::prompt::{self, Answer};
use crate::time;
use plughold::{Grant, Package, Permission, Scope};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Decides on permissions. Cheap to clone; clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Approval {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    allowance: Allowance,
    /// Whether somebody can be asked.
    asks: bool,
    /// None for a user without a home: nothing is remembered.
    file: Option<GrantsFile>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    remembered: Grants,
    /// What was answered for as long as the command runs, by plugin and permission.
    here: BTreeMap<(String, String), bool>,
}

/// What is known of a permission before anybody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Granted,
    Denied,
    /// Nobody has decided.
    Open,
}

impl Approval {
    /// With what was remembered. Where that cannot be read, somebody is told, and nothing is.
    pub(crate) fn new(allowance: Allowance, file: Option<GrantsFile>, asks: bool) -> Approval {
        let read = file.as_ref().map_or_else(|| Ok(Grants::default()), GrantsFile::read);
        let remembered = read.unwrap_or_else(|error| {
            warn(&failure(&error));
            Grants::default()
        });
        let state = Mutex::new(State { remembered, here: BTreeMap::new() });
        Approval { shared: Arc::new(Shared { allowance, asks, file, state }) }
    }

    /// Whether a plugin gets what it asks for, as the host wants to know it.
    pub(crate) fn grant(&self, plugin: &str, permission: &str) -> Grant {
        match self.known(plugin, permission) {
            Known::Granted => Grant::Allow,
            Known::Open if self.shared.asks => Grant::Ask,
            Known::Open | Known::Denied => Grant::Deny,
        }
    }

    /// What is known of a permission before anybody is asked.
    pub(crate) fn known(&self, plugin: &str, permission: &str) -> Known {
        // What is no permission is needed by nothing.
        let Ok(asked) = Scope::parse(permission) else { return Known::Denied };
        let known = |is_granted: bool| if is_granted { Known::Granted } else { Known::Denied };
        if let Some(is_granted) = self.shared.allowance.allows(&asked) {
            return known(is_granted);
        }
        if self.shared.allowance.broker().is_some() {
            return Known::Open;
        }
        let state = self.lock();
        if let Some(is_granted) = state.here.get(&(plugin.to_owned(), permission.to_owned())) {
            return known(*is_granted);
        }
        match state.remembered.of(plugin, &asked) {
            Some(said) => known(said == Said::Granted),
            None if is_granted_unasked(&asked) => Known::Granted,
            None => Known::Open,
        }
    }

    /// What a package asks for and nobody has decided on.
    pub(crate) fn open(&self, package: &Package) -> Vec<Permission> {
        let is_open = |asked: &Permission| self.known(package.id.as_str(), &asked.name) == Known::Open;
        package.asked().filter(is_open).collect()
    }

    /// What an update asks for that the version before did not, if nobody has decided on that.
    pub(crate) fn changes(&self, package: &Package) -> Option<Changes> {
        let open = self.open(package);
        let asked = names(package);
        let mut changes = self.lock().remembered.changes(package.id.as_str(), &asked)?;
        changes.more.retain(|more| open.iter().any(|open| open.name == *more));
        (!changes.more.is_empty()).then_some(changes)
    }

    /// Somebody has answered. What is for good is remembered, with what else the plugin asks for.
    pub(crate) fn answered(&self, plugin: &str, package: Option<&Package>, permission: &str, answer: Answer) {
        let mut state = self.lock();
        state.here.insert((plugin.to_owned(), permission.to_owned()), answer.grants());
        drop(state);
        let Ok(scope) = Scope::parse(permission) else { return };
        if !answer.is_for_good() {
            return;
        }
        let said = if answer.grants() { Said::Granted } else { Said::Denied };
        let remembered = self.remember(|grants| {
            let has_room = grants.decide(plugin, &scope, said, time::now());
            package.into_iter().for_each(|package| see(grants, package));
            has_room
        });
        if let Err(failure) = remembered {
            warn(&failure);
        }
    }

    /// Changes what is remembered, on the disk and here.
    pub(crate) fn remember(&self, change: impl FnOnce(&mut Grants) -> bool) -> Result<(), Failure> {
        let Some(file) = &self.shared.file else {
            let what = "nothing is remembered, because the user has no home";
            return Err(Failure::new(Exit::Failed, what).with_help("set XDG_STATE_HOME to a folder"));
        };
        let remembered = file.update(change).map_err(|error| failure(&error))?;
        self.lock().remembered = remembered;
        Ok(())
    }

    /// What is remembered.
    pub(crate) fn remembered(&self) -> Grants {
        self.lock().remembered.clone()
    }

    /// What a plugin asked for and got, if it asked.
    pub(crate) fn in_words(&self, package: &Package) -> Option<String> {
        let id = package.id.as_str();
        let (mut granted, mut denied, mut asked, mut undecided) = (vec![], vec![], vec![], vec![]);
        for name in names(package) {
            let shown = prompt::name(&name);
            match self.known(id, &name) {
                Known::Granted => granted.push(shown),
                Known::Open if self.shared.asks => asked.push(shown),
                Known::Open => {
                    denied.push(shown);
                    undecided.push(name);
                }
                Known::Denied => denied.push(shown),
            }
        }
        let parts = [("may use", granted), ("may not use", denied), ("has to ask before it uses", asked)];
        let parts = parts.into_iter().filter(|(_, names)| !names.is_empty());
        let parts = Vec::from_iter(parts.map(|(what, names)| format!("{what}: {}", names.join(", "))));
        if parts.is_empty() {
            return None;
        }
        let advice = match undecided.as_slice() {
            [] => String::new(),
            names => format!("\n  to allow it: {}", advice(id, names)),
        };
        Some(format!("{id} asked for, and {}{advice}", parts.join("; it ")))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The command that grants these permissions for good.
pub(crate) fn advice(plugin: &str, permissions: &[String]) -> String {
    let grants = permissions.iter().map(|name| format!(" --grant {}", quoted(&prompt::name(name))));
    format!("plughold perms {}{}", quoted(plugin), grants.collect::<String>())
}

/// Notes which version of a plugin asks for what.
pub(crate) fn see(grants: &mut Grants, package: &Package) {
    grants.was_seen(package.id.as_str(), &package.version, names(package));
}

/// What a package asks for.
fn names(package: &Package) -> Vec<String> {
    package.asked().map(|asked| asked.name).collect()
}

/// The use of another plugin that the manifest declares to need: whoever starts both has decided, and that one has
/// permissions of its own.
fn is_granted_unasked(asked: &Scope) -> bool {
    asked.name().starts_with("plugins.")
}

fn failure(error: &GrantsError) -> Failure {
    Failure::new(Exit::Failed, format!("decisions about permissions are not remembered: {error}"))
        .with_help("mend the file, or move it away")
}

/// For a shell, in which `*` and other characters mean something.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain =
        |found: char| found.is_alphanumeric() || matches!(found, '.' | '_' | '-' | ':' | '/' | '@');
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(folder: &std::path::Path, permissions: &str) -> Package {
        let file = folder.join("words.js");
        let text = format!(
            r#"/* plughold: {{ "version": "1.0.0", "permissions": [{permissions}], "dependencies": {{ "counter": "*" }} }} */"#
        );
        std::fs::write(&file, text).unwrap();
        Package::open(&file).unwrap()
    }

    fn approval(folder: &std::path::Path, asks: bool) -> Approval {
        Approval::new(Allowance::default(), Some(GrantsFile::new(folder.join("grants.json"))), asks)
    }

    #[test]
    fn answers_are_remembered_as_they_were_meant() {
        let folder = tempfile::tempdir().unwrap();
        let package = package(folder.path(), r#""a", "b", "c", "d", "e""#);
        let first = approval(folder.path(), true);
        assert_eq!(first.open(&package).len(), 5);
        let answers = [("a", Answer::Always), ("b", Answer::Yes), ("c", Answer::No), ("d", Answer::Never)];
        for (name, answer) in answers {
            first.answered("words", Some(&package), name, answer);
        }
        let grants = |approval: &Approval| {
            ["a", "b", "c", "d", "e", "plugins.counter"].map(|name| approval.grant("words", name))
        };
        use Grant::{Allow, Ask, Deny};
        assert_eq!(grants(&first), [Allow, Allow, Deny, Deny, Ask, Allow]);
        assert_eq!(grants(&approval(folder.path(), true)), [Allow, Ask, Ask, Deny, Ask, Allow]);
        assert_eq!(grants(&approval(folder.path(), false)), [Allow, Deny, Deny, Deny, Deny, Allow]);
    }

    #[test]
    fn an_update_that_asks_for_more_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let before = package(folder.path(), r#""a""#);
        approval(folder.path(), true).answered("words", Some(&before), "a", Answer::Always);
        let changes = |permissions: &str| {
            let after = package(folder.path(), permissions);
            approval(folder.path(), true).changes(&after).map(|changes| (changes.more, changes.less))
        };
        assert_eq!(changes(r#""a""#), None);
        assert_eq!(changes(r#""a", "b""#), Some((vec!["b".into()], vec![])));
        assert_eq!(changes(r#""b""#), Some((vec!["b".into()], vec!["a".into()])));
    }

    #[test]
    fn what_plugins_may_use_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let package = package(folder.path(), r#""a", "fs.read:data/**""#);
        approval(folder.path(), true).answered("words", Some(&package), "a", Answer::Never);
        let words = |asks| approval(folder.path(), asks).in_words(&package).unwrap();
        assert_eq!(
            words(true),
            "words asked for, and may use: plugins.counter; it may not use: a; it has to ask before it uses: \
             fs.read:data/**"
        );
        assert_eq!(
            words(false),
            "words asked for, and may use: plugins.counter; it may not use: a, fs.read:data/**\n  \
             to allow it: plughold perms words --grant 'fs.read:data/**'"
        );
    }
}
