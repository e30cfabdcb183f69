//! `--grant` and `--deny`: what plugins may use of what they ask for.

use plughold::{Package, Scope};

/// What plugins may use of what they ask for.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Allowance {
    /// Grant nothing but this permission; may be given several times [default: grant what plugins ask for]
    #[arg(long, value_name = "PERMISSION", value_parser = Scope::parse)]
    grant: Vec<Scope>,
    /// Do not grant this permission, nor one that includes it; may be given several times
    #[arg(long, value_name = "PERMISSION", value_parser = Scope::parse)]
    deny: Vec<Scope>,
}

impl Allowance {
    /// Whether a plugin gets what it asks for.
    pub(crate) fn allows(&self, permission: &str) -> bool {
        // What is no permission is needed by nothing.
        let Ok(asked) = Scope::parse(permission) else { return false };
        let is_granted = self.grant.is_empty() || self.grant.iter().any(|grant| grant.covers(&asked));
        is_granted && !self.deny.iter().any(|deny| deny.covers(&asked) || asked.covers(deny))
    }

    /// What a plugin asked for and got, if it asked.
    pub(crate) fn in_words(&self, package: &Package) -> Option<String> {
        let names = package.asked().map(|asked| asked.name);
        let (granted, denied): (Vec<String>, Vec<String>) = names.partition(|name| self.allows(name));
        let id = &package.id;
        match (granted.as_slice(), denied.as_slice()) {
            ([], []) => None,
            (granted, []) => Some(format!("{id} asked for, and may use: {}", granted.join(", "))),
            ([], denied) => Some(format!("{id} asked for, and may not use: {}", denied.join(", "))),
            (granted, denied) => {
                let (granted, denied) = (granted.join(", "), denied.join(", "));
                Some(format!("{id} asked for, and may use: {granted}; it may not use: {denied}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_takes_what_includes_it() {
        let scopes = |texts: &[&str]| Vec::from_iter(texts.iter().map(|text| Scope::parse(text).unwrap()));
        let check = |grant: &[&str], deny: &[&str], asked: &str, expected: bool| {
            let allowance = Allowance { grant: scopes(grant), deny: scopes(deny) };
            assert_eq!(allowance.allows(asked), expected, "{grant:?} {deny:?} {asked}");
        };
        check(&[], &[], "notes.read", true);
        check(&[], &["notes.read"], "notes.read", false);
        check(&[], &["notes.read"], "notes.write", true);
        check(&[], &["fs.read"], "fs.read:data/**", false);
        check(&[], &["fs.read:data/private"], "fs.read:data/**", false);
        check(&[], &["fs.read:data/private"], "fs.read:data/public", true);
        check(&["fs.read:data/**"], &[], "fs.read:data/a", true);
        check(&["fs.read:data/**"], &[], "fs.read", false);
        check(&["fs.read"], &["fs.read:a"], "fs.read:a", false);
        check(&["a"], &[], "b", false);
        check(&[], &[], "fs.read:..", false);
    }
}
