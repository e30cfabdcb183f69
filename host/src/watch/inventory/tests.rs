use super::*;
use std::collections::BTreeSet;

fn id(text: &str) -> PluginId {
    PluginId::native(text).unwrap()
}

fn show(order: &Order<u32>) -> String {
    match order {
        Order::Bring(id, package) => format!("bring {id} {package}"),
        Order::Unload(id) => format!("unload {id}"),
        Order::LookAgain(path) => format!("look {}", path.display()),
        Order::Tell(News::Found(id, path)) => format!("found {id} {}", path.display()),
        Order::Tell(News::Changed(id, path)) => format!("changed {id} {}", path.display()),
        Order::Tell(News::Removed(id, path)) => format!("removed {id} {}", path.display()),
        Order::Tell(News::Solved(path)) => format!("solved {}", path.display()),
        Order::Tell(News::Problem(problems, running)) => {
            let running = running.as_ref().map(|id| format!(" ({id} runs)")).unwrap_or_default();
            format!("problem {}{running}", problems.items[0].message)
        }
    }
}

/// Runs lines such as `x package a 1 needs b` (the place, the plugin's id, the number of its contents), `x nothing`,
/// `x same`, `x problem`, `done a`, `lacking a` and `active b`; each is followed by what it is to give.
#[track_caller]
fn check(lines: &[(&str, &[&str])]) {
    let mut inventory = Inventory::<u32>::default();
    for (line, expected) in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let found = |name: &str, number: &str, needs: &[&str]| Found {
            id: id(name),
            needs: needs.iter().map(|needed| id(needed)).collect(),
            package: number.parse().unwrap(),
        };
        let problem = Problems { path: words[0].into(), items: vec![Problem::new("f", "wrong")] };
        let orders = match words.as_slice() {
            [path, "package", name, number] => {
                inventory.found(Path::new(path), Finding::Package(found(name, number, &[])))
            }
            [path, "package", name, number, "needs", needs @ ..] => {
                inventory.found(Path::new(path), Finding::Package(found(name, number, needs)))
            }
            [path, "runs", name, number] => {
                inventory.adopt(Path::new(path), found(name, number, &[]));
                Vec::new()
            }
            [path, "nothing"] => inventory.found(Path::new(path), Finding::Nothing),
            [path, "same"] => inventory.found(Path::new(path), Finding::Same),
            [path, "problem"] => inventory.found(Path::new(path), Finding::Problems(problem)),
            ["done", name] => inventory.done(&id(name), Outcome::Done),
            ["lacking", name] => inventory.done(&id(name), Outcome::Lacking),
            ["active", "all"] => inventory.active(None),
            ["active", name] => inventory.active(Some(&id(name))),
            _ => panic!("{line}"),
        };
        let shown: Vec<String> = orders.iter().map(show).collect();
        assert_eq!(shown, *expected, "{line}");
    }
}

#[test]
fn a_plugin_comes_changes_and_goes() {
    check(&[
        ("x package a 1", &["found a x", "bring a 1"]),
        ("done a", &[]),
        ("x package a 2", &["changed a x", "bring a 2"]),
        ("done a", &[]),
        ("x same", &[]),
        ("x nothing", &["removed a x", "unload a"]),
        ("done a", &[]),
        ("x nothing", &[]),
        ("x package a 3", &["found a x", "bring a 3"]),
    ]);
}

#[test]
fn one_after_the_other_and_only_the_last() {
    check(&[
        ("x package a 1", &["found a x", "bring a 1"]),
        ("x package a 2", &["changed a x"]),
        ("x package a 3", &["changed a x"]),
        ("done a", &["bring a 3"]),
        ("x nothing", &["removed a x"]),
        ("done a", &["unload a"]),
        ("x package a 4", &["found a x"]),
        ("done a", &["bring a 4"]),
    ]);
}

