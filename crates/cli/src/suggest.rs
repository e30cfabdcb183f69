//! Did you mean.

/// The candidate that somebody most likely meant by `typed`, if one is near enough: a third of its characters may be
/// wrong.
pub(crate) fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let near = candidates.into_iter().filter_map(|candidate| {
        let distance = distance(&typed, &candidate.to_lowercase());
        let allowed = typed.chars().count().max(candidate.chars().count()).div_ceil(3);
        (distance <= allowed).then_some((distance, candidate))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// The characters that have to be inserted, removed, replaced or swapped with their neighbour to get from one text to
/// the other. Its time grows with the product of their lengths: names of plugins and commands are short.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, a) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, b) in to.iter().enumerate() {
            let replaced = last[column] + usize::from(a != b);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let is_swap = 0 < row && 0 < column && from[row - 1] == *b && to[column - 1] == *a;
            if is_swap {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[to.len()]
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

    #[test]
    fn distances() {
        for (from, to, expected) in [("", "", 0), ("", "abc", 3), ("abc", "acb", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }
}
