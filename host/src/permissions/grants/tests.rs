use super::*;

fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

fn needed(call: u64, text: &str) -> Input {
    Input::Needed { call, scope: scope(text) }
}

fn said(text: &str, said: Said) -> Input {
    Input::Said { scope: scope(text), said }
}

fn answered(text: &str, is_granted: bool) -> Input {
    Input::Answered { scope: scope(text), is_granted }
}

fn granted(text: &str) -> Input {
    Input::Granted { scope: scope(text) }
}

fn revoked(text: &str) -> Input {
    Input::Revoked { scope: scope(text) }
}

/// What is to be done, in a few words each.
fn words(actions: Vec<Action>) -> Vec<String> {
    let words = |action| match action {
        Action::Ask { scope } => format!("ask {scope}"),
        Action::Proceed { call } => format!("proceed {call}"),
        Action::Refuse { call, why } => format!("refuse {call} {why:?}"),
        Action::Withdraw => "withdraw".to_owned(),
        Action::Record { scope, decision, by } => format!("{scope} {decision} by {by:?}"),
    };
    actions.into_iter().map(words).collect()
}

/// Each thing that happens, with what is to be done about it.
#[track_caller]
fn check(story: &[(Input, &[&str])]) -> Grants {
    let mut grants = Grants::default();
    for (input, expected) in story {
        assert_eq!(words(grants.on(input.clone())), *expected, "{input:?}");
    }
    grants
}

#[test]
fn without_a_decision_it_is_denied() {
    check(&[(needed(1, "notes.read"), &["refuse 1 Denied"])]);
}

#[test]
fn what_is_open_is_asked_once() {
    check(&[
        (said("notes.write", Said::Ask), &[]),
        (needed(1, "notes.write"), &["ask notes.write"]),
        (needed(2, "notes.write"), &[]),
        (answered("notes.write", true), &["notes.write granted by Answer", "proceed 1", "proceed 2"]),
        (needed(3, "notes.write"), &["proceed 3"]),
        // A reload asks nobody again.
        (said("notes.write", Said::Ask), &[]),
        (needed(4, "notes.write"), &["proceed 4"]),
    ]);
    check(&[
        (said("a", Said::Ask), &[]),
        (needed(1, "a"), &["ask a"]),
        (answered("a", false), &["a denied by Answer", "withdraw", "refuse 1 Denied"]),
        (needed(2, "a"), &["refuse 2 Denied"]),
    ]);
}

#[test]
fn the_question_is_about_what_the_manifest_asks_for() {
    check(&[
        (said("fs.read:data/**", Said::Ask), &[]),
        (needed(1, "fs.read:data/a"), &["ask fs.read:data/**"]),
        (needed(2, "fs.read:data/b"), &[]),
        (needed(3, "fs.read:other"), &["refuse 3 Denied"]),
        (answered("fs.read:data/**", true), &["fs.read:data/** granted by Answer", "proceed 1", "proceed 2"]),
    ]);
}

#[test]
fn the_narrowest_decision_counts() {
    let grants = check(&[
        (said("fs.read", Said::Granted), &["fs.read granted by Rule"]),
        (said("fs.read:secret/**", Said::Denied), &["fs.read:secret/** denied by Rule", "withdraw"]),
        (granted("fs.read:secret/mine"), &["fs.read:secret/mine granted by Hand"]),
        (said("fs.read:*/b", Said::Denied), &["fs.read:*/b denied by Rule", "withdraw"]),
        (said("fs.read:a/*", Said::Granted), &["fs.read:a/* granted by Rule"]),
    ]);
    for (wanted, expected) in [
        ("fs.read:x", Verdict::Granted),
        ("fs.read:secret/a", Verdict::Denied),
        ("fs.read:secret/mine", Verdict::Granted),
        ("fs.read:a/b", Verdict::Denied),
        ("fs.read:a/c", Verdict::Granted),
        ("fs.write", Verdict::Denied),
    ] {
        assert_eq!(grants.verdict(&scope(wanted)), expected, "{wanted}");
    }
}

#[test]
fn what_is_revoked_is_revoked_with_all_its_parts() {
    let grants = check(&[
        (said("fs.read:data/**", Said::Granted), &["fs.read:data/** granted by Rule"]),
        (granted("fs.read:data/a"), &["fs.read:data/a granted by Hand"]),
        (revoked("fs.read"), &["fs.read revoked by Hand", "withdraw"]),
        (needed(1, "fs.read:data/a"), &["refuse 1 Denied"]),
        (granted("fs.read:data/b"), &["fs.read:data/b granted by Hand"]),
        (needed(2, "fs.read:data/b"), &["proceed 2"]),
    ]);
    assert_eq!(grants.verdict(&scope("fs.read:data/a")), Verdict::Denied);
}

#[test]
fn what_is_revoked_stays_so_when_the_plugin_starts_again() {
    let grants = check(&[
        (said("fs.read", Said::Granted), &["fs.read granted by Rule"]),
        (said("fs.read:data/**", Said::Granted), &["fs.read:data/** granted by Rule"]),
        (revoked("fs.read"), &["fs.read revoked by Hand", "withdraw"]),
        // The same manifest is read again, or one that asks for other parts.
        (said("fs.read", Said::Granted), &[]),
        (said("fs.read:data/**", Said::Granted), &[]),
        (said("fs.read:more/**", Said::Ask), &[]),
        (needed(1, "fs.read:data/a"), &["refuse 1 Denied"]),
        (needed(2, "fs.read:more/a"), &["refuse 2 Denied"]),
        (granted("fs.read:data/**"), &["fs.read:data/** granted by Hand"]),
        (said("fs.read:data/a", Said::Granted), &["fs.read:data/a granted by Rule"]),
    ]);
    assert_eq!(grants.verdict(&scope("fs.read:data/b")), Verdict::Granted);
    assert_eq!(grants.verdict(&scope("fs.read:other")), Verdict::Denied);
}

