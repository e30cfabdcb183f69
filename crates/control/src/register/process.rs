//! Which process a number means.

use std::fs;

/// When a process was started, in the system's ticks since its boot; none when there is none with this number.
pub(super) fn started(pid: u32) -> Option<u64> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    started_in(&String::from_utf8_lossy(&text))
}

/// The twenty-second field. The second is the program's name in parentheses, which may hold anything, also spaces and
/// parentheses.
fn started_in(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_found_behind_any_name() {
        let stat = |name: &str| {
            format!(
                "42 ({name}) S 1 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 10 11 18446744073709551615 1"
            )
        };
        for name in ["plughold", "a b", ") S 9 9 (", "(((", "x) 1 2 3"] {
            assert_eq!(started_in(&stat(name)), Some(987_654), "{name}");
        }
        for broken in ["", "42", "42 (x) S 1", "42 (x"] {
            assert_eq!(started_in(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_process_has_a_start_and_no_process_has_none() {
        let own = started(std::process::id());
        assert!(own.is_some());
        assert_eq!(own, started(std::process::id()), "it stays");
        assert_eq!(started(u32::MAX), None);
    }
}
