//! The application and two plugins pass functions and objects around at random, through real processes, and a naive model says what
//! everybody holds. The tables alone take millions of such steps in `crates/wire/tests/model`.
//!
//! A failure names its seed: `PLUGHOLD_SEED=… cargo test -p plughold-tests --test passing` takes the same steps again, as
//! far as the processes keep the same pace.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, CallError, Cx, Function, Object, Plugin, Thrown, Value};
use plughold_tests::{LiveReferences, TestHost, eventually, patiently};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

/// A function or an object, as the model knows it: its number, which it also tells. Those of odd numbers are objects.
type Name = u32;

/// Parties: the application, and two plugins.
const PARTIES: usize = 3;

/// Steps that are on their way at one time.
const TOGETHER: usize = 24;

const ROUNDS: usize = 400;

/// Functions that a party has at most.
const MOST: usize = 40;

/// Text beside the functions of some messages, so that they take the lane of long ones.
const LONG: usize = 80_000;

/// Both plugins: what they have, by name.
const PARTY: &str = "
const has = new Map();
class Named {
    #name;
    constructor(name) { this.#name = name; }
    tell() { return this.#name; }
}
export const make = (name) => { has.set(name, name % 2 === 0 ? () => name : new Named(name)); };
export const forget = (name) => { if (!has.delete(name)) throw new Error(`nobody has ${name} here`); };
export const give = (names, length) => [names.map((name) => [name, has.get(name)]), 'x'.repeat(length)];
export const take = (pairs, text) => {
    for (const [name, value] of pairs) {
        if (has.has(name) && has.get(name) !== value) throw new Error(`${name} is not the same`);
        has.set(name, value);
    }
};
export const call = async (name) => {
    const thing = has.get(name);
    const answer = typeof thing === 'function' ? await thing() : await thing.tell();
    if (answer !== name) throw new Error(`${name} gave ${answer}`);
};
export const forgetAll = () => has.clear();
";

/// Numbers that look random and are the same for the same seed: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % bound
    }

    fn any_of<T: Copy>(&mut self, all: &BTreeSet<T>) -> Option<T> {
        let index = self.below(all.len().max(1));
        all.iter().nth(index).copied()
    }
}

async fn tell(cx: Cx<Name>) -> Result<Name, Thrown> {
    Ok(*cx.state())
}

/// What the application has.
type Shelf = Arc<Mutex<BTreeMap<Name, Value>>>;

type Going = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

struct Passing {
    random: Random,
    plugins: [Plugin; 2],
    shelf: Shelf,
    /// The model: the names that each party has.
    has: [BTreeSet<Name>; PARTIES],
    owners: Vec<usize>,
    /// What was given or taken in this round: nobody drops it in the same round.
    touched: BTreeSet<(usize, Name)>,
}

impl Passing {
    /// Decides on a step and changes the model; what really happens is on its way.
    fn step(&mut self) -> Option<Going> {
        let party = self.random.below(PARTIES);
        match self.random.below(10) {
            0 => Some(self.make(party)),
            1..4 => self.forget(party),
            4..8 => self.pass(party),
            _ => self.call(party),
        }
    }

    fn make(&mut self, party: usize) -> Going {
        let name = self.owners.len() as Name;
        self.owners.push(party);
        self.has[party].insert(name);
        if party == 0 {
            let thing = match name % 2 {
                0 => Value::Function(Function::new(name, tell)),
                _ => Value::Instance(Object::builder("Named", name).method("tell", tell).build()),
            };
            put(&self.shelf, name, thing).unwrap();
            return Box::pin(std::future::ready(Ok(())));
        }
        asked(&self.plugins[party - 1], "make", (name,))
    }

    fn forget(&mut self, party: usize) -> Option<Going> {
        let name = self.random.any_of(&self.has[party])?;
        if self.touched.contains(&(party, name)) {
            return None;
        }
        self.has[party].remove(&name);
        self.touched.insert((party, name));
        if party == 0 {
            drop(lock(&self.shelf).remove(&name));
            return None;
        }
        Some(asked(&self.plugins[party - 1], "forget", (name,)))
    }

    /// From one party to another; between plugins through the application, which keeps nothing.
    fn pass(&mut self, from: usize) -> Option<Going> {
        let to = (from + 1 + self.random.below(PARTIES - 1)) % PARTIES;
        let mut names: Vec<Name> = (0..3).filter_map(|_| self.random.any_of(&self.has[from])).collect();
        names.retain(|name| !self.touched.contains(&(to, *name)) && !self.touched.contains(&(from, *name)));
        if names.is_empty() || MOST < self.has[to].len() {
            return None;
        }
        for name in &names {
            self.has[to].insert(*name);
            self.touched.extend([(from, *name), (to, *name)]);
        }
        let length = if self.random.below(6) == 0 { LONG } else { 0 };
        let shelf = self.shelf.clone();
        let of = |party: usize| (party != 0).then(|| self.plugins[party - 1].clone());
        let (giver, taker) = (of(from), of(to));
        Some(Box::pin(async move {
            let pairs = match giver {
                Some(giver) => given(&giver, names, length).await.map_err(|error| error.to_string())?,
                None => names.into_iter().map(|name| (name, lock(&shelf)[&name].clone())).collect(),
            };
            match taker {
                Some(taker) => asked(&taker, "take", (pairs, "x".repeat(length))).await,
                None => pairs.into_iter().try_for_each(|(name, value)| put(&shelf, name, value)),
            }
        }))
    }

