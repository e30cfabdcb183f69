//! What the machines speak of, in the host's words: loading, reloading, and telling.

use super::inventory::{Found, News, Outcome};
use crate::PluginId;
use crate::error::LoadError;
use crate::events::Event;
use crate::service::Host;
use plughold_package::{Discovery, Package};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Loads what does not run, and gives to plugins that run what they are to be from now on.
pub(super) async fn bring(
    host: Host,
    packages: Vec<Arc<Package>>,
    done: mpsc::UnboundedSender<(PluginId, Outcome)>,
) {
    let runs =
        |package: &Arc<Package>| host.plugin(package.id.as_str()).filter(|plugin| !plugin.is_finished());
    let (mut new, mut reloads) = (Vec::new(), tokio::task::JoinSet::new());
    for package in packages {
        match runs(&package) {
            Some(plugin) => {
                let done = done.clone();
                reloads.spawn(async move {
                    let id = package.id.clone();
                    let outcome = outcome_of(&plugin.reload_as(package).await);
                    let _ = done.send((id, outcome));
                });
            }
            None => new.push(Package::clone(&package)),
        }
    }
    let found = Discovery { packages: new, ..Discovery::default() };
    for (id, loaded) in host.load_all(found).await {
        let _ = done.send((id, outcome_of(&loaded.map(|_| ()))));
    }
    reloads.join_all().await;
}

fn outcome_of(result: &Result<(), LoadError>) -> Outcome {
    match result {
        Err(LoadError::Dependency(_)) => Outcome::Lacking,
        _ => Outcome::Done,
    }
}

pub(super) fn found(package: Arc<Package>) -> Found<Arc<Package>> {
    let needs = package.dependencies.iter().map(|dependency| dependency.id.clone()).collect();
    Found { id: package.id.clone(), needs, package }
}

/// Whether somebody has loaded the package from the same place already.
pub(super) fn runs_from(host: &Host, package: &Package) -> bool {
    let running = host.plugin(package.id.as_str()).filter(|plugin| !plugin.is_finished());
    running.is_some_and(|plugin| plugin.package().source == package.source)
}

pub(super) fn event_of(news: News) -> Event {
    match news {
        News::Found(plugin, path) => Event::Found { plugin, path },
        News::Changed(plugin, path) => Event::Changed { plugin, path },
        News::Removed(plugin, path) => Event::Removed { plugin, path },
        News::Problem(problems, plugin) => Event::Problem { problems, plugin },
        News::Solved(path) => Event::Solved { path },
    }
}
