//! Sizes as people write them: `64 MiB`.

use crate::problem::quoted;

const UNITS: [(&str, u64); 7] = [
    ("b", 1),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
];

/// Reads a whole number with a unit, in bytes; case and the space between them do not matter.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let not_a_size = || format!("expected a size such as \"64 MiB\", found {}", quoted(text));
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err(not_a_size());
    }
    let unit = unit.trim().to_ascii_lowercase();
    let (_, factor) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or_else(not_a_size)?;
    let number = number.parse::<u64>().ok();
    number
        .and_then(|number| number.checked_mul(factor))
        .ok_or_else(|| format!("{} is too large", quoted(text)))
}

/// Writes a size in the largest binary unit that divides it.
pub(crate) fn show(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    match units.into_iter().find(|(shift, _)| bytes != 0 && *shift <= bytes.trailing_zeros()) {
        Some((shift, unit)) => format!("{} {unit}", bytes >> shift),
        None if bytes == 1 => "1 byte".to_owned(),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<u64, &str>) {
        assert_eq!(parse(text), expected.map_err(str::to_owned));
    }

    #[test]
    fn sizes() {
        check("64 MiB", Ok(64 << 20));
        check("64mib", Ok(64 << 20));
        check("1 GiB", Ok(1 << 30));
        check("10 kB", Ok(10_000));
        check("512 B", Ok(512));
        check("64", Err("expected a size such as \"64 MiB\", found \"64\""));
        check("MiB", Err("expected a size such as \"64 MiB\", found \"MiB\""));
        check("-1 MiB", Err("expected a size such as \"64 MiB\", found \"-1 MiB\""));
        check("1.5 MiB", Err("expected a size such as \"64 MiB\", found \"1.5 MiB\""));
        check("99999999999 GiB", Err("\"99999999999 GiB\" is too large"));
        check("99999999999999999999 B", Err("\"99999999999999999999 B\" is too large"));
    }

    #[test]
    fn sizes_are_shown_in_binary_units() {
        assert_eq!(show(4 << 30), "4 GiB");
        assert_eq!(show(64 << 20), "64 MiB");
        assert_eq!(show(1_000), "1000 bytes");
        assert_eq!(show(0), "0 bytes");
    }
}
