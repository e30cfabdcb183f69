//! No memory that is written becomes executable.

use super::{call, failed};
use crate::{Error, Layer};
use std::fs;

/// `PR_SET_MDWE` of `linux/prctl.h`, since Linux 6.3.
const PR_SET_MDWE: i32 = 65;

/// `PR_MDWE_REFUSE_EXEC_GAIN`.
const REFUSE_EXEC_GAIN: u64 = 1;

/// Looks for memory that is both already, as the stack of a program that was linked for an executable one: to rule out more
/// of it would promise too much. To be called while files can be opened.
pub(super) fn look() -> Result<(), Error> {
    let maps = failed(Layer::NoNewCode, "the memory cannot be seen", fs::read_to_string("/proc/self/maps"))?;
    match maps.lines().any(is_open) {
        true => Err(Error::Missing {
            layer: Layer::NoNewCode,
            reason: "the program has memory that can be written and executed",
        }),
        false => Ok(()),
    }
}

/// Whether a line is of memory that can be written and executed.
fn is_open(line: &str) -> bool {
    let rights = line.split(' ').nth(1).unwrap_or_default();
    rights.contains('w') && rights.contains('x')
}

/// Rules it out, for ever.
pub(super) fn set() -> Result<(), Error> {
    failed(Layer::NoNewCode, "the kernel does not rule it out", call::prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_open_that_can_be_written_and_executed() {
        let check = |rights, expected| {
            let line = format!("7ffc0a000000-7ffc0a021000 {rights} 00000000 00:00 0      [stack]");
            assert_eq!(is_open(&line), expected, "{rights}");
        };
        check("rwxp", true);
        check("-wxs", true);
        check("rw-p", false);
        check("r-xp", false);
        check("r--s", false);
    }

    #[test]
    fn this_program_has_none() {
        assert!(look().is_ok());
    }
}
