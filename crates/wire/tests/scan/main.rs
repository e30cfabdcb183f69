//! The scan against a reference implementation, on values that may be broken anywhere.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod reference;

use plughold_protocol::pack::Writer;
use plughold_protocol::value;
use plughold_wire::{Bounds, scan, scan_arguments};
use proptest::prelude::*;
use reference::contents;

/// Both say the same of `bytes`, whatever the bounds.
fn check(bytes: &[u8]) {
    let expected = contents(bytes);
    let found = scan(bytes, &Bounds::default());
    let shown = found.as_ref().ok().map(|scan| {
        let references = scan.references.iter().map(|reference| (reference.kind, reference.id));
        (references.collect::<Vec<_>>(), scan.nodes)
    });
    let depth = expected.as_ref().map_or(0, |contents| contents.depth);
    if depth <= Bounds::default().depth {
        assert_eq!(
            shown,
            expected.clone().map(|contents| (contents.references, contents.nodes)),
            "{found:?}"
        );
    }
    let Some(contents) = expected else { return };
    // Each bound holds exactly.
    let exact =
        Bounds { depth: contents.depth, nodes: contents.nodes, references: contents.references.len() };
    assert!(scan(bytes, &exact).is_ok(), "{exact:?}: {:?}", scan(bytes, &exact));
    let less = |bound: usize| bound.checked_sub(1);
    let refused = [
        less(exact.depth).map(|depth| Bounds { depth, ..exact }),
        less(exact.nodes).map(|nodes| Bounds { nodes, ..exact }),
        less(exact.references).map(|references| Bounds { references, ..exact }),
    ];
    for bounds in refused.into_iter().flatten() {
        assert!(scan(bytes, &bounds).is_err(), "{bounds:?}");
    }
    if let Ok((_, ranges)) = scan_arguments(bytes, &Bounds::default()) {
        let ends = ranges.iter().map(|range| range.end);
        assert!(ranges.iter().skip(1).map(|range| range.start).eq(ends.take(ranges.len().saturating_sub(1))));
        for range in ranges {
            let argument = bytes.get(range).unwrap();
            assert!(reference::contents(argument).is_some(), "each argument is a value: {argument:02x?}");
        }
    }
}

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut Writer::new(&mut bytes));
    bytes
}

/// Encoded values of every kind.
fn values() -> impl Strategy<Value = Vec<u8>> {
    let kinds = prop::sample::select(vec![
        value::FUNCTION,
        value::STREAM,
        value::HOME,
        value::UNDEFINED,
        value::SIGNAL,
        value::BIGINT,
        value::TYPED_ARRAY,
        value::TIMESTAMP,
        99,
    ]);
    let payload = prop_oneof![
        prop::collection::vec(0u8..3, 0..14),
        Just(vec![0]),
        Just(vec![7; 8]),
        Just(value::timestamp(-1).to_vec())
    ];
    let scalar = prop_oneof![
        Just(vec![0xc0]),
        any::<bool>().prop_map(|it| written(|out| out.bool(it))),
        any::<i64>().prop_map(|it| written(|out| out.integer(it))),
        any::<u64>().prop_map(|it| written(|out| out.unsigned(it))),
        any::<f64>().prop_map(|it| written(|out| out.float(it))),
        any::<f32>().prop_map(|it| [&[0xca], &it.to_be_bytes()[..]].concat()),
        ".{0,40}".prop_map(|it| written(|out| out.text(&it))),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(|it| written(|out| out.bytes(&it))),
        (kinds, payload).prop_map(|(kind, payload)| written(|out| out.extension(kind, &payload))),
    ];
    scalar.prop_recursive(4, 24, 5, |inner| {
        let several = prop::collection::vec(inner.clone(), 0..5);
        let holders = prop::sample::select(vec![value::MAP, value::SET, value::REGEXP, value::ERROR]);
        prop_oneof![
            several.clone().prop_map(|elements| written(|out| {
                out.array(elements.len());
                elements.iter().for_each(|element| out.raw(element));
            })),
            several.prop_map(|elements| written(|out| {
                out.map(elements.len());
                for element in &elements {
                    out.text("key");
                    out.raw(element);
                }
            })),
            (holders, inner.clone()).prop_map(|(kind, inner)| written(|out| out.extension(kind, &inner))),
            (any::<u64>(), inner).prop_map(|(id, inner)| written(|out| {
                out.extension(value::OBJECT, &[&id.to_le_bytes()[..], &inner].concat());
            })),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn both_say_the_same_of_values(bytes in values()) {
        check(&bytes);
    }

    #[test]
    fn both_say_the_same_of_broken_values(bytes in values(), at in any::<prop::sample::Index>(), change in any::<u8>(), is_cut in any::<bool>()) {
        let mut bytes = bytes;
        let at = at.index(bytes.len());
        bytes[at] = change;
        bytes.truncate(if is_cut { at } else { bytes.len() });
        check(&bytes);
    }

    #[test]
    fn both_say_the_same_of_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        check(&bytes);
    }
}
