//! Why a plugin is as it is, in words: from what a host tells of it.

use crate::failure::folded;
use crate::text::line;
use crate::time::{brief, long};
use crate::{activity, places};
use plughold_control::record::{
    Direction, Figures, Happening, PendingCall, Permission, Plugin, Reference, State,
};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// Of one core in the last minute: beyond it a plugin is called busy.
const BUSY_PERCENT: u64 = 25;

/// A call that takes longer is called slow.
const SLOW: Duration = Duration::from_millis(100);

/// A call that has waited for longer is told.
const LONG_MS: u64 = 1_000;

/// One reason, with what shows it and what to do about it.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Reason {
    pub(crate) what: String,
    pub(crate) details: Vec<String>,
    pub(crate) help: Option<String>,
}

/// What a host tells of a plugin.
pub(crate) struct Seen<'a> {
    pub(crate) plugin: Plugin,
    pub(crate) figures: Figures,
    pub(crate) pending: Vec<PendingCall>,
    pub(crate) references: Vec<Reference>,
    pub(crate) permissions: Vec<Permission>,
    /// The oldest first.
    pub(crate) happened: &'a [Happening],
    /// Where it is right now.
    pub(crate) stack: Option<String>,
}

impl Reason {
    /// A reason in words, which may hold those of strangers.
    pub(crate) fn new(what: impl Into<String>) -> Reason {
        Reason { what: what.into(), details: Vec::new(), help: None }
    }

    /// The same with what shows it.
    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Reason {
        self.details.push(detail.into());
        self
    }

    /// The same with what to do.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Reason {
        self.help = Some(help.into());
        self
    }
}

/// Everything that explains it, the most telling first.
pub(crate) fn reasons(seen: &Seen<'_>) -> Vec<Reason> {
    let mut reasons = vec![of_state(seen)];
    // Of one that has failed its state says how it ended.
    if seen.plugin.state != State::Failed {
        reasons.extend(of_last_end(seen));
    }
    reasons.extend(of_trouble(seen, "unresponsive", "it did not answer for too long"));
    reasons.extend(of_trouble(seen, "uncaught", "an error was caught by nobody"));
    reasons.extend(of_permissions(seen));
    if seen.plugin.pid.is_some() {
        reasons.extend(of_processor(seen));
        reasons.extend(of_pending(seen));
        reasons.extend(of_slow_calls(seen));
        let places = places::of(&seen.references);
        reasons.extend(places::warning(&seen.references, &places).map(|warning| {
            Reason::new(warning).with_help(format!("plughold inspect {} --refs", line(&seen.plugin.id)))
        }));
    }
    reasons
}

fn of_state(seen: &Seen<'_>) -> Reason {
    let plugin = &seen.plugin;
    let id = line(&plugin.id);
    let why =
        plugin.error.as_ref().map_or_else(|| "it is not known why".to_owned(), |error| error.message.clone());
    let stack = plugin.error.as_ref().and_then(|error| error.stack.as_deref());
    let reason = match plugin.state {
        State::Active => {
            let uptime = long(Duration::from_millis(seen.figures.uptime_ms));
            let doing = plugin.activity.as_ref().map_or_else(String::new, activity::words);
            Reason::new(format!("it runs, as it should: up for {uptime}, now {doing}"))
        }
        State::Unresponsive => {
            let doing =
                plugin.activity.as_ref().map_or_else(|| "does not answer".to_owned(), activity::words);
            Reason::new(format!("it runs, but {doing}: while it does, it answers nobody"))
                .with_help(format!("it is interrupted if it goes on; plughold kill {id} ends it at once"))
        }
        State::Starting => Reason::new("it is being started"),
        State::Backoff => Reason::new(format!("it crashed and is started again after a pause: {why}"))
            .with_help(format!("plughold restart {id} does not wait for that")),
        State::Resting => Reason::new("it has no process because nobody uses it: its next use starts it"),
        State::Failed => {
            Reason::new(format!("it does not run, because it could not be started or has ended: {why}"))
                .with_help(format!("mend it, then plughold reload {id}"))
        }
        State::Disabled => Reason::new(format!("it does not run, because it is disabled: {why}"))
            .with_help(format!("mend it, then plughold start {id}")),
        State::Stopped => {
            Reason::new("it does not run, because somebody stopped it, or safe mode does not start it")
                .with_help(format!("plughold start {id}"))
        }
        State::Other => Reason::new("it is in a state that is newer than this program"),
    };
    let at = plugin.activity.as_ref().and_then(activity::stack);
    match seen.stack.as_deref().or(at).or(stack) {
        Some(stack) => reason.with_detail(folded(stack)),
        None => reason,
    }
}