#[test]
fn a_problem_leaves_what_runs() {
    check(&[
        ("x problem", &["problem wrong"]),
        ("x package a 1", &["found a x", "bring a 1"]),
        ("done a", &[]),
        ("x problem", &["problem wrong (a runs)"]),
        ("x same", &["solved x"]),
        ("x same", &[]),
        ("x problem", &["problem wrong (a runs)"]),
        ("x package a 2", &["changed a x", "bring a 2"]),
        ("y problem", &["problem wrong"]),
        ("y nothing", &["solved y"]),
        ("x problem", &["problem wrong (a runs)"]),
        ("x nothing", &["removed a x"]),
        ("done a", &["unload a"]),
    ]);
}

#[test]
fn an_id_belongs_to_the_first_until_it_goes() {
    check(&[
        ("x package a 1", &["found a x", "bring a 1"]),
        ("done a", &[]),
        ("y package A 2", &[r#"problem the id "A" is taken already by x"#]),
        ("x nothing", &["removed a x", "unload a", "look y"]),
        ("y package A 2", &["found A y", "bring A 2"]),
    ]);
    // The same id: what comes waits for what goes.
    check(&[
        ("x package a 1", &["found a x", "bring a 1"]),
        ("done a", &[]),
        ("x nothing", &["removed a x", "unload a"]),
        ("y package a 1", &["found a y"]),
        ("done a", &["bring a 1"]),
    ]);
}

#[test]
fn another_id_at_the_same_place_is_another_plugin() {
    check(&[
        ("x package a 1", &["found a x", "bring a 1"]),
        ("done a", &[]),
        ("x package b 2", &["removed a x", "unload a", "found b x", "bring b 2"]),
        ("z package b 3", &[r#"problem the id "b" is taken already by x"#]),
        ("x package c 4", &["removed b x", "look z", "found c x", "bring c 4"]),
    ]);
}

#[test]
fn what_lacks_something_is_tried_again_when_that_comes() {
    check(&[
        ("x package a 1 needs b", &["found a x", "bring a 1"]),
        ("lacking a", &[]),
        ("active c", &[]),
        ("active b", &["bring a 1"]),
        ("active b", &[]),
        ("lacking a", &[]),
        ("active all", &["bring a 1"]),
        ("done a", &[]),
        ("active b", &[]),
    ]);
}

#[test]
fn what_somebody_else_has_loaded_is_not_loaded_again() {
    check(&[
        ("x runs a 1", &[]),
        ("x same", &[]),
        ("y package a 1", &[r#"problem the id "a" is taken already by x"#]),
        ("x package a 2", &["changed a x", "bring a 2"]),
    ]);
}

/// Of everything that can happen in six steps, nothing gives one plugin two orders at once.
#[test]
fn one_order_at_a_time() {
    let steps: Vec<(&str, Option<(&str, u32)>)> = vec![
        ("x", Some(("a", 1))),
        ("x", Some(("b", 2))),
        ("y", Some(("a", 3))),
        ("x", None),
        ("y", None),
        ("done", Some(("a", 0))),
    ];
    for number in 0..steps.len().pow(6) {
        let (mut inventory, mut under_way, mut rest) = (Inventory::<u32>::default(), BTreeSet::new(), number);
        for _ in 0..6 {
            let (path, what) = steps[rest % steps.len()];
            rest /= steps.len();
            let orders = match (path, what) {
                ("done", _) => {
                    under_way.remove(&id("a"));
                    inventory.done(&id("a"), Outcome::Done)
                }
                (path, None) => inventory.found(Path::new(path), Finding::Nothing),
                (path, Some((name, package))) => {
                    let found = Found { id: id(name), needs: Vec::new(), package };
                    inventory.found(Path::new(path), Finding::Package(found))
                }
            };
            for order in orders {
                if let Order::Bring(id, _) | Order::Unload(id) = order {
                    assert!(under_way.insert(id.clone()), "{number}: two orders for {id}");
                }
            }
        }
    }
}
