//! Where events go.

use crate::lines::Lines;
use crate::{json, records};
use plughold::{Event, PluginId};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Shows what happens to plugins.
#[derive(Debug)]
pub(crate) struct Printer {
    to: Destination,
    /// Processes of whose start people were told already: the table shows them.
    shown: BTreeMap<PluginId, u32>,
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
        Printer { to: Destination::Result(Lines::new(ids)), shown: BTreeMap::new() }
    }

    /// Prints lines on standard error.
    pub(crate) fn remarks<'a>(ids: impl IntoIterator<Item = &'a PluginId>) -> Printer {
        Printer { to: Destination::Remarks(Lines::new(ids)), shown: BTreeMap::new() }
    }

    /// Prints JSON objects on standard output.
    pub(crate) fn records() -> Printer {
        Printer { to: Destination::Records, shown: BTreeMap::new() }
    }

    /// Prints nothing.
    pub(crate) fn silent() -> Printer {
        Printer { to: Destination::Nowhere, shown: BTreeMap::new() }
    }

    /// The start of this process is not to be told again.
    pub(crate) fn was_shown(&mut self, plugin: PluginId, generation: u32) {
        self.shown.insert(plugin, generation);
    }

    /// Prints one event. Fails when the stream is closed.
    pub(crate) fn print(&self, event: &Event) -> io::Result<()> {
        match &self.to {
            Destination::Result(lines) => match lines.show(event).filter(|_| self.is_news(event)) {
                Some(text) => writeln!(anstream::stdout(), "{text}"),
                None => Ok(()),
            },
            Destination::Remarks(lines) => match lines.show(event).filter(|_| is_said(event)) {
                Some(text) => writeln!(anstream::stderr(), "{text}"),
                None => Ok(()),
            },
            Destination::Records => {
                records::of_event(event).map_or(Ok(()), |record| json::print_line(&record))
            }
            Destination::Nowhere => Ok(()),
        }
    }

    fn is_news(&self, event: &Event) -> bool {
        match event {
            Event::Started { plugin, generation, .. } => self.shown.get(plugin) != Some(generation),
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
