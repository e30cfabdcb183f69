//! How a JavaScript value is written.
//!
//! Plain data is plain MessagePack. Everything else is an extension value, so that no string, array or object in a
//! plugin's data can ever be taken for a function: a reference is a kind of value that data cannot imitate.
//!
//! | JavaScript | MessagePack |
//! |---|---|
//! | `null` | nil |
//! | boolean | bool |
//! | number, whole and within ±(2^53 − 1), not −0 | the shortest integer |
//! | any other number | float64 |
//! | string | str, with lone surrogates as U+FFFD |
//! | `new String('x')` and the like | the primitive in it |
//! | array | array; holes are `undefined`, and names besides the elements are left out |
//! | plain object: prototype `Object.prototype` or null | map with string keys, own enumerable properties in order; getters are read |
//! | `Uint8Array` | bin |
//! | `Date` | the timestamp extension −1; an invalid one is refused |
//! | `Map`, `Set`, `RegExp`, errors, buffers and views of them, also of classes derived from these | an extension of the kinds below |
//! | function | a reference |
//! | instance of any other class | a reference to an object |
//! | symbols, promises, iterators, weak collections, shared buffers, what contains itself | refused |
//!
//! Symbols as keys are left out, and `toJSON` is a name like any other. Decoding gives back the same kinds, with these
//! exceptions: an error is of its own class if the language has it, else an `Error` with that name; and a date beyond what
//! a `Date` can say is an invalid one.

/// A function of the sender: its event ID, 8 bytes little-endian.
pub const FUNCTION: i8 = 1;

/// An object of the sender, known by reference: its event ID, 8 bytes little-endian, then a value that describes it: an
/// array of its class's name, the names of its methods, the names of its accessors, and `true` if its methods block the
/// caller instead of promising (missing or `false` otherwise).
pub const OBJECT: i8 = 2;

/// A stream of the sender, a series of values: its id, 8 bytes little-endian.
pub const STREAM: i8 = 3;

/// `undefined`: one byte, zero.
pub const UNDEFINED: i8 = 4;

/// A BigInt: its sign byte (0 or 1 for negative), then its magnitude, little-endian.
pub const BIGINT: i8 = 5;

/// An error: a map value with `name`, `message`, `stack`, `code`, `cause` and the error's own fields.
pub const ERROR: i8 = 6;

/// A typed array other than `Uint8Array`, a `DataView` or an `ArrayBuffer`: a byte for its type (see [`ARRAY_TYPES`]), then its bytes.
pub const TYPED_ARRAY: i8 = 7;

/// A `Map`: an array value of keys and values in turn.
pub const MAP: i8 = 8;

/// A `Set`: an array value.
pub const SET: i8 = 9;

/// A regular expression: an array value of source and flags.
pub const REGEXP: i8 = 10;

/// A function or object of the *receiver* that comes home: its event ID, 8 bytes little-endian.
pub const HOME: i8 = 11;

/// The abort signal of the call in whose arguments it stands: one byte, zero. The callee makes a signal of it that a
/// [`Cancel`](crate::Message::Cancel) of this call aborts.
pub const SIGNAL: i8 = 12;

/// A date: MessagePack's own timestamp extension, in its form of 12 bytes.
pub const TIMESTAMP: i8 = -1;

/// The names of the classes by the number in [`TYPED_ARRAY`].
pub const ARRAY_TYPES: &[&str] = &[
    "Uint8Array",
    "Int8Array",
    "Uint8ClampedArray",
    "Int16Array",
    "Uint16Array",
    "Int32Array",
    "Uint32Array",
    "BigInt64Array",
    "BigUint64Array",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "DataView",
    "ArrayBuffer",
];

/// The largest whole number that a JavaScript number holds exactly.
pub const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// Where in the payload of an extension a value begins that must be walked as well; none if it holds none.
pub fn value_offset(kind: i8) -> Option<usize> {
    match kind {
        ERROR | MAP | SET | REGEXP => Some(0),
        OBJECT => Some(ID),
        _ => None,
    }
}

/// Bytes of an event ID at the beginning of the payload of a reference.
pub const ID: usize = 8;

/// The event ID at the beginning of the payload of a reference, or none when the payload is too short or too long.
pub fn reference_id(kind: i8, payload: &[u8]) -> Option<u64> {
    let (id, rest) = payload.split_first_chunk::<ID>()?;
    (rest.is_empty() != (kind == OBJECT)).then(|| u64::from_le_bytes(*id))
}

/// Whether an extension of this kind is a reference to something live.
pub fn is_reference(kind: i8) -> bool {
    matches!(kind, FUNCTION | OBJECT | STREAM | HOME)
}

/// The payload of the timestamp extension, 12 bytes: nanoseconds, then seconds since 1970.
pub fn timestamp(milliseconds: i64) -> [u8; 12] {
    let mut payload = [0; 12];
    let nanoseconds = (milliseconds.rem_euclid(1_000) * 1_000_000) as u32;
    let (head, tail) = payload.split_at_mut(4);
    head.copy_from_slice(&nanoseconds.to_be_bytes());
    tail.copy_from_slice(&milliseconds.div_euclid(1_000).to_be_bytes());
    payload
}

/// Milliseconds since 1970 of a timestamp extension in any of MessagePack's three forms, or none when the payload is
/// not one.
pub fn timestamp_milliseconds(payload: &[u8]) -> Option<i64> {
    match payload.len() {
        4 => Some(i64::from(u32::from_be_bytes(payload.try_into().ok()?)) * 1_000),
        8 => {
            let both = u64::from_be_bytes(payload.try_into().ok()?);
            let (nanoseconds, seconds) = ((both >> 34) as i64, (both & 0x3_ffff_ffff) as i64);
            Some(seconds * 1_000 + nanoseconds / 1_000_000)
        }
        12 => {
            let (head, tail) = payload.split_at(4);
            let nanoseconds = i64::from(u32::from_be_bytes(head.try_into().ok()?));
            let seconds = i64::from_be_bytes(tail.try_into().ok()?);
            seconds.checked_mul(1_000)?.checked_add(nanoseconds / 1_000_000)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_come_home_before_and_after_1970() {
        for milliseconds in [0, 1, -1, 999, -999, 1_000, 1_700_000_000_123, -62_135_596_800_000] {
            assert_eq!(timestamp_milliseconds(&timestamp(milliseconds)), Some(milliseconds));
        }
        assert_eq!(timestamp_milliseconds(&[0, 0, 0, 2]), Some(2_000));
        assert_eq!(timestamp_milliseconds(&[1; 5]), None);
        let mut overflowing = timestamp(0);
        overflowing[4..].copy_from_slice(&i64::MAX.to_be_bytes());
        assert_eq!(timestamp_milliseconds(&overflowing), None);
    }
}
