//! A plugin's life as transcripts: what happens on the left, what is to be done on the right.

mod crashes;
mod reloads;
mod starts;
mod uses;

use super::{Action, Answer, Edition, Input, Life, Policy, Restart};
use crate::error::LoadError;
use crate::events::Event;
use crate::session::{Ending, HandOver};
use crate::{Activity, Exit, KillReason, Limits, PluginId, Thrown};
use expect_test::Expect;
use plughold_protocol::record::Stage;
use std::time::{Duration, Instant};

/// A plugin rests after this time.
const IDLE: Duration = Duration::from_secs(40);

/// Plays a script, whose steps stand between `;`, and compares what was to be done about each.
///
/// `up 3` is everything that a process does until it is active; `gone 3` everything that the end of a killed or finished one
/// consists of. `wait 100` lets so many milliseconds pass, and tells of the time only when that was asked for.
#[track_caller]
fn check(script: &str, expected: Expect) {
    check_with(Restart::default(), script, expected);
}

/// The same with a plugin whose first process is active. Of how it became so nothing is told again.
#[track_caller]
fn check_active(script: &str, expected: Expect) {
    let mut play = Play::new(Restart::default());
    assert!(play.all_of("start 1; up 1").ends_with("Started 1, answer 1 ok [active]\n"));
    expected.assert_eq(&play.all_of(script));
}

/// The same with one that is being reloaded, whose second process has asked the first for its state.
#[track_caller]
fn check_reloading(script: &str, expected: Expect) {
    let mut play = Play::new(Restart::default());
    assert!(play.all_of("start 1; up 1; reload 2; spawned 2; locked 2").ends_with("-> suspend 1 [active]\n"));
    expected.assert_eq(&play.all_of(script));
}

#[track_caller]
fn check_with(restart: Restart, script: &str, expected: Expect) {
    expected.assert_eq(&Play::new(restart).all_of(script));
}

struct Play {
    life: Life,
    now: Instant,
}

impl Play {
    fn new(restart: Restart) -> Play {
        let policy = Policy::new(&Limits::default(), restart);
        let life = Life::new(PluginId::native("p").unwrap(), policy, 7, 1);
        Play { life, now: Instant::now() }
    }

    /// Plays a script and tells of each step.
    fn all_of(&mut self, script: &str) -> String {
        let mut told = String::new();
        for step in script.split(';').map(str::trim).filter(|step| !step.is_empty()) {
            let actions = self.step(step);
            told += format!("{step} -> {}", actions.join(", ")).trim_end();
            told += &format!(" [{}]\n", self.life.state().word());
        }
        told
    }

    fn step(&mut self, step: &str) -> Vec<String> {
        let words = Vec::from_iter(step.split_whitespace());
        let number = |place: usize| words.get(place).and_then(|word| word.parse::<u32>().ok()).unwrap_or(0);
        let generation = number(1);
        let wish = u64::from(generation);
        let input = match words[0] {
            "wait" => return self.wait(Duration::from_millis(u64::from(generation))),
            "up" => return self.all(&["spawned", "locked", "ready", "settled"], generation),
            "gone" => return self.all(&["exited", "closed"], generation),
            "start" => Input::Start(wish),
            "use" => Input::Use(wish),
            "stop" => Input::Stop(wish),
            "kill" => Input::Kill(wish),
            "reload" => Input::Reload(wish),
            "restart" => Input::Restart(wish),
            "rest" => Input::Rest,
            "spawned" => Input::Spawned { generation, idle: Some(IDLE) },
            "no-process" => Input::NotSpawned { generation, error: spawn_error() },
            "no-package" => {
                Input::NotSpawned { generation, error: LoadError::Package("it is not there".to_owned()) }
            }
            "given-up" => Input::NotSpawned { generation, error: LoadError::Stopped },
            "locked" => Input::Locked { generation },
            "ready" => Input::Ready { generation },
            "settled" => Input::Settled { generation },
            "throws" => Input::LoadFailed { generation, error: thrown_error() },
            "state" => Input::Suspended { generation, state: Ok(Some(HandOver::of_test())) },
            "stateless" => Input::Suspended { generation, state: Ok(None) },
            "state-throws" => Input::Suspended { generation, state: Err(Thrown::new("Error", "no")) },
            "hangs" => {
                let stuck = Duration::from_secs(1);
                let activity = Activity::Hung { lasting: stuck, serving: None, stack: None };
                Input::Unresponsive { generation, stuck, activity }
            }
            "recovers" => Input::Recovered { generation },
            "quiet" => Input::Quiet { generation, activity: u64::from(number(2)) },
            "in-use" => Input::InUse { generation },
            "sealed" => Input::Sealed { generation },
            "drained" => Input::Drained { generation },
            "closed" => Input::Closed { generation, ending: Ending::Closed },
            "breaks" => Input::Closed { generation, ending: Ending::Violation("nonsense".to_owned()) },
            "never-ends" => Input::Closed { generation, ending: Ending::Unresponsive },
            "exited" => Input::Exited { generation, exit: Exit::Code { code: 0, words: String::new() } },
            "dies" => Input::Exited { generation, exit: Exit::Signal(9) },
            "violates" => Input::Exited { generation, exit: Exit::Violation { words: String::new() } },
            other => panic!("no such step: {other}"),
        };
        self.on(input)
    }

