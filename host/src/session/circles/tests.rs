use super::*;
use proptest::prelude::*;

fn plugin(session: u64) -> PluginId {
    PluginId::native(["", "a", "b", "c", "d"][session as usize]).unwrap()
}

fn block(circles: &mut Circles, session: u64, id: u64, function: &str) {
    circles.block(session, &plugin(session), id, Called::name(function));
}

fn opening(blocking: &[(u64, u64)], target: u64, function: &str) -> Opening {
    Opening { blocking: blocking.to_vec(), target, plugin: plugin(target), called: Called::name(function) }
}

#[test]
fn two_plugins_that_wait_for_each_other() {
    let mut circles = Circles::default();
    block(&mut circles, 1, 11, "app.x");
    let first = circles.open(opening(&[(1, 11)], 2, "y")).unwrap();
    assert!(first.is_some(), "b is not blocked yet");
    block(&mut circles, 2, 21, "app.z");
    let circle = circles.open(opening(&[(2, 21)], 1, "w")).unwrap_err();
    let words = "a circle of waiting calls: plugin b waits in app.z for a.w, plugin a waits in app.x for b.y";
    assert_eq!(circle.to_string(), words);
    assert_eq!(circle.steps().len(), 2);
    circles.close(first.unwrap());
    assert!(circles.open(opening(&[(2, 21)], 1, "w")).is_ok(), "nobody waits for b any more");
}

#[test]
fn a_call_on_behalf_of_the_one_that_is_waited_for_is_served() {
    let mut circles = Circles::default();
    block(&mut circles, 1, 11, "app.x");
    circles.open(opening(&[(1, 11)], 2, "y")).unwrap();
    block(&mut circles, 2, 21, "app.z");
    assert!(circles.open(opening(&[(2, 21), (1, 11)], 1, "w")).is_ok(), "a calls b calls a");
    block(&mut circles, 1, 12, "app.x");
    assert!(circles.open(opening(&[(1, 12), (2, 21), (1, 11)], 2, "y")).is_ok(), "and b once more");
}

#[test]
fn a_circle_of_three() {
    let mut circles = Circles::default();
    for session in 1..=3 {
        block(&mut circles, session, 1, "app.x");
    }
    circles.open(opening(&[(1, 1)], 2, "f")).unwrap();
    circles.open(opening(&[(2, 1)], 3, "f")).unwrap();
    let circle = circles.open(opening(&[(3, 1)], 1, "f")).unwrap_err();
    let words = "a circle of waiting calls: plugin c waits in app.x for a.f, plugin a waits in app.x for b.f, plugin b \
                 waits in app.x for c.f";
    assert_eq!(circle.to_string(), words);
}

#[test]
fn whoever_goes_on_holds_nobody_up() {
    let mut circles = Circles::default();
    block(&mut circles, 1, 1, "app.x");
    block(&mut circles, 2, 1, "app.x");
    circles.open(opening(&[(1, 1)], 2, "f")).unwrap();
    circles.unblock(1, 1);
    assert!(circles.open(opening(&[(2, 1)], 1, "f")).is_ok());
    assert!(circles.open(opening(&[(1, 1)], 2, "f")).unwrap().is_none(), "nobody is kept waiting by it");
}

#[test]
fn nothing_is_left_over() {
    let mut circles = Circles::default();
    block(&mut circles, 1, 1, "app.x");
    block(&mut circles, 1, 2, "app.x");
    let number = circles.open(opening(&[(1, 2), (1, 1)], 2, "f")).unwrap().unwrap();
    circles.unblock(1, 2);
    circles.close(number);
    circles.unblock(1, 1);
    circles.close(number);
    assert!(circles.is_empty());
}

/// A plugin with calls of its own in many chains: each has to be looked at, because none is held up.
#[test]
fn a_search_has_an_end() {
    let check = |others: usize| {
        let mut circles = Circles::default();
        for session in 1..=3 {
            block(&mut circles, session, 1, "app.x");
        }
        for _ in 0..others {
            // On behalf of a call that c waits for, so that c serves it.
            circles.open(opening(&[(3, 1), (2, 1)], 3, "f")).unwrap();
        }
        circles.open(opening(&[(2, 1)], 1, "f")).unwrap();
        circles.open(opening(&[(1, 1)], 2, "f")).is_err()
    };
    assert!(check(0), "a circle is found");
    assert!(check(LOOKS / 2 - 1), "also among many calls");
    assert!(!check(LOOKS / 2), "but nobody waits for the search");
}

const SESSIONS: u64 = 4;

/// Plugins and an application as they are, with every open call and the whole chain behind each.
#[derive(Clone, Debug, Default)]
struct World {
    calls: Vec<Open>,
    last: u64,
}

#[derive(Clone, Debug)]
struct Open {
    id: u64,
    session: u64,
    is_from_plugin: bool,
    blocks: bool,
    /// The ids of the calls that it was made while serving, from the nearest.
    chain: Vec<u64>,
}

