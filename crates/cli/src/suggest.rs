//! Did you mean.

use plughold_protocol::spelling::distance;

/// The candidate that somebody most likely meant by `typed`, if one is near enough: a third of its characters may be
/// wrong.
pub(crate) fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let near = candidates.into_iter().filter_map(|candidate| {
        let most = typed.chars().count().max(candidate.chars().count()).div_ceil(3);
        Some((distance(&typed, &candidate.to_lowercase(), most)?, candidate))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: Option<&str>) {
        assert_eq!(nearest(typed, ["hello", "word-count", "clock"]), expected, "{typed}");
    }

    #[test]
    fn what_is_near_is_meant() {
        check("helo", Some("hello"));
        check("hlelo", Some("hello"));
        check("HELLO", Some("hello"));
        check("wordcount", Some("word-count"));
        check("cl", None);
        check("thrower", None);
        check("", None);
    }
}
