use std::time::Instant;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

/// Orders lines such as `a 1.0.0: b ^1, c`, and shows the waves and what is unmet.
#[track_caller]
fn check(lines: &str, expected: Expect) {
    let parsed: Vec<Line<'_>> = lines.lines().map(parse).collect();
    let nodes: Vec<Node<'_>> = parsed
        .iter()
        .map(|(id, version, needs)| Node {
            id,
            version,
            needs: needs.iter().map(|(id, range)| Need { id, range }).collect(),
        })
        .collect();
    let order = order(&nodes);
    let name = |place: &usize| nodes[*place].id;
    let mut shown: Vec<String> =
        order.waves.iter().map(|wave| wave.iter().map(name).collect::<Vec<_>>().join(" ")).collect();
    shown.extend(order.unmet.iter().map(|(place, unmet)| format!("{}: {unmet}", name(place))));
    expected.assert_eq(&shown.join("\n"));
}

/// Id, version, and what is needed with its range.
type Line<'l> = (&'l str, &'l str, Vec<(&'l str, VersionReq)>);

fn parse(line: &str) -> Line<'_> {
    let (node, needs) = line.split_once(':').unwrap_or((line, ""));
    let (id, version) = node.split_once(' ').unwrap_or((node, "1.0.0"));
    let needs = needs.split(',').map(str::trim).filter(|need| !need.is_empty()).map(|need| {
        let (id, range) = need.split_once(' ').unwrap_or((need, "*"));
        (id, VersionReq::parse(range).unwrap())
    });
    (id, version, needs.collect())
}

