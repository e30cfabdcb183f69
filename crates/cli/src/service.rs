//! A host on its platform: what every command needs that runs something.

use crate::allowance::Allowance;
use crate::args::On;
use crate::exit::Exit;
use crate::failure::{Failure, warn};
use crate::platform::Platform;
use crate::snapshot::Entry;
use crate::{state, text};
use plughold::{Grant, Host, Problems, Restart, RunnerProgram, SafeMode, State};
use std::sync::Arc;

/// A host and the platform that it offers to its plugins.
pub(crate) struct Service {
    pub(crate) host: Host,
    pub(crate) platform: Arc<dyn Platform>,
    /// What plugins may use of what they ask for.
    pub(crate) allowance: Allowance,
}

impl Service {
    /// Opens the platform and builds the host, inside of a runtime. Starts no process.
    ///
    /// Plugins get every permission that they ask for, unless that is denied: whoever starts them by name in a terminal
    /// has decided, and is told what they ask for.
    pub(crate) fn open(on: &On, restart: Restart) -> anyhow::Result<Service> {
        Service::open_with(on, restart, None)
    }

    /// The same in safe mode, if that is wanted.
    pub(crate) fn open_with(
        on: &On,
        restart: Restart,
        safe_mode: Option<SafeMode>,
    ) -> anyhow::Result<Service> {
        let (platform, api) = on.platform.open(on.profile.as_deref())?;
        // A command that is one file cannot meet a runner of another version.
        let builder = Host::builder(api).runner(RunnerProgram::Itself).restart(restart);
        let allowance = on.allowance.clone();
        let builder = builder.grants(move |_, permission| match allowance.allows(&permission.name) {
            true => Grant::Allow,
            false => Grant::Deny,
        });
        let builder = on.sandbox.apply(builder);
        let builder = match safe_mode {
            Some(mode) => builder.safe_mode(mode),
            None => builder,
        };
        let host = match state::reports() {
            Some(folder) => builder.reports(folder).build()?,
            None => builder.build()?,
        };
        Ok(Service { host, platform, allowance: on.allowance.clone() })
    }

    /// Every loaded plugin as it is now, in the order of the ids.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let plugins = self.host.plugins();
        plugins.iter().map(|plugin| Entry::of(plugin, self.platform.commands(plugin.id()))).collect()
    }

    /// Waits until every loaded plugin runs or has ended for good.
    pub(crate) async fn settled(&self) {
        let mut events = self.host.events();
        for plugin in self.host.plugins() {
            while matches!(plugin.state(), State::Starting | State::Backoff) {
                tokio::select! {
                    _ = plugin.finished() => break,
                    // Any event may be the one; the state tells.
                    event = events.next() => if event.is_none() { return },
                }
            }
        }
    }
}

/// Tells of packages that cannot be loaded.
pub(crate) fn warn_of(problems: &[Problems]) {
    problems.iter().for_each(|problems| warn(&failure_of(problems)));
}

fn failure_of(problems: &Problems) -> Failure {
    let what = format!("{} is not a plugin that can be loaded", text::path(&problems.path));
    let failure = Failure::new(Exit::Failed, what);
    match problems.items.as_slice() {
        // Advice on the only problem is advice on the package.
        [only] => {
            let mut item = only.clone();
            let help = item.help.take();
            failure.with_detail(item.to_string()).with_help_if(help)
        }
        items => items.iter().fold(failure, |failure, item| failure.with_detail(item.to_string())),
    }
}
