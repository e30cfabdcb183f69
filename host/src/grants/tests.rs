use super::*;

fn grants(asked: &[&str]) -> Grants {
    Grants::new(asked.iter().map(|text| Scope::new(text)))
}

fn needed(call: u64, scope: &str) -> Input {
    Input::Needed { call, scope: Scope::new(scope) }
}

fn decided(scope: &str, is_granted: bool) -> Input {
    Input::Decided { scope: Scope::new(scope), is_granted }
}

/// What is to be done, in a few words each.
fn words(actions: Vec<Action>) -> Vec<String> {
    let words = |action| match action {
        Action::Ask { scope } => format!("ask {scope}"),
        Action::Proceed { call } => format!("proceed {call}"),
        Action::Refuse { call, scope, why } => format!("refuse {call} {scope} {why:?}"),
        Action::Cancel { call, scope } => format!("cancel {call} {scope}"),
        Action::Record { scope, decision } => format!("record {scope} {decision:?}"),
    };
    actions.into_iter().map(words).collect()
}

#[test]
fn a_scope_covers_itself_and_what_is_below_it() {
    let covers = |one: &str, other: &str| Scope::new(one).covers(&Scope::new(other));
    for (one, other, expected) in [
        ("fs.read", "fs.read", true),
        ("fs.read", "fs.read:data/a", true),
        ("fs.read:data/a", "fs.read", false),
        ("fs.read", "fs.write", false),
        ("fs.read:data/**", "fs.read:data/a/b", true),
        ("fs.read:data/**", "fs.read:data", false),
        ("fs.read:data/**", "fs.read:data/", false),
        ("fs.read:data/**", "fs.read:database", false),
        ("fs.read:data/**", "fs.read:data/../secret", false),
        ("fs.read:data/**", "fs.read:data/..", false),
        ("net.fetch:https://api.example", "net.fetch:https://api.example", true),
        ("net.fetch:https://api.example", "net.fetch:https://api.example.evil", false),
    ] {
        assert_eq!(covers(one, other), expected, "{one} and {other}");
    }
}

#[test]
fn a_call_needs_the_manifest_and_a_grant() {
    let mut grants = grants(&["notes.write"]);
    assert_eq!(words(grants.on(needed(1, "notes.read"))), ["refuse 1 notes.read NotAsked"]);
    assert_eq!(words(grants.on(needed(2, "notes.write"))), ["ask notes.write"]);
    assert_eq!(words(grants.on(needed(3, "notes.write"))), [""; 0], "it was asked for already");
    let expected = ["record notes.write Granted", "proceed 2", "proceed 3"];
    assert_eq!(words(grants.on(decided("notes.write", true))), expected);
    assert_eq!(words(grants.on(needed(4, "notes.write"))), ["proceed 4"]);
    assert_eq!(grants.decisions().count(), 1);
}

#[test]
fn a_denial_is_remembered_and_wins() {
    let mut grants = grants(&["fs.read"]);
    grants.on(decided("fs.read", true));
    assert_eq!(words(grants.on(needed(1, "fs.read:secret"))), ["proceed 1"]);
    let expected = ["record fs.read:secret Denied", "cancel 1 fs.read:secret"];
    assert_eq!(words(grants.on(decided("fs.read:secret", false))), expected);
    assert_eq!(words(grants.on(needed(2, "fs.read:secret"))), ["refuse 2 fs.read:secret Denied"]);
    assert_eq!(words(grants.on(needed(3, "fs.read:other"))), ["proceed 3"]);
}

#[test]
fn what_is_revoked_ends_for_calls_in_flight_and_is_asked_again() {
    let mut grants = grants(&["fs.read:data/**", "notes.read"]);
    for scope in ["fs.read:data/a", "notes.read"] {
        grants.on(decided(scope, true));
    }
    grants.on(needed(1, "fs.read:data/a"));
    grants.on(needed(2, "fs.read:data/a"));
    grants.on(needed(3, "notes.read"));
    grants.on(Input::Ended { call: 2 });
    let revoked = Input::Revoked { scope: Scope::new("fs.read") };
    assert_eq!(words(grants.on(revoked.clone())), ["record fs.read:data/a Revoked", "cancel 1 fs.read"]);
    assert_eq!(words(grants.on(revoked)), [""; 0]);
    assert_eq!(words(grants.on(needed(4, "fs.read:data/a"))), ["ask fs.read:data/a"]);
    assert_eq!(words(grants.on(needed(5, "notes.read"))), ["proceed 5"]);
}

#[test]
fn a_decision_outlives_the_calls_that_waited_for_it() {
    let mut grants = grants(&["notes.read"]);
    grants.on(needed(1, "notes.read"));
    grants.on(Input::Ended { call: 1 });
    grants.on(Input::Gone);
    assert_eq!(words(grants.on(needed(2, "notes.read"))), [""; 0], "somebody is being asked");
    assert_eq!(words(grants.on(decided("notes.read", true))), ["record notes.read Granted", "proceed 2"]);
}

#[test]
fn questions_have_a_bound() {
    let mut grants = grants(&["fs.read"]);
    for call in 0..DECISIONS as u64 {
        assert_eq!(words(grants.on(needed(call, &format!("fs.read:{call}")))).len(), 1);
    }
    assert_eq!(words(grants.on(needed(7_000, "fs.read:z"))), ["refuse 7000 fs.read:z TooMany"]);
}

/// Each call gets one answer, nothing goes on that was not granted, and nobody is asked twice at one time.
#[test]
fn whatever_happens_each_call_gets_one_answer() {
    const SCOPES: [&str; 5] = ["a", "a:x", "a:x/y", "b", "c"];
    for seed in 0..2_000_u64 {
        let mut random = crate::simulator::Random::new(seed);
        let mut grants = grants(&["a", "b"]);
        let (mut waiting, mut running, mut asked) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let mut granted: BTreeMap<Scope, bool> = BTreeMap::new();
        for call in 0..60 {
            let scope = Scope::new(random.pick(&SCOPES));
            let input = match random.below(8) {
                0..=3 => {
                    waiting.insert(call, scope.clone());
                    Input::Needed { call, scope }
                }
                4..=5 => {
                    let is_granted = !random.once_in(3);
                    granted.insert(scope.clone(), is_granted);
                    asked.retain(|asked| !scope.covers(asked));
                    Input::Decided { scope, is_granted }
                }
                6 => {
                    granted.retain(|known, _| !scope.covers(known));
                    Input::Revoked { scope }
                }
                _ => {
                    let call = random.below(call as usize + 1) as u64;
                    waiting.remove(&call);
                    running.remove(&call);
                    Input::Ended { call }
                }
            };
            for action in grants.on(input) {
                match action {
                    Action::Ask { scope } => assert!(asked.insert(scope), "seed {seed}: asked twice"),
                    Action::Proceed { call } => {
                        let scope =
                            waiting.remove(&call).unwrap_or_else(|| panic!("seed {seed}: call {call}"));
                        running.insert(call, scope);
                    }
                    Action::Refuse { call, .. } => {
                        assert!(waiting.remove(&call).is_some(), "seed {seed}: call {call}")
                    }
                    Action::Cancel { call, .. } => {
                        assert!(running.remove(&call).is_some(), "seed {seed}: call {call}")
                    }
                    Action::Record { .. } => {}
                }
            }
            for scope in running.values() {
                assert_eq!(decision(&granted, scope), Some(true), "seed {seed}: {scope} goes on");
            }
            for scope in waiting.values() {
                assert!(
                    asked.iter().any(|asked| asked == scope),
                    "seed {seed}: nobody was asked for {scope}"
                );
            }
        }
    }
}