/// How often its processes ended without being asked to, and how the last of them did.
fn of_last_end(seen: &Seen<'_>) -> Option<Reason> {
    let is_crash = |happening: &&Happening| {
        happening.kind == "exited" && happening.fields.get("asked") == Some(&Value::Bool(false))
    };
    let crashes = Vec::from_iter(seen.happened.iter().filter(is_crash));
    let last = crashes.last()?;
    let times = match crashes.len() {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    let how = last.message().unwrap_or("nobody knows how");
    let reason =
        Reason::new(format!("its process has ended {times} without being asked to, the last time so: {how}"));
    let said = seen.happened.iter().rev().filter(|happening| happening.number < last.number);
    let said = said.filter(|happening| happening.kind == "log").find_map(Happening::message);
    Some(match said {
        Some(words) => reason.with_detail(format!("its last words: {words}")),
        None => reason,
    })
}

/// How often something happened that leaves a plugin running, and where it did the last time.
fn of_trouble(seen: &Seen<'_>, kind: &str, words: &str) -> Option<Reason> {
    let all = Vec::from_iter(seen.happened.iter().filter(|happening| happening.kind == kind));
    let last = all.last()?;
    let times = match all.len() {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    let thrown = last.fields.get("thrown");
    let text = |value: Option<&Value>, key: &str| Some(value?.get(key)?.as_str()?.to_owned());
    let message =
        text(thrown, "message").map_or_else(String::new, |message| format!(", the last time: {message}"));
    let own = last.fields.get("stack").and_then(Value::as_str).map(str::to_owned);
    let reason = Reason::new(format!("{words} {times}{message}"));
    Some(match own.or_else(|| text(thrown, "stack")) {
        Some(stack) => reason.with_detail(folded(&stack)),
        None => reason,
    })
}

fn of_permissions(seen: &Seen<'_>) -> Option<Reason> {
    let refused = seen.happened.iter().rev().find(|happening| happening.kind == "refused");
    let missing = seen.permissions.iter().filter(|permission| permission.state != "granted");
    let missing = Vec::from_iter(missing.map(|permission| line(&permission.name))).join(", ");
    let id = line(&seen.plugin.id);
    let help = format!("plughold perms {id}");
    if let Some(name) = refused.and_then(|happening| happening.fields.get("permission")?.as_str()) {
        return Some(
            Reason::new(format!("a call was refused, which needs the permission {name}")).with_help(help),
        );
    }
    (!missing.is_empty())
        .then(|| Reason::new(format!("it asks for what it does not have: {missing}")).with_help(help))
}

fn of_processor(seen: &Seen<'_>) -> Option<Reason> {
    let cpu = &seen.figures.cpu;
    if cpu.is_slowed {
        let used = brief(Duration::from_micros(cpu.last_minute_us));
        return Some(Reason::new(format!(
            "it is slowed: it has used {used} of the processor in a minute, more than its budget"
        )));
    }
    let counted_ms = seen.figures.uptime_ms.clamp(1, 60_000);
    let percent = cpu.last_minute_us / (counted_ms * 10);
    if percent < BUSY_PERCENT {
        return None;
    }
    let reason =
        Reason::new(format!("it keeps the processor busy: {percent} % of one core in the last minute"));
    let most = seen.figures.to_plugin.functions.iter().max_by_key(|function| function.spent_us);
    Some(match most.filter(|function| 0 < function.spent_us) {
        Some(most) => {
            let spent = brief(Duration::from_micros(most.spent_us));
            reason.with_detail(format!(
                "most of it served {} {}: {spent} in {} calls",
                most.kind, most.name, most.calls
            ))
        }
        None => reason.with_detail("no call from outside asked for it: timers or its own loops do it"),
    })
}

fn of_pending(seen: &Seen<'_>) -> Vec<Reason> {
    let sides = [Direction::ToPlugin, Direction::FromPlugin].map(|direction| {
        let late = seen.pending.iter().filter(|call| call.direction == direction && LONG_MS <= call.age_ms);
        let late = Vec::from_iter(late);
        let oldest = late.iter().max_by_key(|call| call.age_ms)?;
        let age = long(Duration::from_millis(oldest.age_ms));
        let (count, kind, name) = (late.len(), &oldest.kind, &oldest.name);
        let what = match direction {
            Direction::ToPlugin => format!("{count} calls wait for it, the oldest for {age}: {kind} {name}"),
            Direction::FromPlugin => {
                format!("it waits for {count} calls, the oldest for {age}: {kind} {name}")
            }
        };
        let help = format!("plughold inspect {}", line(&seen.plugin.id));
        Some(Reason::new(what).with_help(help))
    });
    sides.into_iter().flatten().collect()
}

fn of_slow_calls(seen: &Seen<'_>) -> Vec<Reason> {
    let slow = u64::try_from(SLOW.as_nanos()).unwrap_or(u64::MAX);
    let sides = [(&seen.figures.to_plugin, "a call to it"), (&seen.figures.from_plugin, "a call of it")];
    let slowest = sides.into_iter().filter_map(|(figures, whose)| {
        let slowest = figures.functions.iter().max_by_key(|function| function.latency.p99_ns)?;
        let p99 = slowest.latency.p99_ns;
        let time = brief(Duration::from_nanos(p99));
        (slow <= p99).then(|| {
            Reason::new(format!("{whose} is slow: {} {} takes up to {time}", slowest.kind, slowest.name))
        })
    });
    slowest.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plughold_control::record::{Activity, FunctionFigures, PluginError};
    use serde_json::json;

    fn seen(state: State) -> Seen<'static> {
        let plugin = Plugin { id: "hello".to_owned(), state, pid: Some(7), ..Plugin::default() };
        Seen {
            plugin,
            figures: Figures { uptime_ms: 120_000, ..Figures::default() },
            pending: Vec::new(),
            references: Vec::new(),
            permissions: Vec::new(),
            happened: &[],
            stack: None,
        }
    }

    #[track_caller]
    fn check(seen: &Seen<'_>, expected: &[&str]) {
        let reasons = reasons(seen);
        assert_eq!(reasons.len(), expected.len(), "{reasons:#?}");
        for (reason, words) in reasons.iter().zip(expected) {
            assert!(reason.what.contains(words), "{words}: {reason:#?}");
        }
    }

    #[test]
    fn a_good_one_has_one_reason() {
        let mut good = seen(State::Active);
        good.plugin.activity = Some(Activity::Idle);
        check(&good, &["it runs, as it should: up for 2m 0s, now idle"]);
    }

    #[test]
    fn one_that_does_not_run_says_why() {
        let mut failed = seen(State::Failed);
        failed.plugin.pid = None;
        let (message, stack) = ("Error: no".to_owned(), Some("    at f (a.js:1:1)".to_owned()));
        failed.plugin.error = Some(PluginError { message, stack, thrown: None });
        check(&failed, &["it does not run, because it could not be started or has ended: Error: no"]);
        assert_eq!(reasons(&failed)[0].details, ["at f (a.js:1:1)"]);
        check(&seen(State::Stopped), &["somebody stopped it"]);
        check(&seen(State::Resting), &["nobody uses it"]);
    }

    #[test]
    fn the_last_crash_and_the_last_words_are_told() {
        let happening = |number, kind: &str, fields: Value| Happening {
            number,
            kind: kind.to_owned(),
            fields: fields.as_object().unwrap().clone(),
            ..Happening::default()
        };
        let happened = [
            happening(1, "log", json!({ "message": "allocating" })),
            happening(2, "exited", json!({ "asked": false, "message": "out of memory" })),
            happening(3, "log", json!({ "message": "of the next" })),
            happening(4, "exited", json!({ "asked": true, "message": "it was stopped" })),
            happening(
                5,
                "uncaught",
                json!({ "thrown": { "message": "no", "stack": "    at f (a.js:1:1)" } }),
            ),
            happening(6, "refused", json!({ "permission": "notes.write" })),
        ];
        let crashed = Seen { happened: &happened, ..seen(State::Active) };
        check(
            &crashed,
            &[
                "it runs",
                "ended once without being asked to, the last time so: out of memory",
                "caught by nobody once, the last time: no",
                "needs the permission notes.write",
            ],
        );
        assert_eq!(reasons(&crashed)[1].details, ["its last words: allocating"]);
    }

    #[test]
    fn what_makes_it_slow_is_told() {
        let mut slow = seen(State::Active);
        slow.figures.cpu.last_minute_us = 30_000_000;
        let mut function = FunctionFigures {
            name: "count".to_owned(),
            kind: "export".to_owned(),
            ..FunctionFigures::default()
        };
        (function.calls, function.spent_us, function.latency.p99_ns) = (3, 2_000_000, 150_000_000);
        slow.figures.to_plugin.functions.push(function);
        slow.pending.push(PendingCall { age_ms: 2_000, name: "count".to_owned(), ..PendingCall::default() });
        slow.pending.push(PendingCall { age_ms: 999, ..PendingCall::default() });
        check(
            &slow,
            &[
                "it runs",
                "50 % of one core",
                "1 calls wait for it, the oldest for 2s",
                "a call to it is slow: export count takes up to 150 ms",
            ],
        );
        assert_eq!(reasons(&slow)[1].details, ["most of it served export count: 2.0 s in 3 calls"]);
    }
}
