//! Typed arrays, whose elements are numbers of one width, and the other kinds of bytes.

use crate::value::Value;
use crate::value::extension;
use plughold_protocol::value;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// A typed array, a `DataView` or an `ArrayBuffer`: its kind and its bytes.
///
/// A `Vec` of numbers in a signature takes a typed array or an array, and is sent as an array. This type is sent as what
/// its kind says; [`Bytes`](crate::Bytes) is the one for a `Uint8Array`, and takes every kind whose elements are bytes.
///
/// ```
/// use plughold::{ArrayKind, TypedArray};
///
/// let samples = TypedArray::from([0.5f32, -1.0].as_slice());
/// assert_eq!((samples.kind, samples.bytes.len()), (ArrayKind::Float32, 8));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TypedArray {
    /// What the bytes are.
    pub kind: ArrayKind,
    /// The elements, little-endian.
    pub bytes: Vec<u8>,
}

/// What the bytes of a [`TypedArray`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ArrayKind {
    /// `Uint8Array`
    Uint8 = 0,
    /// `Int8Array`
    Int8 = 1,
    /// `Uint8ClampedArray`
    Uint8Clamped = 2,
    /// `Int16Array`
    Int16 = 3,
    /// `Uint16Array`
    Uint16 = 4,
    /// `Int32Array`
    Int32 = 5,
    /// `Uint32Array`
    Uint32 = 6,
    /// `BigInt64Array`
    BigInt64 = 7,
    /// `BigUint64Array`
    BigUint64 = 8,
    /// `Float16Array`
    Float16 = 9,
    /// `Float32Array`
    Float32 = 10,
    /// `Float64Array`
    Float64 = 11,
    /// `DataView`
    DataView = 12,
    /// `ArrayBuffer`, which is bytes without elements
    ArrayBuffer = 13,
}

impl ArrayKind {
    const ALL: [ArrayKind; 14] = [
        ArrayKind::Uint8,
        ArrayKind::Int8,
        ArrayKind::Uint8Clamped,
        ArrayKind::Int16,
        ArrayKind::Uint16,
        ArrayKind::Int32,
        ArrayKind::Uint32,
        ArrayKind::BigInt64,
        ArrayKind::BigUint64,
        ArrayKind::Float16,
        ArrayKind::Float32,
        ArrayKind::Float64,
        ArrayKind::DataView,
        ArrayKind::ArrayBuffer,
    ];

    /// The name of the class in JavaScript.
    pub fn name(self) -> &'static str {
        value::ARRAY_TYPES.get(self as usize).copied().unwrap_or_default()
    }
}

impl fmt::Display for ArrayKind {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.name())
    }
}

impl TypedArray {
    /// What the payload of an extension value says, which was scanned.
    pub(crate) fn from_payload(payload: &[u8]) -> Option<TypedArray> {
        let (kind, bytes) = payload.split_first()?;
        let kind = ArrayKind::ALL.get(usize::from(*kind)).copied()?;
        Some(TypedArray { kind, bytes: bytes.to_vec() })
    }
}

macro_rules! from_slice {
    ($($number:ident $kind:ident),*) => {
        $(impl From<&[$number]> for TypedArray {
            fn from(numbers: &[$number]) -> TypedArray {
                let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
                TypedArray { kind: ArrayKind::$kind, bytes }
            }
        })*
    };
}

from_slice!(
    u8 Uint8, i8 Int8, i16 Int16, u16 Uint16, i32 Int32, u32 Uint32, i64 BigInt64, u64 BigUint64, f32 Float32, f64 Float64
);

impl Serialize for TypedArray {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.kind == ArrayKind::Uint8 || to.is_human_readable() {
            return to.serialize_bytes(&self.bytes);
        }
        let bytes = serde_bytes::Bytes::new(&self.bytes);
        to.serialize_newtype_variant(extension::TYPED_ARRAY, self.kind as u32, self.kind.name(), bytes)
    }
}

impl<'de> Deserialize<'de> for TypedArray {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<TypedArray, D::Error> {
        match Value::deserialize(from)? {
            Value::TypedArray(array) => Ok(array),
            Value::Bytes(bytes) => Ok(TypedArray { kind: ArrayKind::Uint8, bytes: bytes.0 }),
            other => Err(de::Error::custom(format_args!("expected a typed array, found {}", other.words()))),
        }
    }
}