#[test]
fn each_comes_after_what_it_needs() {
    check("", expect![""]);
    check("b\na", expect!["a b"]);
    check(
        "app: store, log\nstore: log\nlog\nalone",
        expect![[r#"
            alone log
            store
            app"#]],
    );
    check(
        "a: b\nb: d\nc: d\nd",
        expect![[r#"
            d
            b c
            a"#]],
    );
}

#[test]
fn what_is_missing_or_does_not_fit_stops_only_those_who_need_it() {
    check(
        "a: b\nb: c\nd\ne: d ^2\nf: d ^1\ng: c",
        expect![[r#"
            d
            f
            a: it needs b, which needs c, which is not there
            b: it needs c, which is not there
            e: it needs d, which has the version 1.0.0, and ^2 is needed
            g: it needs c, which is not there"#]],
    );
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    check(
        "a: x, y ^2, d ^2\nb: a\nd",
        expect![[r#"
            d
            a: it needs x, which is not there, and needs y, which is not there, and needs d, which has the version 1.0.0, and ^2 is needed
            b: it needs a, which needs x, which is not there, and needs y, which is not there, and needs d, which has the version 1.0.0, and ^2 is needed"#]],
    );
    let many = Vec::from_iter((0..100).map(|number| format!("n{number}"))).join(", ");
    let line = format!("a: {many}");
    let (id, version, needs) = parse(&line);
    let needs = Vec::from_iter(needs.iter().map(|(id, range)| Need { id, range }));
    let order = order(&[Node { id, version, needs }]);
    assert!(matches!(&order.unmet[&0].why, Why::Several(unmet) if unmet.len() == limits::UNMET_PATH));
}

#[test]
fn versions_need_not_be_semantic() {
    check(
        "a: old\nb: old >=1\nc: new\nold 3\nnew 1.0.0-beta.1",
        expect![[r#"
            new old
            a c
            b: it needs old, which has the version 3, and >=1 is needed"#]],
    );
}

#[test]
fn circles_are_told_whole() {
    check("a: a", expect!["a: it is in a circle: a needs a, and so none can be the first"]);
    check(
        "d: c\nc: b\nb: a\na: c\ne",
        expect![[r#"
            e
            d: it needs c, which is in a circle: a needs c, c needs b, b needs a, and so none can be the first
            c: it is in a circle: a needs c, c needs b, b needs a, and so none can be the first
            b: it is in a circle: a needs c, c needs b, b needs a, and so none can be the first
            a: it is in a circle: a needs c, c needs b, b needs a, and so none can be the first"#]],
    );
    check(
        "a: b\nb: a\nc: d\nd: c, a",
        expect![[r#"
            a: it is in a circle: a needs b, b needs a, and so none can be the first
            b: it is in a circle: a needs b, b needs a, and so none can be the first
            c: it needs d, which needs a, which is in a circle: a needs b, b needs a, and so none can be the first
            d: it needs a, which is in a circle: a needs b, b needs a, and so none can be the first"#]],
    );
}

#[test]
fn a_need_that_is_named_twice_counts_twice_and_is_met_twice() {
    check(
        "a: b, b\nb",
        expect![[r#"
            b
            a"#]],
    );
}

#[test]
fn long_chains_and_large_circles_take_no_longer_than_their_length() {
    let ids: Vec<String> = (0..10_000).map(|number| format!("p{number:05}")).collect();
    let range = VersionReq::STAR;
    let need = |id| vec![Need { id, range: &range }];
    let missing = String::from("missing");
    let chain = |last: &'static str| {
        let next = ids.iter().skip(1).map(String::as_str).chain([last]);
        let nodes = ids.iter().zip(next).map(|(id, next)| Node { id, version: "1.0.0", needs: need(next) });
        nodes.collect::<Vec<_>>()
    };
    let start = Instant::now();
    let behind = order(&chain("missing"));
    assert_eq!((behind.waves.len(), behind.unmet.len()), (0, 10_000));
    assert_eq!(behind.unmet[&9_999].path, [missing]);
    assert_eq!(behind.unmet[&0].path.len(), limits::UNMET_PATH);
    let circle = order(&chain("p00000"));
    assert!(matches!(&circle.unmet[&5_000].why, Why::Circle(path) if path.len() == 10_000));
    let mut fine = chain("p00000");
    fine[9_999].needs.clear();
    assert_eq!(order(&fine).waves.len(), 10_000);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn with_a_package_comes_what_it_needs() {
    let needing = |needs: &str| format!("/* plughold: {{ \"dependencies\": {{ {needs} }} }} */");
    let folder = crate::testing::Folder::new(&[
        ("a.js", &needing("\"c\": \"*\", \"missing\": \"*\"")),
        ("b.js", ""),
        ("c.js", &needing("\"d\": \"*\"")),
        ("d.js", &needing("\"a\": \"*\"")),
    ]);
    let wanted = |id| {
        let packages = with_needed(crate::discover(folder.path()).packages, id);
        packages.iter().map(|package| package.id.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!([wanted("a"), wanted("b"), wanted("e")], ["a c d", "b", ""]);
}

proptest! {
    #[test]
    fn every_node_is_in_a_wave_or_unmet_and_waves_are_in_order(
        needs in prop::collection::vec(prop::collection::vec(0..14usize, 0..4), 1..12)
    ) {
        let ids: Vec<String> = (0..14).map(|number| format!("p{number:02}")).collect();
        let range = VersionReq::STAR;
        let nodes: Vec<Node<'_>> = needs
            .iter()
            .enumerate()
            .map(|(place, needs)| Node {
                id: &ids[place],
                version: "1.0.0",
                needs: needs.iter().map(|need| Need { id: &ids[*need], range: &range }).collect(),
            })
            .collect();
        let order = order(&nodes);
        // Whoever can start does so when nobody else can: the plain way, again and again.
        let mut started = vec![false; needs.len()];
        let mut waves = Vec::new();
        loop {
            let can = |place: &usize| {
                !started[*place] && needs[*place].iter().all(|need| started.get(*need).copied().unwrap_or(false))
            };
            let wave: Vec<usize> = (0..needs.len()).filter(can).collect();
            if wave.is_empty() {
                break;
            }
            for place in &wave {
                started[*place] = true;
            }
            waves.push(wave);
        }
        prop_assert_eq!(&order.waves, &waves);
        let unmet: Vec<usize> = (0..needs.len()).filter(|place| !started[*place]).collect();
        prop_assert_eq!(order.unmet.keys().copied().collect::<Vec<_>>(), unmet);
    }
}
