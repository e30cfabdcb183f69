//! One bound as data, and in words.

use crate::Limits;

/// One bound: how much there is of something, who may change it, and what happens to whoever wants more. From
/// [`Limits::table`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limit {
    /// Its name: that of the field of [`Limits`], where it is one.
    pub name: &'static str,
    /// What is bounded, in a few words.
    pub what: &'static str,
    /// Of what the bound is a number.
    pub unit: Unit,
    /// Who may change it.
    pub set_by: SetBy,
    /// What happens to a plugin that reaches it.
    pub then: &'static str,
    /// The heading that it stands below in a document.
    pub group: &'static str,
    pub(super) value: fn(&Limits) -> Option<u64>,
}

/// Of what a bound is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Bytes in a second.
    BytesPerSecond,
    /// Milliseconds.
    Milliseconds,
    /// Things.
    Count,
    /// Things in a second.
    PerSecond,
}

/// Who may change a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetBy {
    /// The embedder, by the field of [`Limits`] with its name.
    Embedder,
    /// The plugin's manifest asks, by the same name below `limits`, for as much as the field `cap` of [`Limits`] allows; the
    /// embedder says by the field of its name what a plugin gets that asks for nothing.
    Manifest {
        /// The field with the most that is given.
        cap: &'static str,
    },
    /// The embedder, elsewhere: by this method.
    Method(&'static str),
    /// Nobody: it is the same everywhere.
    Nobody,
}

impl Limit {
    /// How much it is where these limits hold, in its unit. None for a time that never comes.
    pub fn value(&self, limits: &Limits) -> Option<u64> {
        (self.value)(limits)
    }

    /// The same for people, such as `64 MiB`, `1.5 s` or `none`.
    pub fn words(&self, limits: &Limits) -> String {
        let Some(value) = self.value(limits) else { return "none".to_owned() };
        match self.unit {
            Unit::Bytes => bytes(value),
            Unit::BytesPerSecond => format!("{} a second", bytes(value)),
            Unit::Milliseconds => duration(value),
            Unit::Count => grouped(value),
            Unit::PerSecond => format!("{} a second", grouped(value)),
        }
    }
}

/// A number of bytes in the largest unit that divides it.
pub(super) fn bytes(count: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    match units.into_iter().find(|(shift, _)| count != 0 && *shift <= count.trailing_zeros()) {
        Some((shift, unit)) => format!("{} {unit}", grouped(count >> shift)),
        None => format!("{} bytes", grouped(count)),
    }
}

fn duration(milliseconds: u64) -> String {
    match milliseconds {
        minutes if minutes != 0 && minutes % 60_000 == 0 => format!("{} min", minutes / 60_000),
        short if short < 1_000 => format!("{short} ms"),
        other => format!("{} s", other as f64 / 1_000.0),
    }
}

/// `100,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index != 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
