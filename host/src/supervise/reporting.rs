//! What is written down of a process that ended in a way that nobody asked for.

use super::driver::Driver;
use super::running::Running;
use crate::aside::run_aside;
use crate::blackbox::{Facts, gather};
use crate::events::Event;
use crate::{Date, Exit};
use std::time::SystemTime;

impl Driver {
    /// Writes the report of a process that has ended, on a thread that may wait for the disk. The session still knows all.
    pub(super) fn report(&self, running: &Running, exit: &Exit) {
        let config = &self.common.config;
        let Some(reports) = config.reports.clone().filter(|_| exit.is_abnormal()) else { return };
        let ended = Date::from(SystemTime::now());
        let package = &running.prepared.package;
        let facts = Facts {
            package,
            table: &config.table,
            pid: running.process.id(),
            state: self.plugin.state(),
            exit,
            ended,
            memory_limit: config.limits.memory_for(package.limits.memory),
            sandbox: running.facts.sandbox,
            layers: &running.facts.layers,
        };
        let report = gather(&running.session, &facts);
        let (plugin, events) = (self.plugin.id().clone(), self.common.events.clone());
        let unwritten = (plugin.clone(), events.clone());
        let written = run_aside(move || {
            events.send(match reports.write(&report, ended) {
                Ok(file) => Event::Reported { plugin, file },
                Err(reason) => Event::NotReported { plugin, reason },
            });
        });
        if let Err(error) = written {
            let (plugin, events) = unwritten;
            events.send(Event::NotReported { plugin, reason: error.to_string() });
        }
    }
}
