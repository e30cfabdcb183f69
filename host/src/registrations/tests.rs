use super::table::IfOwn;
use super::*;
use crate::session::standing::Lineage;
use std::sync::mpsc;

/// A plugin without processes: what stands for it is set by hand.
struct Line {
    id: PluginId,
    lineage: Arc<Lineage>,
}

impl Line {
    fn new(id: &str) -> Line {
        Line { id: PluginId::native(id).unwrap(), lineage: Arc::default() }
    }

    fn process(&self, generation: u32) -> Arc<Seat> {
        Arc::new(Seat::new(self.lineage.clone(), self.id.clone(), generation))
    }

    /// A process that stands for the plugin.
    fn current(&self, generation: u32) -> Arc<Seat> {
        self.lineage.take_over(generation);
        self.process(generation)
    }
}

fn end(seat: &Seat) {
    seat.end();
    seat.retire();
}

type Things = Registrations<u32>;

fn put(things: &Things, seat: &Arc<Seat>, key: &str, value: u32) -> Result<Registration, String> {
    things.put(seat, key.to_owned(), value, IfOwn::Replace).map_err(|error| error.to_string())
}

fn seen(things: &Things) -> String {
    let shown = things
        .iter()
        .map(|entry| format!("{}={}@{}{}", entry.key(), *entry, entry.plugin(), entry.generation()));
    let shown = Vec::from_iter(shown).join(" ");
    // Both ways to look see the same.
    for entry in things.iter() {
        assert_eq!(things.get(entry.key()).map(|found| *found), Some(*entry), "{shown}");
    }
    shown
}

#[test]
fn things_are_kept_in_the_order_of_insertion() {
    let (things, a, b) = (Things::new(), Line::new("a"), Line::new("b"));
    let (a, b) = (a.current(1), b.current(1));
    put(&things, &b, "z", 1).unwrap();
    put(&things, &a, "m", 2).unwrap();
    put(&things, &b, "a", 3).unwrap();
    assert_eq!(seen(&things), "z=1@b1 m=2@a1 a=3@b1");
    put(&things, &b, "z", 4).unwrap();
    assert_eq!(seen(&things), "z=4@b1 m=2@a1 a=3@b1", "what replaces another keeps its place");
    let of_b = Vec::from_iter(things.of(b.plugin()).iter().map(|entry| **entry));
    assert_eq!(of_b, [4, 3]);
    assert_eq!(things.get("nothing").map(|entry| *entry), None);
}

#[test]
fn a_key_that_a_plugin_has_is_no_others() {
    let (things, a, b) = (Things::new(), Line::new("a"), Line::new("b"));
    let (current, candidate, other) = (a.current(1), a.process(2), b.current(1));
    let taken = |by: &str| Err(format!("the plugin {by} has registered this already"));
    put(&things, &current, "x", 1).unwrap();
    assert_eq!(put(&things, &other, "x", 2).map(drop), taken("a"));
    put(&things, &candidate, "new", 3).unwrap();
    assert_eq!(put(&things, &other, "new", 4).map(drop), taken("a"), "also while it is not seen");
    let again = |seat: &Arc<Seat>| things.put(seat, "x".to_owned(), 5, IfOwn::Refuse).map(drop);
    assert_eq!(again(&current), Err(RegisterError::Taken { by: a.id.clone() }));
    assert_eq!(again(&candidate), Ok(()), "the next process has the same names");
    assert_eq!(seen(&things), "x=1@a1");
    end(&candidate);
    end(&current);
    put(&things, &other, "x", 6).unwrap();
    assert_eq!(seen(&things), "x=6@b1");
}

#[test]
fn a_candidate_is_seen_when_it_takes_over() {
    let (things, a) = (Things::new(), Line::new("a"));
    let (old, new) = (a.current(1), a.process(2));
    put(&things, &old, "kept", 1).unwrap();
    put(&things, &old, "dropped", 2).unwrap();
    put(&things, &new, "kept", 3).unwrap();
    put(&things, &new, "added", 4).unwrap();
    assert_eq!(seen(&things), "kept=1@a1 dropped=2@a1");
    let own = |seat: &Seat, key: &str| things.own_of(seat, key).map(|entry| *entry);
    assert_eq!((own(&new, "kept"), own(&old, "kept"), own(&new, "dropped")), (Some(3), Some(1), None));
    put(&things, &old, "late", 5).unwrap();
    a.lineage.take_over(2);
    assert_eq!(seen(&things), "kept=3@a2 added=4@a2", "in one moment, before anybody was told");
    assert_eq!(put(&things, &old, "later", 6).map(drop).unwrap_err(), RegisterError::Gone.to_string());
    old.retire();
    assert_eq!(things.shared.lock().counts(), (2, 1));
}

#[test]
fn a_reload_that_fails_leaves_everything_as_it_was() {
    let (things, a) = (Things::new(), Line::new("a"));
    let (old, new) = (a.current(1), a.process(2));
    put(&things, &old, "x", 1).unwrap();
    put(&things, &new, "x", 2).unwrap();
    put(&things, &new, "y", 3).unwrap();
    end(&new);
    assert_eq!(seen(&things), "x=1@a1");
    assert_eq!(things.shared.lock().counts(), (1, 1));
}

