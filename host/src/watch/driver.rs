//! The task behind a watch: takes what was heard to the machines, and does what they want.

use super::deeds::{bring, event_of, found, runs_from};
use super::error::WatchError;
use super::inbox::Inbox;
use super::inventory::{Finding, Inventory, Order, Outcome};
use super::looks::{Looks, Round, Seen};
use super::options::{POLLING, Watch};
use super::settle::{Action, Input, Settle, Sight, Step};
use super::sieve::Root;
use crate::PluginId;
use crate::events::{Event, Events};
use crate::service::{Host, Plugin, WeakHost};
use plughold_package::discover::is_passed_over;
use plughold_package::{Package, Problem, Problems};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// How often it is seen whether a root is back of whose return the system cannot tell.
const RETURN: Duration = Duration::from_millis(500);

/// Everything that one watch knows.
pub(super) struct Driver {
    /// The watch does not keep its host.
    host: WeakHost,
    events: Events,
    watch: Arc<Watch>,
    roots: Arc<[Root]>,
    inbox: Arc<Inbox>,
    looks: Looks,
    settle: Settle,
    inventory: Inventory<Arc<Package>>,
    /// The entries of each root when it was listed last.
    listed: BTreeMap<usize, BTreeSet<PathBuf>>,
    /// What was seen at places that are looked at again before it counts.
    doubtful: BTreeMap<PathBuf, Seen>,
    /// Roots that were told not to be there.
    missing: BTreeSet<usize>,
    outcomes: mpsc::UnboundedReceiver<(PluginId, Outcome)>,
    sender: mpsc::UnboundedSender<(PluginId, Outcome)>,
    /// When everything is looked at next, if the system does not tell of changes.
    next_poll: Option<Instant>,
    shared: Arc<Shared>,
}

/// What the handle of a watch knows.
#[derive(Debug)]
pub(super) struct Shared {
    /// Becomes true when what was found first was loaded or has failed.
    pub(super) loaded: watch::Sender<bool>,
    /// Why folders are looked at every so often.
    pub(super) deaf: OnceLock<WatchError>,
}

impl Driver {
    pub(super) fn new(
        host: &Host,
        watch: Watch,
        roots: Arc<[Root]>,
        inbox: Arc<Inbox>,
        looks: Looks,
        shared: Arc<Shared>,
    ) -> Driver {
        let (sender, outcomes) = mpsc::unbounded_channel();
        Driver {
            host: host.downgrade(),
            events: host.events(),
            next_poll: watch.polling.map(|interval| Instant::now() + interval),
            watch: Arc::new(watch),
            roots,
            inbox,
            looks,
            settle: Settle::default(),
            inventory: Inventory::default(),
            listed: BTreeMap::new(),
            doubtful: BTreeMap::new(),
            missing: BTreeSet::new(),
            outcomes,
            sender,
            shared,
        }
    }

    /// Runs until the host is gone.
    pub(super) async fn run(mut self, deaf: Option<WatchError>) {
        if let Some(error) = deaf {
            self.go_deaf(error);
        }
        if self.begin().await.is_none() {
            return;
        }
        loop {
            let deadline = self.deadline();
            let time = async {
                match deadline {
                    Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                    None => std::future::pending().await,
                }
            };
            let inbox = self.inbox.clone();
            let goes_on = tokio::select! {
                biased;
                Some((id, outcome)) = self.outcomes.recv() => self.done(&id, outcome),
                event = self.events.next() => match event {
                    Some(event) => self.happened(&event),
                    None => None,
                },
                () = inbox.rung() => {
                    self.hear();
                    Some(())
                }
                () = time => self.time().await,
            };
            if goes_on.is_none() {
                return;
            }
        }
    }

    /// Takes everything that is there for what it is, and loads it.
    async fn begin(&mut self) -> Option<()> {
        let all: Vec<usize> = (0..self.roots.len()).collect();
        let round = self.round(all, Vec::new()).await?;
        let (mut places, now) = (Vec::new(), Instant::now());
        for (number, listed) in round.listed {
            places.extend(listed.iter().flatten().cloned());
            self.listed(number, listed, None, now);
        }
        // All of them are looked at now, and not when they have been quiet.
        self.settle = Settle::default();
        let round = self.round(Vec::new(), places).await?;
        let host = self.host.upgrade()?;
        let mut orders = Vec::new();
        for (path, seen) in round.seen {
            match seen {
                Seen::Package(package) if runs_from(&host, &package) => {
                    self.inventory.adopt(&path, found(package));
                }
                seen => orders.extend(self.accept(&path, seen)),
            }
        }
        self.carry_out(orders)?;
        if !self.inventory.is_busy() {
            self.shared.loaded.send_replace(true);
        }
        Some(())
    }

    fn deadline(&self) -> Option<Instant> {
        let back = (!self.missing.is_empty()).then(|| Instant::now() + RETURN);
        [self.settle.deadline(), self.next_poll, back].into_iter().flatten().min()
    }

