//! Where events go.

use crate::approval::Approval;
use crate::lines::Lines;
use crate::paint::{DIM, paint};
use crate::service::Service;
use crate::{frame, json, records};
use plughold::{Event, Exit, Host, LoadError, Package, PluginId, Problems};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;

/// Shows what happens to plugins.
#[derive(Debug)]
pub(crate) struct Printer {
    to: Destination,
    /// The process of each plugin that people know of: it stands in the table, or a line has told of it.
    shown: BTreeMap<PluginId, u32>,
    /// Problems that people were told of already.
    told: Vec<Problems>,
    /// Where plugins are whose files have changed: their errors are shown in their code.
    sources: BTreeMap<PluginId, PathBuf>,
    /// Knows what plugins ask for, while these may change.
    host: Option<Host>,
    /// Plugins of which people were told that they are disabled, and not yet why.
    disabled: BTreeSet<PluginId>,
    /// What people were told that plugins may use.
    allowed: BTreeMap<PluginId, String>,
    /// Who decides what plugins may use of what they ask for.
    approval: Approval,
}

#[derive(Debug)]
enum Destination {
    /// Events are the result: lines on standard output.
    Result(Lines),
    /// Something else is the result, which tells how the plugins are: lines on standard error of what they say.
    Remarks(Lines),
    /// One JSON object for each event on standard output.
    Records,
    /// Nobody reads any more.
    Nowhere,
}

