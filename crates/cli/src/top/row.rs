//! A plugin of a running host with its figures.

use crate::activity;
use plughold_control::record::{Figures, HostInfo, Plugin, State};
use serde::Serialize;
use std::collections::HashMap;

/// A plugin of a running host with its figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Row {
    pub(crate) plugin: String,
    pub(crate) host: String,
    pub(crate) host_pid: u32,
    pub(crate) state: State,
    pub(crate) pid: Option<u32>,
    /// Of one core: since the look before, or in the last minute.
    pub(crate) cpu_percent: f64,
    pub(crate) memory_bytes: u64,
    /// Calls in both directions.
    pub(crate) calls_per_second: f64,
    /// Of calls to it.
    pub(crate) p50_ns: u64,
    pub(crate) p99_ns: u64,
    /// Calls in both directions that are not answered.
    pub(crate) queue: u64,
    /// Functions and objects that are held, in both directions.
    pub(crate) references: u32,
    pub(crate) restarts: u32,
    /// What it is doing, or what went wrong, in words.
    pub(crate) doing: String,
}

/// What the processes had used of the processor at the look before, and when that was: by host, plugin and generation.
#[derive(Debug, Default)]
pub(crate) struct Before {
    used: HashMap<(u32, String, u32), (u64, u64)>,
}

/// The plugins of a host as rows, which the next look is compared with.
pub(crate) fn rows(host: &HostInfo, plugins: Vec<Plugin>, before: &mut Before) -> Vec<Row> {
    plugins.into_iter().map(|plugin| row(host, plugin, before)).collect()
}

fn row(host: &HostInfo, plugin: Plugin, before: &mut Before) -> Row {
    let runs = plugin.pid.is_some();
    let figures = plugin.figures.clone().filter(|_| runs).unwrap_or_default();
    let doing = match (&plugin.error, &plugin.activity) {
        (Some(error), _) => error.message.clone(),
        (None, Some(activity)) => activity::words(activity),
        (None, None) => String::new(),
    };
    Row {
        cpu_percent: before.percent(host.pid, &plugin.id, &figures),
        host: host.name.clone(),
        host_pid: host.pid,
        state: plugin.state,
        pid: plugin.pid,
        memory_bytes: plugin.memory_bytes.unwrap_or(0),
        calls_per_second: figures.to_plugin.per_second + figures.from_plugin.per_second,
        p50_ns: figures.to_plugin.latency.p50_ns,
        p99_ns: figures.to_plugin.latency.p99_ns,
        queue: figures.queues.calls_to_plugin + figures.queues.calls_from_plugin,
        references: plugin.references.exported + plugin.references.imported,
        restarts: plugin.restarts,
        doing,
        plugin: plugin.id,
    }
}

impl Before {
    fn percent(&mut self, host: u32, plugin: &str, figures: &Figures) -> f64 {
        let now = (figures.uptime_ms, figures.cpu.total_us);
        let key = (host, plugin.to_owned(), figures.generation);
        let share = |used_us: u64, passed_ms: u64| used_us as f64 / passed_ms as f64 / 10.0;
        match self.used.insert(key, now) {
            Some((uptime_ms, total_us)) if uptime_ms < now.0 => {
                share(now.1.saturating_sub(total_us), now.0 - uptime_ms)
            }
            _ => share(figures.cpu.last_minute_us, figures.uptime_ms.clamp(1, 60_000)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_counted_since_the_look_before() {
        let mut before = Before::default();
        let mut look = |uptime_ms, total_us, last_minute_us| {
            let mut figures = Figures { uptime_ms, ..Figures::default() };
            (figures.cpu.total_us, figures.cpu.last_minute_us) = (total_us, last_minute_us);
            let plugin = Plugin { pid: Some(7), figures: Some(figures), ..Plugin::default() };
            rows(&HostInfo::default(), vec![plugin], &mut before)[0].cpu_percent
        };
        assert_eq!(look(10_000, 5_000_000, 5_000_000), 50.0);
        assert_eq!(look(12_000, 5_200_000, 5_200_000), 10.0);
    }
}
