//! A host on its platform: what every command needs that runs something.

use crate::approval::Approval;
use crate::args::On;
use crate::desk::{Question, Tray};
use crate::exit::Exit;
use crate::failure::{Failure, warn};
use crate::platform::Platform;
use crate::snapshot::Entry;
use crate::terminal::Terminal;
use crate::{control, settings, state, text};
use plughold::{Control, Grant, Host, Problems, Restart, RunnerProgram, SafeMode, State};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::UnboundedReceiver;

/// A host and the platform that it offers to its plugins.
pub(crate) struct Service {
    pub(crate) host: Host,
    pub(crate) platform: Arc<dyn Platform>,
    /// Who decides on permissions.
    pub(crate) approval: Approval,
    /// Whether it is noted what plugins use.
    pub(crate) observes: bool,
    /// What calls want somebody at the terminal to decide, until somebody takes it.
    questions: Mutex<Option<UnboundedReceiver<Question>>>,
}

impl Service {
    /// Opens the platform and builds the host, inside of a runtime. Starts no process.
    ///
    /// Plugins get what the command line or somebody before has granted; of the rest somebody at the terminal is asked,
    /// and without one it is denied.
    pub(crate) fn open(on: &On, restart: Restart) -> anyhow::Result<Service> {
        Service::open_with(on, restart, None, None)
    }

    /// The same in safe mode, and with a control socket, if that is wanted.
    pub(crate) fn open_with(
        on: &On,
        restart: Restart,
        safe_mode: Option<SafeMode>,
        control: Option<Control>,
    ) -> anyhow::Result<Service> {
        let (platform, api) = on.platform.open(on.profile.as_deref())?;
        // A command that is one file cannot meet a runner of another version.
        let builder = Host::builder(api).runner(RunnerProgram::Itself).restart(restart);
        let broker = on.allowance.broker();
        let asks = broker.is_some() || Terminal::is_there();
        let approval = Approval::new(on.allowance.clone(), state::grants(), asks);
        let rule = approval.clone();
        let builder = builder.grants(move |plugin, asked| rule.grant(plugin.as_str(), &asked.name));
        let (builder, questions) = match broker {
            Some(broker) => (builder.broker(broker), None),
            None => {
                let (tray, questions) = Tray::new();
                let ask = move |plugin, permission| {
                    let tray = tray.clone();
                    async move { if tray.ask(plugin, permission).await { Grant::Allow } else { Grant::Deny } }
                };
                (builder.ask(ask), Some(questions))
            }
        };
        let builder = if on.allowance.observes() { builder.observe() } else { builder };
        let builder = match state::audit() {
            Some(file) => builder.audit(file),
            None => builder,
        };
        let set = on.set.clone();
        let builder = builder.settings(move |plugin, setting| settings::value(&set, plugin, setting));
        let builder = on.sandbox.apply(builder);
        let builder = match platform.data().or_else(state::data) {
            Some(folder) => builder.data(folder),
            None => builder,
        };
        let builder = match safe_mode {
            Some(mode) => builder.safe_mode(mode),
            None => builder,
        };
        let builder = match control {
            Some(control) => builder.control(control::on(control, &platform)),
            None => builder,
        };
        let host = match state::reports() {
            Some(folder) => builder.reports(folder).build()?,
            None => builder.build()?,
        };
        Ok(Service {
            host,
            platform,
            approval,
            observes: on.allowance.observes(),
            questions: Mutex::new(questions),
        })
    }

    /// Every loaded plugin as it is now, in the order of the ids.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let plugins = self.host.plugins();
        plugins.iter().map(|plugin| Entry::of(plugin, self.platform.commands(plugin.id()))).collect()
    }

    /// What calls want to be decided. Whoever takes it first answers; dropped, it is a no.
    pub(crate) fn take_questions(&self) -> Option<UnboundedReceiver<Question>> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner).take()
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
