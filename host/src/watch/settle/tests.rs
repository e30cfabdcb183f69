use super::*;
use proptest::prelude::*;

/// Runs lines such as `0 change a`, `40 look` or `45 saw a package` (milliseconds, then what happens) through a machine,
/// and compares all that it wants, each with its time.
#[track_caller]
fn check(lines: &str, expected: &str) {
    let (start, mut settle) = (Instant::now(), Settle::default());
    let mut told = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        let at = words[0].parse().unwrap();
        let input = match words[1..] {
            ["change", place] => Input::Changed(place.into(), Step::Done),
            ["write", place] => Input::Changed(place.into(), Step::Writing),
            ["time"] => Input::Time,
            ["saw", place, "package"] => Input::Looked(place.into(), Sight::Package),
            ["saw", place, "problems"] => Input::Looked(place.into(), Sight::Problems),
            ["saw", place, "nothing"] => Input::Looked(place.into(), Sight::Nothing),
            _ => panic!("{line}"),
        };
        for action in settle.on(input, start + Duration::from_millis(at)) {
            told.push(match action {
                Action::Look(place) => format!("{at} look {}", place.display()),
                Action::Accept(place) => format!("{at} accept {}", place.display()),
            });
        }
    }
    let next = settle.deadline().map(|next| format!("then {}", (next - start).as_millis()));
    told.extend(next);
    assert_eq!(told.join(", "), expected, "{lines}");
}

#[test]
fn a_place_is_looked_at_once_when_it_is_quiet() {
    check("0 change a", "then 40");
    check("0 change a\n 30 change a\n 60 change a", "then 100");
    check("0 change a\n 39 time", "then 40");
    check("0 change a\n 40 time\n 42 saw a package", "40 look a, 42 accept a");
    check("0 change a\n 10 change b\n 50 time", "50 look a, 50 look b");
}

#[test]
fn a_file_that_is_not_closed_is_waited_for() {
    check("0 write a\n 40 time", "then 2000");
    check("0 write a\n 900 write a\n 1000 change a", "then 1040");
}

#[test]
fn what_goes_on_changing_is_looked_at_all_the_same() {
    let changes: String = (0..100).map(|count| format!("{} change a\n", count * 30)).collect();
    check(&changes, "then 2000");
    check(
        "0 write a\n 2000 time\n 2001 write a\n 2002 saw a package",
        "2000 look a, 2002 accept a, then 4002",
    );
}

#[test]
fn what_changed_while_it_was_looked_at_is_looked_at_again() {
    check("0 change a\n 40 time\n 41 change a\n 42 saw a package", "40 look a, then 81");
    check("0 change a\n 2000 time\n 2001 change a\n 2002 saw a problems", "2000 look a, then 2041");
}

#[test]
fn a_problem_counts_when_nothing_follows() {
    check("0 change a\n 40 time\n 41 saw a problems", "40 look a, then 500");
    check(
        "0 change a\n 40 time\n 41 saw a problems\n 500 time\n 501 saw a problems",
        "40 look a, 500 look a, 501 accept a",
    );
    // The rest of the copy arrives.
    check(
        "0 change a\n 40 time\n 41 saw a problems\n 300 change a\n 340 time\n 341 saw a package",
        "40 look a, 340 look a, 341 accept a",
    );
}

#[test]
fn what_is_gone_may_come_back_at_once() {
    check(
        "0 change a\n 40 time\n 41 saw a nothing\n 100 change a\n 140 time\n 141 saw a package",
        "40 look a, 140 look a, 141 accept a",
    );
    check(
        "0 change a\n 40 time\n 41 saw a nothing\n 150 time\n 151 saw a nothing",
        "40 look a, 150 look a, 151 accept a",
    );
}

#[test]
fn what_nobody_asked_for_is_absorbed() {
    check("0 saw a package\n 1 time", "");
    check("0 change a\n 1 saw a package", "then 40");
}

proptest! {
    /// Whatever happens in whichever order: a place is never accepted without a look, and when all is quiet every look is
    /// asked for in time and nothing stays open.
    #[test]
    fn everything_settles(steps in proptest::collection::vec((0..4_u8, 0..3_u8, 0..200_u64), 0..80)) {
        let (mut now, mut settle) = (Instant::now(), Settle::default());
        let mut asked: Vec<PathBuf> = Vec::new();
        let mut inputs: Vec<(u64, Input)> = Vec::new();
        for (what, place, wait) in steps {
            let place = PathBuf::from(place.to_string());
            inputs.push((wait, match what {
                0 => Input::Changed(place, Step::Done),
                1 => Input::Changed(place, Step::Writing),
                2 => Input::Time,
                _ => Input::Looked(place, if wait % 2 == 0 { Sight::Problems } else { Sight::Nothing }),
            }));
        }
        for (wait, input) in inputs {
            now += Duration::from_millis(wait);
            let looked = match &input {
                Input::Looked(place, _) => Some(place.clone()),
                _ => None,
            };
            for action in settle.on(input, now) {
                match action {
                    Action::Look(place) => asked.push(place),
                    Action::Accept(place) => prop_assert!(asked.contains(&place) && looked == Some(place)),
                }
            }
        }
        for place in 0..3 {
            settle.on(Input::Looked(place.to_string().into(), Sight::Package), now);
        }
        for _ in 0..4 {
            let Some(deadline) = settle.deadline() else { break };
            prop_assert!(deadline <= now + LONGEST);
            now = now.max(deadline);
            for action in settle.on(Input::Time, now) {
                if let Action::Look(place) = action {
                    settle.on(Input::Looked(place, Sight::Package), now);
                }
            }
        }
        prop_assert!(settle.places.is_empty(), "{settle:?}");
    }
}
