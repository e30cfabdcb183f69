//! What one process of a plugin may do: what its manifest asks for, and what was decided.

use super::decision::{PermissionInfo, PermissionState, Refusal};
use super::denied::Asking;
use super::grants::Verdict;
use super::ledger::{Awaited, Ledger};
use crate::text::clean_line;
use crate::{PluginId, Thrown};
use plughold_package::{Package, Scope};
use std::sync::{Arc, Weak};

/// Bytes of what a plugin wants that are told of it.
const SHOWN: usize = 256;

/// What one process of a plugin may do. While a plugin is reloaded, its two processes may have manifests that ask for
/// different things; what was decided is the same for both.
#[derive(Debug)]
pub(crate) struct Access {
    asking: Asking,
    asked: Vec<Scope>,
    permissions: Arc<Ledger>,
}

/// Whether a call may use something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    Yes,
    No(Refusal),
    /// Somebody is to be asked.
    Undecided,
}

impl Access {
    pub(crate) fn new(package: &Package, permissions: Arc<Ledger>) -> Access {
        // What is no scope covers nothing.
        let asked = package.asked().filter_map(|asked| Scope::parse(&asked.name).ok()).collect();
        Access { asking: Asking::of(package), asked, permissions }
    }

    /// Of a process that nothing was granted to.
    pub(crate) fn of_nothing(plugin: &PluginId) -> Arc<Access> {
        let permissions = Ledger::new(plugin.clone(), Weak::new());
        Arc::new(Access { asking: Asking::default(), asked: Vec::new(), permissions })
    }

    /// Whether the process may use something now.
    pub(crate) fn allows(&self, scope: &Scope) -> Allowed {
        if !self.asks(scope) {
            return match self.permissions.grants_unasked(scope) {
                true => Allowed::Yes,
                false => Allowed::No(Refusal::NotAsked),
            };
        }
        match self.permissions.verdict(scope) {
            Verdict::Granted => Allowed::Yes,
            Verdict::Denied => Allowed::No(Refusal::Denied),
            Verdict::Open => Allowed::Undecided,
        }
    }

    /// A call uses something: noted, if somebody wants to know.
    pub(crate) fn used(&self, scope: &Scope, call: Option<u64>) {
        if let Some(uses) = self.permissions.uses() {
            uses.used(scope, self.asks(scope), call);
        }
    }

    /// Where a call is made that comes soon. False if nobody wants to know.
    pub(crate) fn made_at(&self, call: u64, stack: &str) -> bool {
        let uses = self.permissions.uses();
        uses.inspect(|uses| uses.made_at(call, stack)).is_some()
    }

    /// Whether somebody wants to know where calls are made.
    pub(crate) fn is_observed(&self) -> bool {
        self.permissions.uses().is_some()
    }

    /// Whether the manifest asks for something, and it was denied: what the process was given by others need not be asked
    /// for.
    pub(crate) fn is_denied(&self, scope: &Scope) -> bool {
        self.allows(scope) == Allowed::No(Refusal::Denied)
    }

    /// Whether the manifest asks for something.
    pub(crate) fn asks(&self, scope: &Scope) -> bool {
        self.asked.iter().any(|asked| asked.covers(scope))
    }

    /// Changes with each decision.
    pub(crate) fn version(&self) -> u64 {
        self.permissions.version()
    }

    /// Waits until somebody has decided.
    pub(crate) fn wait(&self, scope: &Scope) -> Awaited {
        self.permissions.wait(scope)
    }

    /// A call is refused: what it throws. Tells of it.
    pub(crate) fn refuse(&self, scope: &Scope, why: Refusal) -> Thrown {
        let permission = scope.to_string();
        self.permissions.refused(&clean_line(&permission, SHOWN));
        self.asking.denied(&permission, why)
    }

    /// A call wants something that can be read in more than one way: what it throws.
    pub(crate) fn refuse_malformed(
        &self,
        name: &str,
        of: &str,
        why: &plughold_package::ScopeError,
    ) -> Thrown {
        let permission = clean_line(&format!("{name}:{of}"), SHOWN);
        self.permissions.refused(&permission);
        let words = format!("permission denied: {permission}: {why}");
        Thrown::new("PermissionDenied", words).with_code("E_DENIED").with_field("permission", permission)
    }

    /// What the process may do, as its manifest has it.
    pub(crate) fn granted(&self) -> Vec<String> {
        let granted = self.asked.iter().filter(|asked| self.allows(asked) == Allowed::Yes);
        granted.map(Scope::to_string).collect()
    }

    /// Each permission that the manifest asks for, and whether the process has it.
    pub(crate) fn infos(&self) -> Vec<PermissionInfo> {
        let info = |asked: plughold_package::Permission| PermissionInfo {
            state: match Scope::parse(&asked.name).map(|scope| self.allows(&scope)) {
                Ok(Allowed::Yes) => PermissionState::Granted,
                Ok(Allowed::Undecided) => PermissionState::Undecided,
                Ok(Allowed::No(_)) | Err(_) => PermissionState::Denied,
            },
            name: asked.name,
            reason: asked.reason,
        };
        self.asking.all.iter().cloned().map(info).collect()
    }
}
