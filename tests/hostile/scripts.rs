//! The 126 scripts of `scripts/`: whatever ends none of them by itself, the host does.
//!
//! The first line of each says how it ends. While it runs, a neighbour in the same host goes on; its call is answered once
//! and in time; and a plugin that was only interrupted, or only threw, works afterwards.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Activity, Api, CallError, Cx, Exit, Host, Json, KillReason, Limits, Package, Plugin, Thrown};
use plughold_tests::{PATIENCE, TestHost, patiently, quick_limits};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many scripts there are of each kind.
const GROUPS: [(&str, usize); 26] = [
    ("arguments", 6),
    ("arrays", 7),
    ("atomics", 2),
    ("bigint", 5),
    ("code", 7),
    ("engine", 3),
    ("escapes", 6),
    ("holes", 9),
    ("late", 3),
    ("leaks", 5),
    ("loops", 8),
    ("natives", 5),
    ("oom", 4),
    ("panics", 1),
    ("parse", 4),
    ("patches", 3),
    ("pollution", 5),
    ("promises", 7),
    ("recursion", 7),
    ("regex", 6),
    ("regex-compile", 3),
    ("search", 2),
    ("stringify", 2),
    ("strings", 6),
    ("throwing", 5),
    ("traces", 5),
];

/// All of them.
const SCRIPTS: usize = 126;

/// Scripts that run at one time: one more than the processors of the smallest machine.
const AT_ONCE: usize = 3;

/// What each script ends with, beside its `run`: whether it still works.
const WORKS: &str = "\nexport const works = () => 'as before';\n";

/// What the neighbour does all the time.
const NEIGHBOUR: &str = "export const add = (one, other) => app.echo(one + other);";

/// How often it is asked.
const EVERY: Duration = Duration::from_millis(5);

/// A call ends within a second after its deadline. Others may use the machine, so five times that is no failure.
const LATE: Duration = Duration::from_secs(5);

/// Bytes of an error's words that are compared.
const WORDS: usize = 100;

/// How a call ends whose turn was stopped.
const INTERRUPTED: &str = "interrupted";

/// How a plugin ends that has used up its memory.
const MEMORY: &str = "out of memory";

/// The marker of the line that says how a script ends.
const ENDS: &str = "// ends: ";

/// One script.
struct Script {
    path: PathBuf,
    group: String,
    name: String,
    /// How it ends.
    ends: String,
    source: String,
}

/// What came of one.
struct Played {
    script: Script,
    ends: String,
    /// From the call to its answer.
    took: Duration,
}

/// Which limits end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// None: it ends by itself, or for want of memory.
    Itself,
    /// The interrupt.
    Interrupted,
    /// The kill.
    Killed,
    /// The call's own.
    Deadline,
}

impl Kind {
    fn of(ends: &str) -> Kind {
        match ends.split([' ', ',', ';']).next() {
            Some(INTERRUPTED) => Kind::Interrupted,
            Some("killed") => Kind::Killed,
            Some("deadline") => Kind::Deadline,
            _ => Kind::Itself,
        }
    }

    fn limits(self) -> Limits {
        let mut limits = quick_limits();
        (limits.call, limits.stop) = (PATIENCE, PATIENCE);
        match self {
            Kind::Itself | Kind::Deadline => limits.turn = PATIENCE,
            // The kill is not to be faster than the interrupt, where the machine is busy.
            Kind::Interrupted => limits.kill = PATIENCE,
            Kind::Killed => {}
        }
        if self != Kind::Killed {
            // So that it is soon used up.
            limits.memory = 16 << 20;
        }
        limits
    }

    /// How long a call may take before it is late.
    fn deadline(self) -> Duration {
        let limits = self.limits();
        match self {
            Kind::Itself => limits.turn,
            Kind::Interrupted => limits.turn,
            Kind::Killed => limits.turn + limits.kill,
            Kind::Deadline => limits.turn.min(Duration::from_millis(200)),
        }
    }
}

#[test]
fn all_of_them_are_there() {
    let mut counts = BTreeMap::<String, usize>::new();
    for script in scripts() {
        *counts.entry(script.group).or_default() += 1;
    }
    let expected = GROUPS.map(|(group, count)| (group.to_owned(), count));
    assert_eq!(Vec::from_iter(counts.clone()), expected);
    assert_eq!(counts.values().sum::<usize>(), SCRIPTS);
}