/// Something that happens. The numbers choose among what is possible.
#[derive(Clone, Debug)]
enum Step {
    /// A plugin calls the application.
    FromPlugin { session: u64, serving: usize, blocks: bool },
    /// The application calls a plugin, on behalf of a call that it serves.
    ToPlugin { session: u64, serving: usize },
    /// A call is answered, if all that was called on its behalf is.
    Answer { which: usize },
}

impl World {
    fn is_blocked(&self, session: u64) -> bool {
        self.calls.iter().any(|call| call.blocks && call.session == session)
    }

    /// Whether the plugin that this call was made to can work on it now.
    fn is_served(&self, call: &Open) -> bool {
        let own = |other: &&Open| other.blocks && other.session == call.session;
        !self.is_blocked(call.session)
            || self.calls.iter().filter(own).any(|blocked| call.chain.contains(&blocked.id))
    }

    /// Whether the call could be answered now: its plugin works on it, and everything called on its behalf is answered.
    fn can_be_answered(&self, call: &Open) -> bool {
        (call.is_from_plugin || self.is_served(call))
            && !self.calls.iter().any(|other| other.chain.contains(&call.id))
    }

    /// Lets everything happen that can, and tells whether something is left that never will.
    fn is_stuck(&self) -> bool {
        let mut world = self.clone();
        while let Some(place) = world.calls.iter().position(|call| world.can_be_answered(call)) {
            world.calls.remove(place);
        }
        !world.calls.is_empty()
    }

    fn add(&mut self, session: u64, is_from_plugin: bool, blocks: bool, parent: Option<&Open>) -> Open {
        self.last += 1;
        let behind = |parent: &Open| [&[parent.id], &parent.chain[..]].concat();
        let chain = parent.map(behind).unwrap_or_default();
        let call = Open { id: self.last, session, is_from_plugin, blocks, chain };
        self.calls.push(call.clone());
        call
    }

    /// One of the calls that `fits`, or none.
    fn pick(&self, number: usize, fits: impl Fn(&Open) -> bool) -> Option<Open> {
        let fitting = Vec::from_iter(self.calls.iter().filter(|call| fits(call)));
        let index = number % (fitting.len() + 1);
        fitting.get(index).map(|call| (*call).clone())
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let session = 1..=SESSIONS;
    let step = prop_oneof![
        (session.clone(), 0..64usize, prop::bool::weighted(0.7))
            .prop_map(|(session, serving, blocks)| Step::FromPlugin { session, serving, blocks }),
        (session, 0..64usize).prop_map(|(session, serving)| Step::ToPlugin { session, serving }),
        (0..64usize).prop_map(|which| Step::Answer { which }),
    ];
    prop::collection::vec(step, 1..60)
}

/// Does the same in the model and in the table, and returns how many circles there were.
fn play(steps: &[Step]) -> usize {
    let (mut world, mut circles, mut found) = (World::default(), Circles::default(), 0);
    let mut numbers: HashMap<u64, Option<u64>> = HashMap::new();
    for step in steps {
        match step {
            Step::FromPlugin { session, serving, blocks } => {
                let serves =
                    |call: &Open| !call.is_from_plugin && call.session == *session && world.is_served(call);
                let parent = world.pick(*serving, serves);
                if parent.is_none() && world.is_blocked(*session) {
                    continue;
                }
                let call = world.add(*session, true, *blocks, parent.as_ref());
                if *blocks {
                    block(&mut circles, *session, call.id, "app.x");
                }
                assert!(!world.is_stuck(), "to block closes no circle");
            }
            Step::ToPlugin { session, serving } => {
                let parent = world.pick(*serving, |call| call.is_from_plugin);
                let call = world.add(*session, false, false, parent.as_ref());
                let behind = world.calls.iter().filter(|other| call.chain.contains(&other.id));
                let blocking = behind.filter(|other| other.blocks).map(|other| (other.session, other.id));
                match circles.open(opening(&Vec::from_iter(blocking), *session, "f")) {
                    Ok(number) => drop(numbers.insert(call.id, number)),
                    Err(circle) => {
                        assert!(world.is_stuck(), "{circle}, says the table");
                        assert!(2 <= circle.steps().len());
                        found += 1;
                        world.calls.pop();
                    }
                }
                assert!(!world.is_stuck(), "a circle was not found");
            }
            Step::Answer { which } => {
                let Some(call) = world.pick(*which, |call| world.can_be_answered(call)) else { continue };
                world.calls.retain(|other| other.id != call.id);
                if call.blocks {
                    circles.unblock(call.session, call.id);
                }
                if let Some(number) = numbers.remove(&call.id).flatten() {
                    circles.close(number);
                }
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_table_agrees_with_letting_everything_happen(steps in steps()) {
        play(&steps);
    }
}

#[test]
fn the_model_sees_circles() {
    let steps = [
        Step::FromPlugin { session: 1, serving: 0, blocks: true },
        Step::FromPlugin { session: 2, serving: 0, blocks: true },
        Step::ToPlugin { session: 2, serving: 0 },
        Step::ToPlugin { session: 1, serving: 1 },
    ];
    assert_eq!(play(&steps), 1);
}