    /// Takes over what was heard. Nothing is looked at yet.
    fn hear(&mut self) {
        let (heard, now) = (self.inbox.take(), Instant::now());
        if heard.everything {
            self.everything_changed(now);
        }
        for ((number, name), step) in heard.changed {
            let Some(root) = self.roots.get(number) else { continue };
            let place = match name.is_empty() || self.is_one(number) {
                true => root.given.clone(),
                false if is_passed_over(&name.to_string_lossy()) => continue,
                false => root.given.join(name),
            };
            self.settle.on(Input::Changed(place, step), now);
        }
    }

    fn everything_changed(&mut self, now: Instant) {
        for root in self.roots.iter() {
            self.settle.on(Input::Changed(root.given.clone(), Step::Done), now);
        }
    }

    async fn time(&mut self) -> Option<()> {
        let now = Instant::now();
        if self.next_poll.is_some_and(|at| at <= now) {
            self.everything_changed(now);
            self.next_poll = Some(now + self.watch.polling.unwrap_or(POLLING));
        }
        let looks = self.settle.on(Input::Time, now);
        let paths: BTreeSet<PathBuf> = looks
            .into_iter()
            .filter_map(|action| match action {
                Action::Look(path) => Some(path),
                Action::Accept(_) => None,
            })
            .collect();
        if paths.is_empty() && self.missing.is_empty() {
            return Some(());
        }
        let concerned = |(number, root): &(usize, &Root)| {
            self.missing.contains(number) || paths.iter().any(|path| path.starts_with(&root.given))
        };
        let roots: Vec<usize> =
            self.roots.iter().enumerate().filter(concerned).map(|(number, _)| number).collect();
        // A folder of plugins is listed, and only its entries are looked at.
        let is_folder = |path: &&PathBuf| {
            self.roots.iter().enumerate().any(|(number, root)| root.given == **path && !self.is_one(number))
        };
        let (folders, places): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(is_folder);
        let places = places.into_iter().cloned().collect();
        let folders: BTreeSet<PathBuf> = folders.into_iter().cloned().collect();
        let round = self.round(roots, places).await?;
        // What changed meanwhile was heard of by now, and makes what was seen doubtful.
        self.hear();
        let now = Instant::now();
        for folder in &folders {
            self.settle.on(Input::Looked(folder.clone(), Sight::Package), now);
        }
        for (number, listed) in round.listed {
            let is_changed = self.roots.get(number).is_some_and(|root| folders.contains(&root.given));
            self.listed(number, listed, is_changed.then_some(&paths), now);
        }
        let mut sure = Vec::new();
        for (path, seen) in round.seen {
            sure.extend(self.saw(path, seen, now));
        }
        // Who goes makes room for who comes.
        sure.sort_by_key(|(_, seen)| !matches!(seen, Seen::Nothing));
        let mut orders = Vec::new();
        for (path, seen) in sure {
            orders.extend(self.accept(&path, seen));
        }
        self.carry_out(orders)
    }

    /// Entries that came or went without notice have changed; so have all, but those that are looked at just now, when
    /// something is known of the root itself.
    fn listed(
        &mut self,
        number: usize,
        listed: io::Result<Vec<PathBuf>>,
        all_but: Option<&BTreeSet<PathBuf>>,
        now: Instant,
    ) {
        let Some(root) = self.roots.get(number).cloned() else { return };
        let entries: BTreeSet<PathBuf> = match listed {
            Ok(entries) => entries.into_iter().collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
            // What is there is not known, and so nothing is gone.
            Err(error) => {
                self.miss(number, &format!("cannot read the folder of plugins: {error}"));
                return;
            }
        };
        let is_there = root.given.exists();
        let is_back = is_there && self.missing.remove(&number);
        let was_one = self.is_one(number);
        let before = self.listed.insert(number, entries.clone()).unwrap_or_default();
        let changed: Vec<&PathBuf> = match all_but.is_some() || is_back {
            true => before.union(&entries).collect(),
            false => before.symmetric_difference(&entries).collect(),
        };
        for path in changed {
            if !all_but.is_some_and(|looked_at| looked_at.contains(path) && *path != root.given) {
                self.settle.on(Input::Changed(path.clone(), Step::Done), now);
            }
        }
        if is_back {
            self.tell(Event::Solved { path: root.given });
        } else if !is_there && !was_one {
            self.miss(number, "the folder of plugins is gone");
        }
    }

    /// Whether a root is one plugin, and not a folder of them.
    fn is_one(&self, number: usize) -> bool {
        let root = self.roots.get(number);
        let listed = self.listed.get(&number);
        root.zip(listed).is_some_and(|(root, listed)| listed.contains(&root.given))
    }

    /// A root cannot be listed. It is tried again, and told once.
    fn miss(&mut self, number: usize, words: &str) {
        let Some(root) = self.roots.get(number).filter(|_| self.missing.insert(number)) else { return };
        let name = root.given.file_name().unwrap_or(root.given.as_os_str()).to_string_lossy();
        let problem = Problem::new(name, words).with_help("it is looked for until it is back");
        let problems = Problems { path: root.given.clone(), items: vec![problem] };
        self.tell(Event::Problem { problems: Arc::new(problems), plugin: None });
    }