/// With `UPDATE_EXPECT` it writes down how they end.
#[tokio::test(flavor = "multi_thread")]
async fn each_ends_as_it_says_and_a_neighbour_goes_on() {
    let mut by_kind = BTreeMap::<Kind, Vec<Script>>::new();
    for script in scripts() {
        by_kind.entry(Kind::of(&script.ends)).or_default().push(script);
    }
    let mut wrong = String::new();
    for (kind, scripts) in by_kind {
        for Played { script, ends, took } in play(kind, scripts).await {
            let Script { path, group, name, ends: expected, source } = script;
            if ends != expected && std::env::var_os("UPDATE_EXPECT").is_some() {
                let source = source.replacen(&format!("{ENDS}{expected}"), &format!("{ENDS}{ends}"), 1);
                std::fs::write(&path, source).unwrap();
            } else if ends != expected {
                writeln!(wrong, "{group}/{name}: {ends}\n    and not: {expected}").unwrap();
            }
            if kind.deadline() + LATE < took {
                writeln!(wrong, "{group}/{name}: took {took:?}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What the scripts can call.
fn api() -> Api<()> {
    Api::new(())
        .function("echo", async |_: Cx<()>, value: Json| Ok::<_, Thrown>(value))
        .function("describe", async |_: Cx<()>, value: Json| Ok::<_, Thrown>(value.0.to_string()))
        .function("notes.size", async |_: Cx<()>, value: Json| Ok::<_, Thrown>(value.0.to_string().len()))
}

fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile/scripts");
    let mut scripts = Vec::new();
    for group in files(&folder) {
        for path in files(&group) {
            let source = std::fs::read_to_string(&path).unwrap();
            let first = source.lines().next().unwrap_or_default();
            let ends = first.strip_prefix(ENDS).unwrap_or_else(|| panic!("{path:?}: how does it end?"));
            let [group, name] = [&group, &path].map(|path| path.file_stem().unwrap().display().to_string());
            let ends = ends.to_owned();
            scripts.push(Script { path, group, name, ends, source });
        }
    }
    scripts
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths = Vec::from_iter(entries.map(|entry| entry.unwrap().path()));
    paths.sort_unstable();
    paths
}

/// Plays scripts of one kind in one host, several at a time.
async fn play(kind: Kind, scripts: Vec<Script>) -> Vec<Played> {
    let mut host = TestHost::built(api(), |builder| builder.limits(kind.limits()));
    let neighbour = Neighbour::begin(host.load("neighbour", NEIGHBOUR).await);
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut playing = JoinSet::new();
    for script in scripts {
        let id = format!("{}-{}", script.group, script.name);
        let package = host.script(&id, &format!("{}{WORKS}", script.source));
        let (host, places) = (host.host.clone(), places.clone());
        playing.spawn(async move {
            let _place = places.acquire_owned().await.unwrap();
            let (ends, took) = play_one(&host, package, kind).await;
            Played { script, ends, took }
        });
    }
    let played = playing.join_all().await;
    neighbour.end(played.len()).await;
    let _some_were_killed = host.end().await;
    played
}

/// Calls `run` of one script, and says how that ends.
async fn play_one(host: &Host, package: Package, kind: Kind) -> (String, Duration) {
    let begun = Instant::now();
    let plugin = match patiently("the loading", host.load(package)).await {
        Ok(plugin) => plugin,
        Err(error) => return (format!("not loaded: {}", first_line(&error.to_string())), begun.elapsed()),
    };
    let begun = Instant::now();
    let call = plugin.call::<_, Json>("run", ());
    let call = if kind == Kind::Deadline { call.within(kind.deadline()) } else { call };
    let answer = call.await.map(|Json(value)| value.to_string());
    let took = begun.elapsed();
    let is_alive = !matches!(answer, Err(CallError::Gone { .. }));
    let mut ends = words(&answer);
    if kind == Kind::Interrupted && ends != INTERRUPTED && kind.limits().turn <= took {
        // It had already begun to end otherwise, and was interrupted in that.
        ends = format!("{INTERRUPTED}, {ends}");
    }
    if is_alive {
        let works = plugin.call::<_, String>("works", ()).await;
        if works.as_deref() != Ok("as before") {
            write!(ends, "; then {}", words(&works)).unwrap();
        }
    }
    let exit = patiently("the end", plugin.stop()).await;
    if is_alive && exit != Exit::Stopped && !ends.contains("; then") {
        write!(ends, "; then {}", exit_words(&exit)).unwrap();
    }
    assert_eq!(plugin.info().calls_in_flight, 0, "each call was answered");
    (ends, took)
}

fn words(answer: &Result<String, CallError>) -> String {
    match answer {
        Ok(value) => format!("settles {}", first_line(value)),
        Err(CallError::Deadline { .. }) => "deadline".to_owned(),
        Err(CallError::Thrown(thrown)) if thrown.name == "Interrupted" => INTERRUPTED.to_owned(),
        Err(CallError::Thrown(thrown)) => format!("thrown {}", first_line(&thrown.to_string())),
        Err(CallError::Gone { exit, .. }) => exit_words(exit),
        Err(error) => error.to_string(),
    }
}

fn exit_words(exit: &Exit) -> String {
    match exit {
        Exit::Killed(KillReason::Unresponsive { activity: Some(Activity::Stuck { .. }) }) => {
            "killed".to_owned()
        }
        Exit::Code { words, .. } if words.starts_with(MEMORY) => MEMORY.to_owned(),
        Exit::Code { words, .. } => first_line(words),
        exit => exit.to_string(),
    }
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut = line.get(..line.floor_char_boundary(WORDS)).unwrap_or_default();
    if cut.len() < text.len() { format!("{cut}…") } else { cut.to_owned() }
}

/// A plugin that is called all the time, and answers.
struct Neighbour {
    is_over: Arc<AtomicBool>,
    calling: tokio::task::JoinHandle<usize>,
}

impl Neighbour {
    fn begin(plugin: Plugin) -> Neighbour {
        let is_over = Arc::<AtomicBool>::default();
        let until = is_over.clone();
        let calling = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(EVERY);
            let mut answers = 0;
            while !until.load(Ordering::Relaxed) {
                ticks.tick().await;
                let begun = Instant::now();
                let sum = patiently("the neighbour", plugin.call::<_, u32>("add", (answers, 1))).await;
                assert_eq!(sum.ok(), Some(answers + 1));
                assert!(begun.elapsed() < LATE, "the neighbour took {:?}", begun.elapsed());
                answers += 1;
            }
            answers as usize
        });
        Neighbour { is_over, calling }
    }

    /// It has gone on, whatever the scripts did meanwhile.
    async fn end(self, scripts: usize) {
        self.is_over.store(true, Ordering::Relaxed);
        let answers = self.calling.await.unwrap();
        assert!(scripts <= answers, "{answers} answers beside {scripts} scripts");
    }
}