impl Printer {
    /// Prints lines on standard output.
    pub(crate) fn result<'a>(ids: impl IntoIterator<Item = &'a PluginId>) -> Printer {
        Printer::to(Destination::Result(Lines::new(ids)))
    }

    /// Prints lines on standard error.
    pub(crate) fn remarks<'a>(ids: impl IntoIterator<Item = &'a PluginId>) -> Printer {
        Printer::to(Destination::Remarks(Lines::new(ids)))
    }

    /// Prints JSON objects on standard output.
    pub(crate) fn records() -> Printer {
        Printer::to(Destination::Records)
    }

    /// Prints nothing.
    pub(crate) fn silent() -> Printer {
        Printer::to(Destination::Nowhere)
    }

    fn to(to: Destination) -> Printer {
        Printer {
            to,
            shown: BTreeMap::new(),
            told: Vec::new(),
            sources: BTreeMap::new(),
            host: None,
            disabled: BTreeSet::new(),
            allowed: BTreeMap::new(),
            approval: Approval::default(),
        }
    }

    /// The start of this process is not to be told again.
    pub(crate) fn was_shown(&mut self, plugin: PluginId, generation: u32) {
        self.shown.insert(plugin, generation);
    }

    /// These problems are not to be told again, as long as they are the same.
    pub(crate) fn were_told(&mut self, problems: Vec<Problems>) {
        self.told = problems;
    }

    /// From now on it is told when a plugin of the host may use something else than people know of.
    pub(crate) fn tell_permissions(&mut self, service: &Service, packages: &[Package]) {
        let approval = service.approval.clone();
        let asked =
            packages.iter().filter_map(|package| Some((package.id.clone(), approval.in_words(package)?)));
        self.allowed = asked.collect();
        (self.host, self.approval) = (Some(service.host.clone()), approval);
    }

    /// Prints one event. Fails when the stream is closed.
    pub(crate) fn print(&mut self, event: &Event) -> io::Result<()> {
        if self.was_told(event) {
            return Ok(());
        }
        if let Event::Found { plugin, path } | Event::Changed { plugin, path } = event {
            self.sources.insert(plugin.clone(), path.clone());
        }
        let is_news = self.is_news(event);
        let allowed = is_news.then(|| self.news_of_permissions(event)).flatten();
        match &self.to {
            Destination::Result(lines) => match lines.show(event).filter(|_| is_news) {
                Some(text) => {
                    let mut out = anstream::stdout().lock();
                    writeln!(out, "{text}")?;
                    allowed.map_or(Ok(()), |allowed| writeln!(out, "{}", paint(DIM, allowed)))?;
                    self.code_of(event).map_or(Ok(()), |code| write!(out, "{code}"))
                }
                None => Ok(()),
            },
            Destination::Remarks(lines) => match lines.show(event).filter(|_| is_said(event)) {
                Some(text) => writeln!(anstream::stderr(), "{text}"),
                None => Ok(()),
            },
            Destination::Records => json::print_line(&records::of_event(event)),
            Destination::Nowhere => Ok(()),
        }
    }

    /// Whether people know it from an event before.
    fn was_told(&mut self, event: &Event) -> bool {
        match event {
            // Each is told again when it has come back.
            Event::Problem { problems, plugin: None } => {
                let place = self.told.iter().position(|told| told == problems.as_ref());
                place.map(|place| self.told.swap_remove(place)).is_some()
            }
            Event::Disabled { plugin, .. } => {
                self.disabled.insert(plugin.clone());
                false
            }
            // How its process ended was told before, and that it is not started again.
            Event::Failed { plugin, error } => {
                let was_told = self.disabled.remove(plugin) && matches!(error, LoadError::Exited(_));
                was_told && !matches!(self.to, Destination::Records)
            }
            _ => false,
        }
    }

    /// What a plugin may use that has just started, if people do not know.
    fn news_of_permissions(&mut self, event: &Event) -> Option<String> {
        let (Event::Started { plugin, .. } | Event::Reloaded { plugin, .. }) = event else { return None };
        let package = self.host.as_ref()?.plugin(plugin.as_str())?.package();
        let Some(asked) = self.approval.in_words(&package) else {
            self.allowed.remove(plugin);
            return None;
        };
        let before = self.allowed.insert(plugin.clone(), asked.clone());
        (before.as_ref() != Some(&asked)).then_some(asked)
    }

    /// The line of code at which a plugin failed, if its files are being worked on.
    fn code_of(&self, event: &Event) -> Option<String> {
        let (Event::Failed { plugin, error } | Event::RolledBack { plugin, error, .. }) = event else {
            return None;
        };
        frame::of_thrown(self.sources.get(plugin)?, error.thrown()?)
    }

    /// Whether people do not know it yet. Of a reload they are told once, when the new process has taken over: that it was
    /// started before, and that the old one finishes after, is part of that.
    fn is_news(&mut self, event: &Event) -> bool {
        match event {
            Event::Started { plugin, .. } if self.shown.contains_key(plugin) => false,
            Event::Started { plugin, generation, .. } | Event::Reloaded { plugin, generation, .. } => {
                self.shown.insert(plugin.clone(), *generation);
                true
            }
            Event::Exited { plugin, generation, exit } => match self.shown.get(plugin) {
                Some(shown) if shown != generation => *exit != Exit::Stopped,
                _ => {
                    self.shown.remove(plugin);
                    true
                }
            },
            Event::Missed { .. } => {
                // Ends may be among them.
                self.shown.clear();
                true
            }
            _ => true,
        }
    }
}

/// Whether it is a plugin's own utterance, and not a station of its life.
fn is_said(event: &Event) -> bool {
    matches!(
        event,
        Event::Log { .. }
            | Event::Uncaught { .. }
            | Event::Unresponsive { .. }
            | Event::Responsive { .. }
            | Event::Missed { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_disabled_plugin_it_is_told_once_that_it_is_not_started_again() {
        let plugin = PluginId::native("a").unwrap();
        let disabled = Event::Disabled { plugin: plugin.clone(), crashes: 5 };
        let failed = Event::Failed { plugin, error: LoadError::Exited(Exit::Signal(9)) };
        let told = |mut printer: Printer| [&disabled, &failed, &failed].map(|event| !printer.was_told(event));
        assert_eq!(told(Printer::result([])), [true, false, true]);
        assert_eq!(told(Printer::records()), [true, true, true]);
    }
}
