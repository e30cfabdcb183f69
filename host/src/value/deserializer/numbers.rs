//! Numbers that are written in other ways than a number: BigInt and the elements of typed arrays.

use super::Error;
use crate::value::bigint::BigInt;
use plughold_protocol::value;
use serde::de::{self, DeserializeSeed, IntoDeserializer, SeqAccess, Unexpected, Visitor};

/// Shows a BigInt as the smallest integer that holds it; one of more than 64 bits only to a type that `is_wide`.
pub(super) fn visit_bigint<'de, V: Visitor<'de>>(
    payload: &[u8],
    is_wide: bool,
    visitor: V,
) -> Result<V::Value, Error> {
    let number = BigInt::from_payload(payload);
    if let Ok(number) = u64::try_from(&number) {
        return visitor.visit_u64(number);
    }
    if let Ok(number) = i64::try_from(&number) {
        return visitor.visit_i64(number);
    }
    match (u128::try_from(&number), i128::try_from(&number)) {
        (Ok(number), _) if is_wide => visitor.visit_u128(number),
        (_, Ok(number)) if is_wide => visitor.visit_i128(number),
        _ => {
            let magnitude = number.magnitude();
            let unused = magnitude.last().map_or(0, |byte| byte.leading_zeros() as usize);
            let words = format!("a BigInt of {} bits", 8 * magnitude.len() - unused);
            Err(de::Error::invalid_type(Unexpected::Other(&words), &visitor))
        }
    }
}

/// Shows a number that was written as a float as an integer, if it is one: so are all numbers beyond ±(2^53 − 1).
pub(super) fn visit_whole<'de, V: Visitor<'de>>(number: f64, visitor: V) -> Result<V::Value, Error> {
    const END: f64 = (1u64 << 63) as f64;
    if number.fract() != 0.0 {
        return Err(de::Error::invalid_type(Unexpected::Float(number), &visitor));
    }
    if (0.0..2.0 * END).contains(&number) {
        return visitor.visit_u64(number as u64);
    }
    if (-END..0.0).contains(&number) {
        return visitor.visit_i64(number as i64);
    }
    Err(de::Error::invalid_type(Unexpected::Float(number), &visitor))
}

/// The bytes of a typed array whose elements are bytes, of a `DataView` or an `ArrayBuffer`.
pub(super) fn bytes_of(payload: &[u8]) -> Option<&[u8]> {
    let (kind, bytes) = payload.split_first()?;
    let name = value::ARRAY_TYPES.get(usize::from(*kind))?;
    matches!(*name, "Uint8Array" | "Uint8ClampedArray" | "DataView" | "ArrayBuffer").then_some(bytes)
}

/// The elements of a typed array.
pub(super) struct Numbers<'de> {
    kind: &'static str,
    width: usize,
    left: &'de [u8],
}

impl<'de> Numbers<'de> {
    pub(super) fn of_bytes(bytes: &'de [u8]) -> Numbers<'de> {
        Numbers { kind: "Uint8Array", width: 1, left: bytes }
    }

    pub(super) fn of_payload(payload: &'de [u8]) -> Numbers<'de> {
        let Some((kind, bytes)) = payload.split_first() else { return Numbers::of_bytes(payload) };
        let kind = value::ARRAY_TYPES.get(usize::from(*kind)).copied().unwrap_or("Uint8Array");
        Numbers { kind, width: width(kind), left: bytes }
    }
}

/// Bytes of one element.
fn width(kind: &str) -> usize {
    match kind {
        "Int16Array" | "Uint16Array" | "Float16Array" => 2,
        "Int32Array" | "Uint32Array" | "Float32Array" => 4,
        "BigInt64Array" | "BigUint64Array" | "Float64Array" => 8,
        _ => 1,
    }
}

impl<'de> SeqAccess<'de> for Numbers<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((element, rest)) = self.left.split_at_checked(self.width) else { return Ok(None) };
        if element.is_empty() {
            return Ok(None);
        }
        self.left = rest;
        let mut wide = [0; 8];
        for (to, from) in wide.iter_mut().zip(element) {
            *to = *from;
        }
        let bits = u64::from_le_bytes(wide);
        // How far the sign bit has to be shifted to be that of 64 bits.
        let shift = 64 - 8 * self.width;
        let signed = ((bits << shift) as i64) >> shift;
        let element = match self.kind {
            "Float16Array" => return seed.deserialize(half(bits as u16).into_deserializer()).map(Some),
            "Float32Array" => f64::from(f32::from_bits(bits as u32)),
            "Float64Array" => f64::from_bits(bits),
            "Int8Array" | "Int16Array" | "Int32Array" | "BigInt64Array" => {
                return seed.deserialize(signed.into_deserializer()).map(Some);
            }
            _ => return seed.deserialize(bits.into_deserializer()).map(Some),
        };
        seed.deserialize(element.into_deserializer()).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        self.left.len().checked_div(self.width)
    }
}

/// A float of 16 bits: a sign, 5 bits of exponent, 10 bits of fraction.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction * f64::powi(2.0, -24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1024.0 + fraction) * f64::powi(2.0, exponent - 25),
    };
    sign * magnitude
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        for (bits, expected) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 5.960464477539063e-8),
            (0x7c00, f64::INFINITY),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(half(bits), expected, "{bits:#x}");
        }
        assert!(half(0x7e00).is_nan());
    }
}