#[test]
fn the_things_of_a_process_go_with_it() {
    let (things, a, b) = (Things::new(), Line::new("a"), Line::new("b"));
    let (first, other) = (a.current(1), b.current(1));
    put(&things, &first, "x", 1).unwrap();
    let kept = things.get("x").unwrap();
    put(&things, &other, "y", 2).unwrap();
    first.end();
    assert_eq!((seen(&things), kept.is_live()), ("y=2@b1".to_owned(), false));
    first.retire();
    assert_eq!((things.shared.lock().counts(), *kept), ((1, 1), 1), "whoever has it keeps it");
    assert!(put(&things, &first, "x", 3).is_err());
    assert_eq!(things.shared.lock().counts(), (1, 1));
    let second = a.current(2);
    put(&things, &second, "x", 4).unwrap();
    assert_eq!(seen(&things), "y=2@b1 x=4@a2");
}

#[test]
fn a_registration_removes_what_it_stands_for_and_nothing_else() {
    let (things, a) = (Things::new(), Line::new("a"));
    let process = a.current(1);
    let first = put(&things, &process, "x", 1).unwrap();
    let second = put(&things, &process, "x", 2).unwrap();
    assert!(!first.is_registered() && !first.remove(), "it was replaced");
    assert!(second.is_registered());
    drop(first);
    assert_eq!(seen(&things), "x=2@a1", "dropping a handle removes nothing");
    assert!(process.is_kept());
    assert!(second.remove() && !second.remove() && !second.is_registered());
    assert!(!process.is_kept(), "it has nothing any more");
    assert_eq!(seen(&things), "");
    let third = put(&things, &process, "x", 3).unwrap();
    third.disposable().dispose();
    assert_eq!(seen(&things), "");
    let fourth = put(&things, &process, "x", 4).unwrap();
    end(&process);
    assert!(!fourth.is_registered() && !fourth.remove());
}

#[test]
fn a_process_has_only_so_many() {
    let (things, a) = (Things::at_most(2), Line::new("a"));
    let (old, new) = (a.current(1), a.process(2));
    put(&things, &old, "x", 1).unwrap();
    let second = put(&things, &old, "y", 2).unwrap();
    assert_eq!(
        put(&things, &old, "z", 3).map(drop).unwrap_err(),
        RegisterError::TooMany { most: 2 }.to_string()
    );
    put(&things, &old, "x", 4).unwrap();
    put(&things, &new, "x", 5).unwrap();
    put(&things, &new, "y", 6).unwrap();
    second.remove();
    put(&things, &old, "z", 7).unwrap();
    assert_eq!(seen(&things), "x=4@a1 z=7@a1");
}

/// A value that looks into the table when it is dropped.
struct Curious(Registrations<Curious>, mpsc::Sender<usize>);

impl Drop for Curious {
    fn drop(&mut self) {
        // Would wait for ever if the lock were held.
        let _nobody_listens = self.1.send(self.0.iter().len());
    }
}

#[test]
fn values_are_dropped_where_no_lock_is_held() {
    let (things, a) = (Registrations::<Curious>::at_most(2), Line::new("a"));
    let (dropped, drops) = mpsc::channel();
    let curious = || Curious(things.clone(), dropped.clone());
    let seat = a.current(1);
    let add = |key: &str, if_own| things.put(&seat, key.to_owned(), curious(), if_own);
    let first = add("x", IfOwn::Replace).unwrap();
    add("y", IfOwn::Replace).unwrap();
    add("y", IfOwn::Refuse).unwrap_err();
    add("z", IfOwn::Replace).unwrap_err();
    add("y", IfOwn::Replace).unwrap();
    first.remove();
    end(&seat);
    add("y", IfOwn::Replace).unwrap_err();
    assert_eq!(Vec::from_iter(drops.try_iter()), [2, 2, 2, 1, 0, 0]);
}

#[test]
fn readers_see_the_old_process_or_the_new_one_and_nothing_between() {
    let (things, a) = (Things::new(), Line::new("a"));
    let mut old = a.current(1);
    put(&things, &old, "x", 1).unwrap();
    put(&things, &old, "y", 1).unwrap();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while things.get("stop").is_none() {
                assert!(things.get("x").is_some());
                let seen = Vec::from_iter(things.of(&a.id).iter().map(|entry| entry.generation()));
                assert!(2 <= seen.len() && seen.iter().all(|generation| *generation == seen[0]), "{seen:?}");
            }
        });
        for generation in 2..200 {
            let new = a.process(generation);
            put(&things, &new, "x", 1).unwrap();
            put(&things, &new, "y", 1).unwrap();
            a.lineage.take_over(generation);
            old.retire();
            old = new;
        }
        put(&things, &old, "stop", 1).unwrap();
        reader.join().unwrap();
    });
}
