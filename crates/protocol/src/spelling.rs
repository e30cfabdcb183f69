//! Did you mean: how far two names are from each other.
//!
//! Who suggests a name decides how far is near; what is compared, and how much work that may be, is the same everywhere.

/// Names with more characters are near to nothing: the work grows with their length, and a plugin can ask for it with each
/// call.
pub const COMPARED: usize = 64;

/// Characters for each mistake that a name may have.
const CHARACTERS_PER_MISTAKE: usize = 4;

/// The mistakes that a short name may have.
const FEW_MISTAKES: usize = 2;

/// How many mistakes leave a name near to what was meant: one in four characters, or two in a short name.
///
/// ```
/// use plughold_protocol::spelling::mistakes;
///
/// assert_eq!([mistakes("ad"), mistakes("app.notes.search")], [2, 4]);
/// ```
pub fn mistakes(name: &str) -> usize {
    (name.chars().take(COMPARED).count() / CHARACTERS_PER_MISTAKE).max(FEW_MISTAKES)
}

/// How many characters have to be added, taken away, replaced or swapped with their neighbour to make one name the other.
/// None if these are more than `most`, or if a name has more than [`COMPARED`] characters.
///
/// ```
/// use plughold_protocol::spelling::distance;
///
/// assert_eq!(distance("serach", "search", 2), Some(1));
/// assert_eq!(distance("close", "search", 2), None);
/// ```
pub fn distance(from: &str, to: &str, most: usize) -> Option<usize> {
    let (from, to) = (characters(from)?, characters(to)?);
    if most < from.len().abs_diff(to.len()) {
        return None;
    }
    let most = most.min(COMPARED);
    let far = most + 1;
    // A row for each character of `from`: the distances of what ends there to every beginning of `to`.
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, a) in from.iter().enumerate() {
        let mut next = vec![far; to.len() + 1];
        next[0] = row + 1;
        // What stands further from the diagonal needs more than `most`.
        let near = row.saturating_sub(most)..to.len().min(row + most + 1);
        for (column, b) in to.iter().enumerate().take(near.end).skip(near.start) {
            let replaced = last[column] + usize::from(a != b);
            let mut best = replaced.min(last[column + 1] + 1).min(next[column] + 1);
            let is_swap = 0 < row && 0 < column && from[row - 1] == *b && to[column - 1] == *a;
            if is_swap {
                best = best.min(before_last[column - 1] + 1);
            }
            next[column + 1] = best;
        }
        before_last = std::mem::replace(&mut last, next);
    }
    last.last().copied().filter(|distance| *distance <= most)
}

fn characters(name: &str) -> Option<Vec<char>> {
    let characters: Vec<char> = name.chars().take(COMPARED + 1).collect();
    (characters.len() <= COMPARED).then_some(characters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let check = |from: &str, to: &str, expected: usize| {
            for most in 0..=COMPARED + 1 {
                let near = (expected <= most).then_some(expected);
                assert_eq!(distance(from, to, most), near, "{from} {to} {most}");
                assert_eq!(distance(to, from, most), near, "{to} {from} {most}");
            }
        };
        check("", "", 0);
        check("abc", "abc", 0);
        check("", "abc", 3);
        check("abc", "acb", 1);
        check("serach", "search", 1);
        check("serch", "search", 1);
        check("dispsoe", "dispose", 1);
        check("kitten", "sitting", 3);
        check("abcdefgh", "hgfedcba", 7);
        check("größe", "grösse", 2);
        check("日本", "日", 1);
        check(&"a".repeat(COMPARED), &"b".repeat(COMPARED), COMPARED);
        check(&"ab".repeat(COMPARED / 2), &"ba".repeat(COMPARED / 2), 2);
    }

    #[test]
    fn long_names_are_not_compared() {
        let long = "ä".repeat(COMPARED + 1);
        assert_eq!(distance(&long, &long, usize::MAX), None);
        assert_eq!(distance(&long, "", usize::MAX), None);
        assert_eq!(distance("", &"a".repeat(1 << 20), usize::MAX), None);
        assert_eq!(distance("a", "bcd", usize::MAX), Some(3));
    }

    #[test]
    fn a_name_may_have_one_mistake_in_four_characters() {
        let check = |length: usize, expected: usize| assert_eq!(mistakes(&"ä".repeat(length)), expected);
        check(0, 2);
        check(11, 2);
        check(12, 3);
        check(COMPARED, 16);
        check(1 << 20, 16);
    }
}
