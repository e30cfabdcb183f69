//! Plugins under load, for tests that do something to their processes meanwhile.
//!
//! Victims are called in every way at once: short and long values, functions of both sides, streams, timers, logs.
//! Neighbours are called all the time as well, and nothing may happen to them. Each call has a token, which is answered
//! exactly once.

use crate::random::Random;
use crate::{TestHost, Watched, patiently};
use plughold::{
    Api, Backoff, Bytes, CallError, Callback, Cx, Event, Events, Exit, HostBuilder, Limits, Plugin, Restart,
    Stream, Thrown,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Plugins to which something is done.
const VICTIMS: usize = 4;

/// Plugins beside them.
const NEIGHBOURS: usize = 2;

/// Calls that are in flight to each victim.
const CALLERS: usize = 6;

/// A call that takes longer is counted as one that was never answered.
const NEVER: Duration = Duration::from_secs(30);

const VICTIM: &str = "
export const echo = (token) => token;
export const visit = (token) => app.visit(token, (number) => number + 1);
export const log = (token) => { console.log(`token ${token}`); return token; };
export const long = (token, bytes) => bytes;
export const later = (token) => new Promise((resolve) => setTimeout(resolve, 1, token));
export const busy = (token) => { const end = Date.now() + 2; while (Date.now() < end); return token; };
export async function* stream(token) { for (let i = 0; i < 5; i++) yield token; }
// Ways to end.
export const eat = () => { const all = []; for (;;) all.push(new Array(1_000).fill(all.length)); };
export const recurse = (token) => { const deeper = () => 1 + deeper(); try { deeper(); } catch { return token; } };
";

const NEIGHBOUR: &str = "
export const next = async (number) => { await app.heard(number); return number; };
";

/// What has become of all calls, and of what plugins said.
#[derive(Debug, Default)]
pub struct Tally {
    /// Calls that were made.
    pub issued: AtomicU64,
    /// Calls that were answered with what they asked for.
    pub answered: AtomicU64,
    /// Calls that failed because their process was gone, or not there yet.
    pub gone: AtomicU64,
    /// Calls whose answer nobody got.
    pub never: AtomicU64,
    /// What no call may come to, in words.
    wrong: Mutex<Vec<String>>,
    /// The last number of each neighbour.
    heard: Mutex<BTreeMap<String, u64>>,
}

/// One call. Dropped without an outcome, it was never answered.
struct Token {
    tally: Arc<Tally>,
    number: u64,
    has_outcome: bool,
}

impl Token {
    fn new(tally: &Arc<Tally>) -> Token {
        let number = tally.issued.fetch_add(1, Ordering::Relaxed);
        Token { tally: tally.clone(), number, has_outcome: false }
    }

    /// The one outcome of the call: an answer, and whether it is the right one, or an error.
    fn settle(mut self, outcome: Result<bool, CallError>) -> Option<CallError> {
        self.has_outcome = true;
        match outcome {
            Ok(true) => {
                self.tally.answered.fetch_add(1, Ordering::Relaxed);
                None
            }
            Ok(false) => {
                self.tally.wrong(format!("call {} got another answer than it asked for", self.number));
                None
            }
            Err(error @ (CallError::Gone { .. } | CallError::NotActive { .. })) => {
                self.tally.gone.fetch_add(1, Ordering::Relaxed);
                Some(error)
            }
            Err(error) => {
                self.tally.wrong(format!("call {} failed: {error}", self.number));
                Some(error)
            }
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if !self.has_outcome {
            self.tally.never.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Tally {
    fn wrong(&self, words: String) {
        self.wrong.lock().unwrap().push(words);
    }

    /// Each call that was made has had one outcome.
    fn check(&self) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let wrong = self.wrong.lock().unwrap();
        assert!(wrong.is_empty(), "{} calls went wrong, the first: {}", wrong.len(), wrong[0]);
        let outcomes = count(&self.answered) + count(&self.gone);
        assert_eq!((count(&self.issued), count(&self.never)), (outcomes, 0), "issued, never answered");
    }
}

async fn visit(cx: Cx<Arc<Tally>>, token: u64, more: Callback<(u64,), u64>) -> Result<u64, CallError> {
    Ok(cx.call(&more, (token,)).await? - 1)
}

/// A neighbour says its numbers in their order, each once.
async fn heard(cx: Cx<Arc<Tally>>, number: u64) -> Result<(), Thrown> {
    let plugin = cx.plugin().to_string();
    let before = cx.state().heard.lock().unwrap().insert(plugin.clone(), number).unwrap_or_default();
    if number != before + 1 {
        cx.state().wrong(format!("{plugin} said {number} after {before}"));
    }
    Ok(())
}

/// A host with victims and neighbours under load.
pub struct Load {
    /// The host itself.
    pub host: TestHost,
    /// The plugins to which something is done.
    pub victims: Vec<Plugin>,
    /// What has become of the calls so far.
    pub tally: Arc<Tally>,
    is_over: Arc<AtomicBool>,
    /// The numbers of neighbours that were answered: the clock of these tests.
    ticks: watch::Receiver<u64>,
    tasks: Vec<JoinHandle<()>>,
    story: JoinHandle<Story>,
}

/// How processes ended: for each victim, its generations in their order.
pub type Story = BTreeMap<String, Vec<Exit>>;

impl Load {
    /// Starts plugins and calls. `adjust` changes the host; victims are started again as often and as soon as possible.
    pub async fn start(random: &mut Random, limits: Limits) -> Load {
        let tally = Arc::new(Tally::default());
        let api = Api::new(tally.clone()).function("visit", visit).function("heard", heard);
        let at_once = Duration::from_millis(1);
        let backoff = Backoff { first: at_once, max: at_once, give_up_after: u32::MAX, ..Backoff::default() };
        let adjust = |builder: HostBuilder<_>| builder.limits(limits).restart(Restart::OnFailure(backoff));
        let mut host = TestHost::built(api, adjust);
        let (ticker, ticks) = watch::channel(0);
        let (starter, starts) = watch::channel(0);
        let story = tokio::spawn(follow(host.host.events(), starter));
        let is_over = Arc::new(AtomicBool::new(false));
        let (mut victims, mut tasks) = (Vec::new(), Vec::new());
        for number in 0..NEIGHBOURS {
            let neighbour = host.load(&format!("neighbour-{number}"), NEIGHBOUR).await;
            tasks.push(tokio::spawn(count(neighbour, tally.clone(), ticker.clone(), is_over.clone())));
        }
        for number in 0..VICTIMS {
            let victim = host.load(&format!("victim-{number}"), VICTIM).await;
            for _ in 0..CALLERS {
                let caller = Caller {
                    victim: victim.clone(),
                    tally: tally.clone(),
                    random: random.fork(),
                    starts: starts.clone(),
                    is_over: is_over.clone(),
                };
                tasks.push(tokio::spawn(caller.run()));
            }
            victims.push(victim);
        }
        Load { host, victims, tally, is_over, ticks, tasks, story }
    }

    /// Waits until the neighbours have been answered so many times more.
    pub async fn wait(&mut self, ticks: u64) {
        let until = *self.ticks.borrow_and_update() + ticks;
        patiently("the work of the neighbours", self.ticks.wait_for(|now| until <= *now)).await.unwrap();
    }

    /// A random victim at a random moment, with its process, if it has one that runs.
    pub async fn victim(&mut self, random: &mut Random) -> Option<(Plugin, Watched)> {
        self.wait(random.below(24)).await;
        let victim = self.victims[random.below(VICTIMS as u64) as usize].clone();
        let process = Watched::child(victim.info().pid?).filter(|process| !process.is_gone())?;
        Some((victim, process))
    }

    /// Ends the calls, stops the plugins, checks that nothing is left and that each call has had one outcome. Gives how
    /// the victims' processes have ended.
    pub async fn end(self) -> Story {
        let Load { host, victims, tally, is_over, ticks, tasks, story } = self;
        is_over.store(true, Ordering::Relaxed);
        // Before the callers end: those of a victim that just ended wait for its next start.
        for task in tasks {
            patiently("the end of a caller", task).await.unwrap();
        }
        for plugin in
            host.host.plugins().iter().filter(|plugin| plugin.id().as_str().starts_with("neighbour"))
        {
            assert_eq!(plugin.info().restarts, 0, "{} was harmed", plugin.id());
        }
        drop((victims, ticks));
        let report = host.end().await;
        assert!(report.killed.is_empty(), "these had to be killed: {:?}", report.killed);
        tally.check();
        patiently("the end of the events", story).await.unwrap()
    }
}

/// A neighbour counts, and nothing keeps it from counting.
async fn count(neighbour: Plugin, tally: Arc<Tally>, ticker: watch::Sender<u64>, is_over: Arc<AtomicBool>) {
    for number in 1.. {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let token = Token::new(&tally);
        let answer = neighbour.call::<_, u64>("next", (number,)).within(NEVER).await;
        if let Some(error) = token.settle(answer.map(|answer| answer == number)) {
            tally.wrong(format!("a neighbour was harmed: {error}"));
        }
        ticker.send_modify(|ticks| *ticks += 1);
    }
}

/// Follows the events until the host is gone, and counts the starts.
async fn follow(mut events: Events, starts: watch::Sender<u64>) -> Story {
    let mut story = Story::new();
    while let Some(event) = events.next().await {
        match event {
            Event::Started { .. } => starts.send_modify(|count| *count += 1),
            Event::Exited { plugin, generation, exit } => {
                let exits = story.entry(plugin.to_string()).or_default();
                exits.push(exit);
                assert_eq!(generation as usize, exits.len(), "each process of {plugin} ends once");
            }
            Event::Missed { count } => panic!("{count} events were missed"),
            _ => {}
        }
    }
    story.retain(|plugin, _| plugin.starts_with("victim"));
    story
}

/// Somebody who calls a victim without end.
struct Caller {
    victim: Plugin,
    tally: Arc<Tally>,
    random: Random,
    starts: watch::Receiver<u64>,
    is_over: Arc<AtomicBool>,
}

impl Caller {
    async fn run(mut self) {
        while !self.is_over.load(Ordering::Relaxed) {
            self.starts.mark_unchanged();
            let token = Token::new(&self.tally);
            let outcome = self.call(token.number).await;
            if let Some(CallError::NotActive { .. }) = token.settle(outcome) {
                // Until any plugin is started: victims come back all the time.
                patiently("the next start", self.starts.changed()).await.unwrap();
            }
        }
    }

    /// Whether the answer is what was asked for.
    async fn call(&mut self, token: u64) -> Result<bool, CallError> {
        let export = ["echo", "visit", "log", "later", "busy", "long", "stream", "recurse"]
            [self.random.below(8) as usize];
        let same = |answer: u64| answer == token;
        match export {
            "long" => {
                // Cut in pieces, which go between other messages.
                let bytes = vec![token as u8; 100_000];
                let call = self.victim.call::<_, Bytes>(export, (token, Bytes(bytes))).within(NEVER);
                Ok(call.await?.0.iter().all(|byte| *byte == token as u8))
            }
            "stream" => {
                let call = self.victim.call::<_, Stream<u64>>(export, (token,)).within(NEVER);
                let mut stream = call.await?;
                let mut chunks = 0;
                while let Some(chunk) = stream.next().await {
                    chunks += usize::from(chunk? == token);
                }
                Ok(chunks == 5)
            }
            export => self.victim.call::<_, u64>(export, (token,)).within(NEVER).await.map(same),
        }
    }
}
