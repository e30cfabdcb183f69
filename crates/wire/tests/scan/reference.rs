//! The scan once more, by other means: recursive, without a reader of its own, and as simple as can be. It knows nothing of
//! offsets and errors, only what a value is.

use plughold_protocol::value;

/// What a value contains: its references by kind and ID, and its nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Contents {
    pub(crate) references: Vec<(i8, u64)>,
    pub(crate) nodes: usize,
    pub(crate) depth: usize,
}

/// What the one value in `bytes` contains; none if that is not exactly one value.
pub(crate) fn contents(bytes: &[u8]) -> Option<Contents> {
    let mut contents = Contents::default();
    let rest = walk(bytes, 0, &mut contents)?;
    rest.is_empty().then_some(contents)
}

/// Walks through one value with so many levels around it, and gives what follows it.
fn walk<'b>(bytes: &'b [u8], depth: usize, contents: &mut Contents) -> Option<&'b [u8]> {
    // The stack is no place for deep values; whoever asks has a bound below this.
    if 1_000 < depth {
        return None;
    }
    contents.nodes += 1;
    let (marker, rest) = bytes.split_first()?;
    match marker {
        0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => Some(rest),
        0x80..=0x8f => map(rest, usize::from(marker & 15), depth, contents),
        0x90..=0x9f => array(rest, usize::from(marker & 15), depth, contents),
        0xa0..=0xbf => text(rest, usize::from(marker & 31)),
        0xc1 => None,
        0xc4..=0xc6 => {
            let (length, rest) = number(rest, 1 << (marker - 0xc4))?;
            rest.get(length..)
        }
        0xc7..=0xc9 => {
            let (length, rest) = number(rest, 1 << (marker - 0xc7))?;
            extension(rest, length, depth, contents)
        }
        0xca | 0xce | 0xd2 => rest.get(4..),
        0xcb | 0xcf | 0xd3 => rest.get(8..),
        0xcc | 0xd0 => rest.get(1..),
        0xcd | 0xd1 => rest.get(2..),
        0xd4..=0xd8 => extension(rest, 1 << (marker - 0xd4), depth, contents),
        0xd9..=0xdb => {
            let (length, rest) = number(rest, 1 << (marker - 0xd9))?;
            text(rest, length)
        }
        0xdc | 0xdd => {
            let (length, rest) = number(rest, 2 << (marker - 0xdc))?;
            array(rest, length, depth, contents)
        }
        0xde | 0xdf => {
            let (length, rest) = number(rest, 2 << (marker - 0xde))?;
            map(rest, length, depth, contents)
        }
    }
}

/// A length in so many bytes, the highest first.
fn number(bytes: &[u8], width: usize) -> Option<(usize, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(width)?;
    Some((digits.iter().fold(0, |number, digit| number << 8 | usize::from(*digit)), rest))
}

fn text(bytes: &[u8], length: usize) -> Option<&[u8]> {
    let (text, rest) = bytes.split_at_checked(length)?;
    str::from_utf8(text).is_ok().then_some(rest)
}

fn array<'b>(mut bytes: &'b [u8], length: usize, depth: usize, contents: &mut Contents) -> Option<&'b [u8]> {
    contents.depth = contents.depth.max(depth + 1);
    for _ in 0..length {
        bytes = walk(bytes, depth + 1, contents)?;
    }
    Some(bytes)
}

fn map<'b>(mut bytes: &'b [u8], length: usize, depth: usize, contents: &mut Contents) -> Option<&'b [u8]> {
    contents.depth = contents.depth.max(depth + 1);
    for _ in 0..length {
        let is_text = matches!(bytes.first()?, 0xa0..=0xbf | 0xd9..=0xdb);
        if !is_text {
            return None;
        }
        bytes = walk(bytes, depth + 1, contents)?;
        bytes = walk(bytes, depth + 1, contents)?;
    }
    Some(bytes)
}

/// The kind, and a payload of this length.
fn extension<'b>(bytes: &'b [u8], length: usize, depth: usize, contents: &mut Contents) -> Option<&'b [u8]> {
    let (kind, rest) = bytes.split_first()?;
    let (payload, rest) = rest.split_at_checked(length)?;
    let kind = *kind as i8;
    let inner = match kind {
        value::FUNCTION | value::STREAM | value::HOME => {
            contents.references.push((kind, u64::from_le_bytes(payload.try_into().ok()?)));
            return Some(rest);
        }
        value::OBJECT => {
            let (id, description) = payload.split_first_chunk::<8>()?;
            contents.references.push((kind, u64::from_le_bytes(*id)));
            description
        }
        value::ERROR | value::MAP | value::SET | value::REGEXP => payload,
        value::UNDEFINED | value::SIGNAL => return (length == 1).then_some(rest),
        value::BIGINT => return matches!(payload.first()?, 0 | 1).then_some(rest),
        value::TYPED_ARRAY => return value::ARRAY_TYPES.get(usize::from(*payload.first()?)).map(|_| rest),
        value::TIMESTAMP => return value::timestamp_milliseconds(payload).map(|_| rest),
        _ => return None,
    };
    contents.depth = contents.depth.max(depth + 1);
    walk(inner, depth + 1, contents)?.is_empty().then_some(rest)
}
