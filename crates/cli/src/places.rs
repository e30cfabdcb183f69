//! References by the place where they were passed: a leak is a place that only grows.

use plughold_control::record::{Reference, ReferenceKind};
use serde::Serialize;
use std::collections::HashMap;

/// Fewer than so many are no leak yet.
const FEW: usize = 50;

/// What is said of a reference whose place is not known.
const UNKNOWN: &str = "a place that is not known";

/// The functions and objects that were passed at one place and are still held.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Place {
    pub(crate) place: String,
    pub(crate) count: usize,
    pub(crate) calls: u64,
    pub(crate) oldest_ms: u64,
    pub(crate) newest_ms: u64,
}

/// The places of functions and objects, the one with the most first.
pub(crate) fn of(references: &[Reference]) -> Vec<Place> {
    let mut places: HashMap<&str, Place> = HashMap::new();
    for held in references.iter().filter(|held| held.kind != ReferenceKind::Stream) {
        let name = held.place.as_deref().unwrap_or(UNKNOWN);
        let new = || Place { place: name.to_owned(), count: 0, calls: 0, oldest_ms: 0, newest_ms: u64::MAX };
        let place = places.entry(name).or_insert_with(new);
        place.count += 1;
        place.calls += held.calls;
        place.oldest_ms = place.oldest_ms.max(held.age_ms);
        place.newest_ms = place.newest_ms.min(held.age_ms);
    }
    let mut places = Vec::from_iter(places.into_values());
    places.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.place.cmp(&other.place)));
    places
}

/// What to look at when one place holds more than all the others together.
pub(crate) fn warning(references: &[Reference], places: &[Place]) -> Option<String> {
    let all = references.iter().filter(|held| held.kind != ReferenceKind::Stream).count();
    let first = places.first()?;
    let is_most = FEW <= all && all < 2 * first.count;
    is_most.then(|| {
        format!(
            "{} of {all} references come from one place: {}; if it only grows, it leaks",
            first.count, first.place
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(places: &[(&str, usize)]) -> Vec<Reference> {
        let all = places.iter().flat_map(|&(place, count)| (0..count).map(move |age| (place, age)));
        let held = all.map(|(place, age)| Reference {
            place: Some(place.to_owned()),
            age_ms: age as u64,
            calls: 1,
            ..Reference::default()
        });
        held.map(|held| Reference { kind: ReferenceKind::Function, ..held }).collect()
    }

    #[track_caller]
    fn check(held: &[(&str, usize)], expected: Option<&str>) {
        let references = references(held);
        assert_eq!(warning(&references, &of(&references)).as_deref(), expected);
    }

    #[test]
    fn one_place_that_holds_most_is_told() {
        check(&[], None);
        check(&[("a", 49)], None);
        check(&[("a", 25), ("b", 25)], None);
        check(
            &[("b", 24), ("a", 26)],
            Some("26 of 50 references come from one place: a; if it only grows, it leaks"),
        );
    }

    #[test]
    fn a_place_sums_up_what_it_holds() {
        let places = of(&references(&[("b", 1), ("a", 3)]));
        let first = Place { place: "a".to_owned(), count: 3, calls: 3, oldest_ms: 2, newest_ms: 0 };
        assert_eq!((places.len(), &places[0]), (2, &first));
    }
}