    /// A party calls a function, or a method of an object, that it has, wherever it is from.
    fn call(&mut self, party: usize) -> Option<Going> {
        let name = self.random.any_of(&self.has[party])?;
        if !self.touched.insert((party, name)) {
            return None;
        }
        if party != 0 {
            return Some(asked(&self.plugins[party - 1], "call", (name,)));
        }
        let value = lock(&self.shelf)[&name].clone();
        Some(Box::pin(async move {
            let answer = match value {
                Value::Callback(function) => function.call(Vec::new()).await,
                Value::Remote(object) => object.call("tell", ()).await,
                _ => return Ok(()),
            };
            let answer = answer.map_err(|error| error.to_string())?;
            if answer == Value::Number(name.into()) { Ok(()) } else { Err(format!("{name} gave {answer:?}")) }
        }))
    }

    /// What the application and the plugin hold of each other once nothing is on its way.
    fn expected(&self, plugin: usize) -> LiveReferences {
        let other = PARTIES - plugin;
        let is_of_it = |name: &&Name| self.owners[**name as usize] == plugin;
        let by_host: BTreeSet<&Name> = self.has[0].union(&self.has[other]).filter(is_of_it).collect();
        let by_plugin = self.has[plugin].iter().filter(|name| !is_of_it(name)).count();
        LiveReferences { by_application: by_host.len() as u32, by_plugin: by_plugin as u32 }
    }

    async fn compare(&self, host: &TestHost) {
        host.settle().await;
        for plugin in 1..PARTIES {
            let (expected, plugin) = (self.expected(plugin), &self.plugins[plugin - 1]);
            // A function that came in with two messages has two handles in the application's process.
            let look = || {
                let held = LiveReferences::of(plugin);
                let is_enough = expected.by_application <= held.by_application;
                let is_none = held.by_application == 0;
                (plugin.id(), held.by_plugin, is_enough, is_none)
            };
            let is_none = expected.by_application == 0;
            eventually((plugin.id(), expected.by_plugin, true, is_none), look).await;
        }
        assert!(lock(&self.shelf).keys().eq(&self.has[0]), "the application's own");
    }
}

fn lock(shelf: &Shelf) -> std::sync::MutexGuard<'_, BTreeMap<Name, Value>> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

fn put(shelf: &Shelf, name: Name, value: Value) -> Result<(), String> {
    match lock(shelf).insert(name, value.clone()) {
        Some(known) if known != value => Err(format!("{name} is {value:?} and was {known:?}")),
        _ => Ok(()),
    }
}

async fn given(giver: &Plugin, names: Vec<Name>, length: usize) -> Result<Vec<(Name, Value)>, CallError> {
    let (pairs, _text): (_, String) = giver.call("give", (names, length)).await?;
    Ok(pairs)
}

fn asked(plugin: &Plugin, export: &'static str, args: impl serde::Serialize) -> Going {
    let call = plugin.call::<_, ()>(export, args);
    Box::pin(async move { call.await.map_err(|error| format!("{export}: {error}")) })
}

#[tokio::test]
async fn everybody_holds_what_the_model_says() {
    let seed = std::env::var("PLUGHOLD_SEED").map_or(7, |seed| seed.parse().unwrap());
    let mut host = TestHost::new(Api::new(()));
    let plugins = [host.load("first", PARTY).await, host.load("second", PARTY).await];
    let mut passing = Passing {
        random: Random(seed),
        plugins,
        shelf: Shelf::default(),
        has: Default::default(),
        owners: Vec::new(),
        touched: BTreeSet::new(),
    };
    for round in 0..ROUNDS {
        passing.touched.clear();
        let mut going = tokio::task::JoinSet::new();
        for _ in 0..TOGETHER {
            if let Some(step) = passing.step() {
                going.spawn(step);
            }
        }
        for result in patiently("a round", going.join_all()).await {
            result.unwrap_or_else(|wrong| panic!("PLUGHOLD_SEED={seed}, round {round}: {wrong}"));
        }
        passing.compare(&host).await;
    }
    passing.has = Default::default();
    lock(&passing.shelf).clear();
    for plugin in &passing.plugins {
        patiently("an answer", plugin.call::<_, ()>("forgetAll", ())).await.unwrap();
    }
    passing.compare(&host).await;
    drop(passing);
    host.finish().await;
}
