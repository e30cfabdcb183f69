//! `--grant`, `--grant-all`, `--deny` and `--broker`: what whoever starts plugins says of permissions beforehand.

use plughold::{Broker, Scope};

/// What is said of permissions on the command line.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Allowance {
    /// Grant this permission without asking; may be given several times
    #[arg(long, value_name = "PERMISSION", value_parser = Scope::parse)]
    grant: Vec<Scope>,
    /// Grant every permission that plugins ask for, without asking
    #[arg(long)]
    grant_all: bool,
    /// Do not grant this permission, nor one that includes it; may be given several times
    #[arg(long, value_name = "PERMISSION", value_parser = Scope::parse)]
    deny: Vec<Scope>,
    /// Let this command decide on the rest: it gets one line of JSON for each question and answers with one
    #[arg(long, value_name = "COMMAND", conflicts_with = "grant_all")]
    broker: Option<String>,
    /// Note what plugins use, grant all of it that is not denied, and say at the end what their manifests need to ask for
    #[arg(long, conflicts_with = "broker")]
    observe: bool,
}

impl Allowance {
    /// Whether it is noted what plugins use.
    pub(crate) fn observes(&self) -> bool {
        self.observe
    }

    /// The program that decides on what the command line says nothing of.
    pub(crate) fn broker(&self) -> Option<Broker> {
        self.broker.as_ref().map(|command| Broker::with_arguments("/bin/sh", ["-c", command]))
    }

    /// Whether a plugin gets what it asks for. None if the command line says nothing of it.
    pub(crate) fn allows(&self, asked: &Scope) -> Option<bool> {
        if self.deny.iter().any(|deny| deny.covers(asked) || asked.covers(deny)) {
            return Some(false);
        }
        let is_granted = self.grant_all || self.observe || self.grant.iter().any(|grant| grant.covers(asked));
        is_granted.then_some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_takes_what_includes_it() {
        let scopes = |texts: &[&str]| Vec::from_iter(texts.iter().map(|text| Scope::parse(text).unwrap()));
        let check = |grant: &[&str], deny: &[&str], asked: &str, expected: Option<bool>| {
            let grant_all = grant.contains(&"all");
            let allowance = Allowance {
                grant: scopes(grant),
                grant_all,
                deny: scopes(deny),
                broker: None,
                observe: false,
            };
            assert_eq!(
                allowance.allows(&Scope::parse(asked).unwrap()),
                expected,
                "{grant:?} {deny:?} {asked}"
            );
        };
        check(&[], &[], "notes.read", None);
        check(&["all"], &[], "notes.read", Some(true));
        check(&["all"], &["notes.read"], "notes.read", Some(false));
        check(&["all"], &["notes.read"], "notes.write", Some(true));
        check(&["all"], &["fs.read"], "fs.read:data/**", Some(false));
        check(&["all"], &["fs.read:data/private"], "fs.read:data/**", Some(false));
        check(&["all"], &["fs.read:data/private"], "fs.read:data/public", Some(true));
        check(&["fs.read:data/**"], &[], "fs.read:data/a", Some(true));
        check(&["fs.read:data/**"], &[], "fs.read", None);
        check(&["fs.read"], &["fs.read:a"], "fs.read:a", Some(false));
        check(&["a"], &[], "b", None);
    }
}