    fn all(&mut self, steps: &[&str], generation: u32) -> Vec<String> {
        steps.iter().flat_map(|step| self.step(&format!("{step} {generation}"))).collect()
    }

    fn wait(&mut self, time: Duration) -> Vec<String> {
        let end = self.now + time;
        let mut told = Vec::new();
        while let Some(deadline) = self.life.deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            told.extend(self.on(Input::Time));
        }
        self.now = end;
        told
    }

    fn on(&mut self, input: Input) -> Vec<String> {
        let actions = self.life.on(input, self.now);
        let due = self.life.deadline();
        assert!(due.is_none_or(|due| self.now < due), "it is due already, after {actions:?}");
        actions.iter().map(show).collect()
    }
}

fn show(action: &Action) -> String {
    match action {
        Action::Begin { generation, edition, is_candidate } => {
            let edition = if *edition == Edition::Present { "present" } else { "newest" };
            assert_eq!(*is_candidate, edition == "newest");
            format!("begin {generation} {edition}")
        }
        Action::Load { generation, state } => {
            format!("load {generation}{}", if state.is_some() { " with state" } else { "" })
        }
        Action::Suspend { generation } => format!("suspend {generation}"),
        Action::TakeOver { generation } => format!("take over {generation}"),
        Action::Drain { generation } => format!("drain {generation}"),
        Action::Look { generation } => format!("look {generation}"),
        Action::Seal { generation } => format!("seal {generation}"),
        Action::Stop { generation, wants_state: true, .. } => format!("stop {generation} with state"),
        Action::Stop { generation, .. } => format!("stop {generation}"),
        Action::Kill { generation, reason } => format!("kill {generation} ({reason})"),
        Action::Retire { generation, exit } => format!("retire {generation} ({exit})"),
        Action::Publish { state, error: Some(error) } => format!("publish {} ({error})", state.word()),
        Action::Publish { state, error: None } => format!("publish {}", state.word()),
        Action::Tell(event) => show_event(event),
        Action::Finish { exit } => format!("finish ({exit})"),
        Action::Answer { wish, answer: Answer::Started(Ok(())) } => format!("answer {wish} ok"),
        Action::Answer { wish, answer: Answer::Started(Err(error)) } => format!("answer {wish} ({error})"),
        Action::Answer { wish, answer: Answer::Refused } => format!("refuse {wish}"),
        Action::Answer { wish, answer: Answer::Ended(exit) } => format!("answer {wish} ({exit})"),
    }
}

fn show_event(event: &Event) -> String {
    match event {
        Event::Started { generation, .. } => format!("Started {generation}"),
        Event::Failed { .. } => "Failed".to_owned(),
        Event::Exited { generation, .. } => format!("Exited {generation}"),
        Event::Stopped { .. } => "Stopped".to_owned(),
        Event::Restarting { attempt, after, .. } => {
            let doubled = 100 << (attempt - 1);
            let after = after.as_millis();
            assert!(doubled * 3 / 4 <= after && after <= doubled, "{after} ms at attempt {attempt}");
            format!("Restarting {attempt}")
        }
        Event::Disabled { crashes, .. } => format!("Disabled after {crashes}"),
        Event::Reloaded { generation, .. } => format!("Reloaded {generation}"),
        Event::RolledBack { generation, .. } => format!("RolledBack {generation}"),
        Event::Resting { .. } => "Resting".to_owned(),
        Event::StateLost { generation, thrown, .. } => format!("StateLost {generation} ({})", thrown.message),
        Event::Unresponsive { .. } => "Unresponsive".to_owned(),
        Event::Responsive { .. } => "Responsive".to_owned(),
        other => panic!("no event of a life: {other:?}"),
    }
}

fn spawn_error() -> LoadError {
    LoadError::Spawn { program: "runner".into(), reason: "no memory".to_owned() }
}

fn thrown_error() -> LoadError {
    LoadError::Failed { stage: Stage::Evaluate, thrown: Box::new(Thrown::new("Error", "no")) }
}

#[test]
fn reasons_are_shown() {
    let kill = Action::Kill { generation: 3, reason: KillReason::Start };
    assert_eq!(show(&kill), "kill 3 (it did not start in time)");
}