#[test]
fn a_decision_by_hand_stands_over_the_others() {
    check(&[
        (said("a", Said::Granted), &["a granted by Rule"]),
        (revoked("a"), &["a revoked by Hand", "withdraw"]),
        // A restart, then a reload with another rule.
        (said("a", Said::Granted), &[]),
        (said("a", Said::Ask), &[]),
        (needed(1, "a"), &["refuse 1 Denied"]),
        (granted("a"), &["a granted by Hand"]),
        (said("a", Said::Denied), &[]),
        (needed(2, "a"), &["proceed 2"]),
    ]);
    // While somebody is being asked.
    check(&[
        (said("a", Said::Ask), &[]),
        (needed(1, "a"), &["ask a"]),
        (revoked("a"), &["a revoked by Hand", "withdraw", "refuse 1 Denied"]),
        (answered("a", true), &[]),
        (needed(2, "a"), &["refuse 2 Denied"]),
    ]);
}

#[test]
fn the_rule_may_change() {
    check(&[
        (said("a", Said::Granted), &["a granted by Rule"]),
        (said("a", Said::Granted), &[]),
        (said("a", Said::Denied), &["a denied by Rule", "withdraw"]),
        (said("a", Said::Ask), &[]),
        (needed(1, "a"), &["ask a"]),
        (answered("a", true), &["a granted by Answer", "proceed 1"]),
        (said("a", Said::Denied), &["a denied by Rule", "withdraw"]),
    ]);
}

#[test]
fn a_question_outlives_the_calls_that_wait_for_it() {
    check(&[
        (said("a", Said::Ask), &[]),
        (needed(1, "a"), &["ask a"]),
        (Input::Ended { call: 1 }, &[]),
        (needed(2, "a"), &[]),
        (answered("a", true), &["a granted by Answer", "proceed 2"]),
    ]);
}

#[test]
fn what_waits_has_a_bound() {
    let mut grants = check(&[(said("a", Said::Ask), &[]), (needed(0, "a"), &["ask a"])]);
    for call in 1..WAITING as u64 {
        assert_eq!(words(grants.on(needed(call, "a"))), [""; 0]);
    }
    assert_eq!(words(grants.on(needed(7_000, "a"))), ["refuse 7000 TooMany"]);
}

#[test]
fn what_is_remembered_has_a_bound_and_is_denied_beyond() {
    let mut grants = Grants::default();
    for number in 0..DECISIONS {
        grants.on(said(&format!("p{number}"), Said::Granted));
    }
    assert!(!grants.has_room(&scope("one.more")) && grants.has_room(&scope("p1")));
    grants.on(said("one.more", Said::Granted));
    assert_eq!(grants.verdict(&scope("one.more")), Verdict::Denied);
}

/// Each call gets one answer, nothing goes on that is not granted, nobody is asked twice at one time, and no call waits
/// without a question.
#[test]
fn whatever_happens_each_call_gets_one_answer() {
    const SCOPES: [&str; 6] = ["a", "a:x/**", "a:x/y", "a:*/y", "b", "c"];
    for seed in 0..2_000_u64 {
        let mut random = crate::simulator::Random::new(seed);
        let mut grants = Grants::default();
        let (mut waiting, mut asked) = (BTreeMap::new(), BTreeSet::new());
        for call in 0..60 {
            let scope = scope(random.pick(&SCOPES));
            let input = match random.below(9) {
                0..=3 => {
                    waiting.insert(call, scope.clone());
                    Input::Needed { call, scope }
                }
                4 => Input::Said { scope, said: random.pick(&[Said::Granted, Said::Denied, Said::Ask]) },
                5 => match asked.pop_first() {
                    Some(scope) => Input::Answered { scope, is_granted: random.once_in(2) },
                    None => Input::Said { scope, said: Said::Ask },
                },
                6 => Input::Granted { scope },
                7 => Input::Revoked { scope },
                _ => {
                    let call = random.below(call as usize + 1) as u64;
                    waiting.remove(&call);
                    Input::Ended { call }
                }
            };
            for action in grants.on(input) {
                match action {
                    Action::Ask { scope } => assert!(asked.insert(scope), "seed {seed}: asked twice"),
                    Action::Proceed { call } => {
                        let scope =
                            waiting.remove(&call).unwrap_or_else(|| panic!("seed {seed}: call {call}"));
                        assert_eq!(grants.verdict(&scope), Verdict::Granted, "seed {seed}: {scope}");
                    }
                    Action::Refuse { call, .. } => {
                        let scope =
                            waiting.remove(&call).unwrap_or_else(|| panic!("seed {seed}: call {call}"));
                        assert_ne!(grants.verdict(&scope), Verdict::Granted, "seed {seed}: {scope}");
                    }
                    Action::Withdraw | Action::Record { .. } => {}
                }
            }
            for scope in waiting.values() {
                assert_eq!(grants.verdict(scope), Verdict::Open, "seed {seed}: {scope} waits");
                assert!(
                    asked.iter().any(|asked| asked.covers(scope)),
                    "seed {seed}: nobody was asked for {scope}"
                );
            }
        }
    }
}