    fn tell(&self, event: Event) {
        if let Some(host) = self.host.upgrade() {
            host.tell(event);
        }
    }

    /// What counts now of what was seen.
    fn saw(&mut self, path: PathBuf, seen: Seen, now: Instant) -> Option<(PathBuf, Seen)> {
        let seen = match (seen, self.doubtful.remove(&path)) {
            // It is what it was, and that has not counted yet.
            (Seen::Untouched, Some(before)) | (Seen::Same, Some(before @ Seen::Package(_))) => before,
            (seen, _) => seen,
        };
        let sight = match &seen {
            Seen::Package(_) | Seen::Same | Seen::Untouched => Sight::Package,
            Seen::Problems(_) => Sight::Problems,
            Seen::Nothing => Sight::Nothing,
        };
        let is_sure = !self.settle.on(Input::Looked(path.clone(), sight), now).is_empty();
        if is_sure {
            return Some((path, seen));
        }
        self.doubtful.insert(path, seen);
        None
    }

    fn accept(&mut self, path: &Path, seen: Seen) -> Vec<Order<Arc<Package>>> {
        let finding = match seen {
            Seen::Untouched => return Vec::new(),
            Seen::Nothing => Finding::Nothing,
            Seen::Same => Finding::Same,
            Seen::Problems(problems) => Finding::Problems(problems),
            Seen::Package(package) => {
                let holder = self.inventory.holder(&package.id, path);
                if holder.is_some_and(|holder| self.settle.is_unsettled(holder)) {
                    // It may have moved here: what becomes of the other place is known in a moment.
                    return vec![Order::LookAgain(path.to_owned())];
                }
                Finding::Package(found(package))
            }
        };
        self.inventory.found(path, finding)
    }

    fn done(&mut self, id: &PluginId, outcome: Outcome) -> Option<()> {
        let mut orders = self.inventory.done(id, outcome);
        let host = self.host.upgrade()?;
        let has_all = |plugin: &Plugin| {
            plugin.package().dependencies.iter().all(|needed| host.registry().meets(needed).is_ok())
        };
        // What it lacked may have come before it was known to lack it.
        if outcome == Outcome::Lacking && host.plugin(id.as_str()).is_some_and(|plugin| has_all(&plugin)) {
            orders.extend(self.inventory.try_again(id));
        }
        self.carry_out(orders)
    }

    fn happened(&mut self, event: &Event) -> Option<()> {
        let orders = match event {
            Event::Started { plugin, .. } | Event::Reloaded { plugin, .. } => {
                self.inventory.active(Some(plugin))
            }
            Event::Missed { .. } => self.inventory.active(None),
            _ => return Some(()),
        };
        self.carry_out(orders)
    }

    /// None when the host is gone.
    fn carry_out(&mut self, orders: Vec<Order<Arc<Package>>>) -> Option<()> {
        let host = self.host.upgrade()?;
        let mut brought = Vec::new();
        for order in orders {
            match order {
                Order::Bring(_, package) => brought.push(package),
                Order::Unload(id) => {
                    let (host, sender) = (host.clone(), self.sender.clone());
                    let runtime = host.runtime().clone();
                    runtime.spawn(async move {
                        host.unload(id.as_str()).await;
                        // A watch that has ended has nothing left to do.
                        let _ = sender.send((id, Outcome::Done));
                    });
                }
                Order::LookAgain(path) => {
                    self.looks.forget(&path);
                    self.settle.on(Input::Changed(path, Step::Done), Instant::now());
                }
                Order::Tell(news) => host.tell(event_of(news)),
            }
        }
        if !brought.is_empty() {
            let runtime = host.runtime().clone();
            runtime.spawn(bring(host, brought, self.sender.clone()));
        }
        if !self.inventory.is_busy() {
            self.shared.loaded.send_replace(true);
        }
        Some(())
    }

    /// Lists roots and looks at places, on another thread. None when the runtime shuts down.
    async fn round(&mut self, roots: Vec<usize>, paths: Vec<PathBuf>) -> Option<Round> {
        let mut looks = std::mem::take(&mut self.looks);
        let watch = self.watch.clone();
        let roots: Vec<(usize, Root)> =
            roots.into_iter().filter_map(|number| Some((number, self.roots.get(number)?.clone()))).collect();
        let looking = tokio::task::spawn_blocking(move || {
            let round = looks.round(&watch, &roots, &paths);
            (looks, round)
        });
        let (looks, mut round) = looking.await.ok()?;
        self.looks = looks;
        if let Some(error) = round.deaf.take() {
            self.go_deaf(error);
        }
        Some(round)
    }

    /// The system tells of no changes from now on.
    fn go_deaf(&mut self, error: WatchError) {
        let every = self.watch.polling.unwrap_or(POLLING);
        self.next_poll = Some(Instant::now() + every);
        self.tell(Event::Polling { every, reason: error.clone() });
        // Of two reasons the first counts.
        let _ = self.shared.deaf.set(error);
    }
}

impl Drop for Driver {
    /// Nothing is loaded any more: nobody is to wait for it.
    fn drop(&mut self) {
        self.shared.loaded.send_replace(true);
    }
}
