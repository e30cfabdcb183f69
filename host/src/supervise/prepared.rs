//! A package that is to be started: read, looked through, and decided on.

use super::Common;
use crate::error::LoadError;
use crate::permissions::{Ledger, Said};
use crate::service::values;
use crate::session::HandOver;
use crate::{Package, PluginId};
use plughold_package::{EntryKind, Permission, Scope};
use plughold_protocol::message::Message;
use plughold_protocol::record::{Source, SourceKind};
use std::error::Error as _;
use std::path::Path;
use std::sync::Arc;

/// A package and what the application says of what it asks for.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) package: Arc<Package>,
    said: Vec<(Permission, Scope, Said)>,
    /// What its settings are.
    settings: serde_json::Map<String, serde_json::Value>,
}

impl Prepared {
    /// Asks the embedder about each permission and each setting of the manifest.
    pub(crate) fn new(package: Arc<Package>, common: &Common) -> Prepared {
        let said = |permission: Permission| {
            let said = common.config.office.said(&package.id, &permission);
            // What is no scope is covered by nothing.
            let scope = Scope::parse(&permission.name).ok()?;
            Some((permission, scope, said))
        };
        let said = package.asked().filter_map(said).collect();
        let settings = values(&package, &common.config.settings, &common.events);
        Prepared { package, said, settings }
    }

    /// Lets the decisions count, unless others stand over them.
    pub(super) fn decide(&self, permissions: &Arc<Ledger>) {
        for (permission, scope, said) in &self.said {
            permissions.say(permission, scope.clone(), *said);
        }
    }

    /// What is on the disk now, in place of the plugin `id`. Waits for the disk.
    pub(super) fn open(id: &PluginId, path: &Path, common: &Common) -> Result<Prepared, LoadError> {
        let package = Package::open(path).map_err(|problems| LoadError::Package(problems.to_string()))?;
        Prepared::replace(id, Arc::new(package), common)
    }

    /// A package that is there, in place of the plugin `id`.
    pub(super) fn replace(
        id: &PluginId,
        package: Arc<Package>,
        common: &Common,
    ) -> Result<Prepared, LoadError> {
        if package.id != *id {
            let words = format!("it is {} now, and was {id}: that is another plugin", package.id);
            return Err(LoadError::Package(words));
        }
        package.runs()?;
        let unmet = package.dependencies.iter().find_map(|dependency| common.plugins.meets(dependency).err());
        match unmet {
            Some(unmet) => Err(LoadError::Dependency(Box::new(unmet))),
            None => Ok(Prepared::new(package, common)),
        }
    }

    /// The entry file. Waits for the disk.
    pub(super) fn source(&self) -> Result<String, LoadError> {
        self.package.entry_source().map_err(|error| {
            // What the system said is the error's source.
            let reason = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            LoadError::Package(format!("{error}{reason}"))
        })
    }

    /// Gives the plugin's code to whoever sends it, and the state of the generation before.
    pub(super) fn with_load(
        &self,
        source: &str,
        state: Option<&HandOver>,
        granted: &[String],
        send: impl FnOnce(&Message),
    ) {
        let package = &self.package;
        // Nothing else was let in.
        let Some(entry) = &package.entry else { return };
        let facts = serde_json::json!({
            "id": package.id.as_str(),
            "name": package.name,
            "version": package.version,
            "description": package.description,
            "author": package.author,
            "settings": self.settings,
        });
        // Facts are plain data. Without them a plugin knows nothing of itself, and runs all the same.
        let manifest = rmp_serde::to_vec_named(&facts).unwrap_or_else(|_| vec![0x80]);
        send(&Message::Load {
            prelude: &package.format.to_string(),
            source: Source {
                name: &entry.name,
                kind: match entry.kind {
                    EntryKind::Script => SourceKind::Script,
                    EntryKind::Module => SourceKind::Module,
                },
                text: source,
            },
            manifest: &manifest,
            grants: granted.iter().map(String::as_str).collect(),
            state: state.map(HandOver::bytes),
        });
    }
}
