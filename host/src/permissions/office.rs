//! Who decides, who is told and where it is written down, for all plugins of a host.

use super::audit::Audit;
use super::decision::{By, Decision};
use super::grants::Said;
use crate::PluginId;
use crate::events::{Event, EventSender};
use crate::service::{Grant, Grants};
use plughold_package::{Permission, Scope};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// Asks somebody.
pub(crate) type Ask =
    Arc<dyn Fn(PluginId, Permission) -> Pin<Box<dyn Future<Output = Grant> + Send>> + Send + Sync>;

/// Who decides on permissions.
pub(crate) struct Office {
    /// What the application says of each permission.
    pub(crate) rule: Grants,
    pub(crate) ask: Option<Ask>,
    /// How long an answer may take.
    pub(crate) within: Duration,
    pub(crate) audit: Option<Audit>,
    /// Whether it is noted what plugins use, and they may use what their manifests do not ask for.
    pub(crate) observes: bool,
    pub(crate) events: EventSender,
    pub(crate) runtime: Handle,
}

impl Office {
    /// What the application says of a permission. Without anybody who could be asked it is denied.
    pub(crate) fn said(&self, plugin: &PluginId, permission: &Permission) -> Said {
        match (self.rule)(plugin, permission) {
            Grant::Allow => Said::Granted,
            Grant::Ask if self.ask.is_some() => Said::Ask,
            Grant::Ask | Grant::Deny => Said::Denied,
        }
    }

    /// Whether a plugin that is observed may use what its manifest does not ask for: as if it did.
    pub(super) fn grants_unasked(&self, plugin: &PluginId, scope: &Scope) -> bool {
        self.observes && (self.rule)(plugin, &Permission::named(scope)) == Grant::Allow
    }

    /// Whether whoever is asked grants it. No answer in time is none, and neither is a panic.
    pub(super) fn question(
        &self,
        plugin: PluginId,
        permission: Permission,
    ) -> impl Future<Output = bool> + Send + 'static + use<> {
        let (ask, within, runtime) = (self.ask.clone(), self.within, self.runtime.clone());
        async move {
            let Some(ask) = ask else { return false };
            // In a task of its own, which ends with this one.
            let mut asking = JoinSet::new();
            asking.spawn_on(async move { ask(plugin, permission).await }, &runtime);
            let answer = tokio::time::timeout(within, asking.join_next()).await;
            matches!(answer, Ok(Some(Ok(Grant::Allow))))
        }
    }

    /// Tells everybody, and writes it down.
    pub(super) fn record(&self, plugin: &PluginId, permission: &str, decision: Decision, by: Option<By>) {
        if let Some(audit) = &self.audit {
            audit.write(SystemTime::now(), plugin, permission, decision, by);
        }
        let (plugin, permission) = (plugin.clone(), permission.to_owned());
        self.events.send(Event::Permission { plugin, permission, decision });
    }

    /// Completes when what was recorded is written down, as far as the disk takes it.
    pub(crate) async fn written(&self) {
        if let Some(audit) = &self.audit {
            audit.written().await;
        }
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }
}
