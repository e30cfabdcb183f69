//! Whole numbers without a bound.

use crate::value::extension;
use plughold_protocol::value;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A BigInt: a whole number of any size.
///
/// An `i64`, `u64`, `i128` or `u128` in the signature of a function takes a BigInt as well, and becomes one on its way to
/// a plugin when no JavaScript number holds it. This type is for numbers that are a BigInt whatever their size.
///
/// ```
/// use plughold::BigInt;
///
/// let number = BigInt::from(-(1i128 << 80));
/// assert_eq!(number.to_string(), "-1208925819614629174706176");
/// assert_eq!(i128::try_from(&number), Ok(-(1 << 80)));
/// assert!(u64::try_from(&number).is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BigInt {
    is_negative: bool,
    /// Little-endian, without zeros at its end.
    magnitude: Vec<u8>,
}

/// A BigInt that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the BigInt does not fit into {0}")]
pub struct TooBig(&'static str);

impl BigInt {
    /// A number by its sign and its magnitude, little-endian. There is one zero.
    pub fn from_parts(is_negative: bool, magnitude: &[u8]) -> BigInt {
        let length = magnitude.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let magnitude = magnitude.get(..length).unwrap_or_default().to_vec();
        BigInt { is_negative: is_negative && !magnitude.is_empty(), magnitude }
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.is_negative
    }

    /// The magnitude, little-endian, without zeros at its end.
    pub fn magnitude(&self) -> &[u8] {
        &self.magnitude
    }

    pub(crate) fn from_payload(payload: &[u8]) -> BigInt {
        let (sign, magnitude) = payload.split_first().unwrap_or((&0, &[]));
        BigInt::from_parts(*sign == 1, magnitude)
    }

    /// The magnitude, if it has at most 128 bits.
    fn small(&self) -> Option<u128> {
        let mut wide = [0; 16];
        wide.get_mut(..self.magnitude.len())?.copy_from_slice(&self.magnitude);
        Some(u128::from_le_bytes(wide))
    }
}

impl From<u128> for BigInt {
    fn from(number: u128) -> BigInt {
        BigInt::from_parts(false, &number.to_le_bytes())
    }
}

impl From<i128> for BigInt {
    fn from(number: i128) -> BigInt {
        BigInt::from_parts(number < 0, &number.unsigned_abs().to_le_bytes())
    }
}

impl From<u64> for BigInt {
    fn from(number: u64) -> BigInt {
        BigInt::from(u128::from(number))
    }
}

impl From<i64> for BigInt {
    fn from(number: i64) -> BigInt {
        BigInt::from(i128::from(number))
    }
}

impl TryFrom<&BigInt> for u128 {
    type Error = TooBig;

    fn try_from(number: &BigInt) -> Result<u128, TooBig> {
        number.small().filter(|_| !number.is_negative).ok_or(TooBig("u128"))
    }
}

impl TryFrom<&BigInt> for i128 {
    type Error = TooBig;

    fn try_from(number: &BigInt) -> Result<i128, TooBig> {
        let magnitude = number.small().ok_or(TooBig("i128"))?;
        match i128::try_from(magnitude) {
            Ok(magnitude) if number.is_negative => Ok(-magnitude),
            Ok(magnitude) => Ok(magnitude),
            // The one magnitude that only a negative number has.
            Err(_) if number.is_negative && magnitude == i128::MIN.unsigned_abs() => Ok(i128::MIN),
            Err(_) => Err(TooBig("i128")),
        }
    }
}

impl TryFrom<&BigInt> for u64 {
    type Error = TooBig;

    fn try_from(number: &BigInt) -> Result<u64, TooBig> {
        u128::try_from(number).ok().and_then(|wide| u64::try_from(wide).ok()).ok_or(TooBig("u64"))
    }
}

impl TryFrom<&BigInt> for i64 {
    type Error = TooBig;

    fn try_from(number: &BigInt) -> Result<i64, TooBig> {
        i128::try_from(number).ok().and_then(|wide| i64::try_from(wide).ok()).ok_or(TooBig("i64"))
    }
}

/// Decimal up to 128 bits, and hexadecimal beyond: decimal digits cost time that grows with the square of their number.
impl fmt::Display for BigInt {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negative {
            to.write_str("-")?;
        }
        if let Some(small) = self.small() {
            return write!(to, "{small}");
        }
        to.write_str("0x")?;
        self.magnitude.iter().rev().try_for_each(|byte| write!(to, "{byte:02x}"))
    }
}

impl Serialize for BigInt {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            return to.collect_str(self);
        }
        let mut payload = vec![u8::from(self.is_negative)];
        payload.extend_from_slice(&self.magnitude);
        extension::serialize(to, value::BIGINT, &payload)
    }
}

impl<'de> Deserialize<'de> for BigInt {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<BigInt, D::Error> {
        let (_, payload) = extension::take(from, &[value::BIGINT], "a BigInt")?;
        Ok(BigInt::from_payload(&payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_home() {
        for number in [0, 1, -1, 255, -256, i128::MAX, i128::MIN, 1 << 64] {
            let big = BigInt::from(number);
            assert_eq!((i128::try_from(&big), big.to_string()), (Ok(number), number.to_string()));
        }
        assert_eq!(BigInt::from_parts(true, &[0, 0]), BigInt::default());
        assert_eq!(BigInt::from_parts(true, &[1; 17]).to_string(), format!("-0x{}", "01".repeat(17)));
        assert_eq!(i128::try_from(&BigInt::from(u128::MAX)), Err(TooBig("i128")));
        assert_eq!(u64::try_from(&BigInt::from(-1i64)), Err(TooBig("u64")));
        assert_eq!(i64::try_from(&BigInt::from(i64::MIN)), Ok(i64::MIN));
    }
}
