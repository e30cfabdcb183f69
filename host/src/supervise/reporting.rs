//! What is written down of a process that ended in a way that nobody asked for.

use super::driver::Driver;
use super::running::Running;
use crate::aside::run_aside;
use crate::blackbox::{Facts, gather};
use crate::events::Event;
use crate::{Date, Exit};
use std::time::{Duration, SystemTime};
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

/// How long the end of a plugin waits for its reports. Writing one takes a millisecond, and a disk that hangs is not waited
/// for.
const WRITING: Duration = Duration::from_secs(1);

impl Driver {
    /// Writes the report of a process that has ended, on a thread that may wait for the disk. The session still knows all.
    pub(super) fn report(&mut self, running: &Running, exit: &Exit) {
        let config = &self.common.config;
        let Some(reports) = config.reports.clone().filter(|_| exit.is_abnormal()) else { return };
        let ended = Date::from(SystemTime::now());
        let place = match reports.place() {
            Ok(place) => place,
            Err(reason) => {
                let plugin = self.plugin.id().clone();
                return self.common.events.send(Event::NotReported { plugin, reason });
            }
        };
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
        let (writing, written) = oneshot::channel::<()>();
        self.reports.retain_mut(|report| report.try_recv() == Err(TryRecvError::Empty));
        self.reports.push(written);
        let written = run_aside(move || {
            let _until_here = (writing, place);
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

    /// Waits until the reports are written: an application may end as soon as its plugins have.
    pub(super) async fn finish_reports(&mut self) {
        let writing = std::mem::take(&mut self.reports);
        let all = async {
            for report in writing {
                // Nothing is ever sent.
                let _ = report.await;
            }
        };
        // Who waits longer waits in vain.
        let _ = tokio::time::timeout(WRITING, all).await;
    }
}
