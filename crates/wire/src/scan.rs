//! The scan: one iterative walk over a value that another process wrote, before anybody decodes it.
//!
//! A decoder that recurses can be made to overflow the stack by a kilobyte of nested arrays, and one that builds a tree
//! by a megabyte of them to take 75 times as much memory. Decoders that buffer (serde's `flatten`, untagged enums) can
//! even be made to see an array as a reference. So every value is walked once, without recursion and without
//! allocation but for the references found: bounds are checked, and the references it really contains are listed.
//! Whatever is decoded later may only use these.

use plughold_protocol::pack::{PackError, Reader, Token};
use plughold_protocol::{limits, value};
use std::ops::Range;

/// The bounds of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Levels of arrays, maps and extension values that hold values.
    pub depth: usize,
    /// Elements, keys and values together.
    pub nodes: usize,
    /// References.
    pub references: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { depth: limits::DEPTH, nodes: limits::NODES, references: limits::REFERENCES }
    }
}

/// What a value contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Each reference, in order, with repetitions.
    pub references: Vec<Reference>,
    /// Elements, keys and values together.
    pub nodes: usize,
}

/// One occurrence of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The kind of the extension: function, object, stream or home.
    pub kind: i8,
    /// The event ID.
    pub id: u64,
}

/// Why a value is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// Not MessagePack.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// Too deep.
    #[error("nested deeper than {0}")]
    Depth(usize),
    /// Too many elements.
    #[error("more than {0} elements")]
    Nodes(usize),
    /// Too many references.
    #[error("more than {0} references")]
    References(usize),
    /// A map key that is not text.
    #[error("a key that is {0}; a key is a string")]
    Key(&'static str),
    /// An extension of a kind that does not exist.
    #[error("an extension value of the unknown kind {0}")]
    Kind(i8),
    /// An extension whose payload is not what its kind needs.
    #[error("an extension value of kind {kind} with a payload of {length} bytes")]
    Payload {
        /// The kind.
        kind: i8,
        /// The payload's length.
        length: usize,
    },
    /// The payload of an extension is not exactly one value.
    #[error("an extension value whose payload does not end with its value, at offset {at}")]
    PayloadEnd {
        /// Where the payload ends.
        at: usize,
    },
    /// Arguments that are no array.
    #[error("arguments that are {0}; an array is expected")]
    NotArguments(&'static str),
    /// Bytes after the value.
    #[error("{0} bytes after the end of the value")]
    Trailing(usize),
}

/// One level of the walk: an array, a map, or the payload of an extension that holds one value.
#[derive(Clone, Copy)]
struct Level {
    /// Elements that are still to come; keys and values each count.
    left: u64,
    is_map: bool,
    /// Where the payload ends; none for arrays and maps.
    end: Option<usize>,
}

/// Walks the one value in `bytes`.
///
/// Returns what it contains, or the first thing that is wrong. Takes time linear in `bytes` and a fixed amount of
/// memory besides the list of references.
pub fn scan(bytes: &[u8], bounds: &Bounds) -> Result<Scan, ScanError> {
    walk(bytes, bounds, |_| {})
}

/// Walks an array of arguments, and says besides where each argument stands in `bytes`.
///
/// Returns [`ScanError::NotArguments`] when the value is no array, and otherwise what [`scan`] returns.
pub fn scan_arguments(bytes: &[u8], bounds: &Bounds) -> Result<(Scan, Vec<Range<usize>>), ScanError> {
    match Reader::new(bytes).token()? {
        Token::Array(_) => {}
        other => return Err(ScanError::NotArguments(other.kind())),
    }
    let mut starts = Vec::new();
    let scan = walk(bytes, bounds, |at| starts.push(at))?;
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    let ranges = starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect();
    Ok((scan, ranges))
}

/// `on_element` hears where each element of the outermost array or map begins.
fn walk(bytes: &[u8], bounds: &Bounds, mut on_element: impl FnMut(usize)) -> Result<Scan, ScanError> {
    let mut reader = Reader::new(bytes);
    let mut scan = Scan::default();
    let mut levels = vec![Level { left: 1, is_map: false, end: None }];
    while let Some(level) = levels.last_mut() {
        if level.left == 0 {
            match level.end {
                Some(end) if reader.position() != end => return Err(ScanError::PayloadEnd { at: end }),
                _ => levels.pop(),
            };
            continue;
        }
        level.left -= 1;
        let is_key = level.is_map && level.left % 2 == 1;
        if levels.len() == 2 {
            on_element(reader.position());
        }
        scan.nodes += 1;
        if bounds.nodes < scan.nodes {
            return Err(ScanError::Nodes(bounds.nodes));
        }
        let token = reader.token()?;
        if is_key && !matches!(token, Token::Text(_)) {
            return Err(ScanError::Key(token.kind()));
        }
        let inner = match token {
            Token::Array(length) => Level { left: u64::from(length), is_map: false, end: None },
            Token::Map(length) => Level { left: 2 * u64::from(length), is_map: true, end: None },
            Token::Extension(kind, payload) => {
                note_extension(kind, payload, bounds, &mut scan)?;
                let Some(offset) = value::value_offset(kind) else { continue };
                // The payload is part of the same bytes: go back to its start and check at its end.
                let end = reader.position();
                reader.seek(end - payload.len() + offset);
                Level { left: 1, is_map: false, end: Some(end) }
            }
            _ => continue,
        };
        levels.push(inner);
        if bounds.depth < levels.len() - 1 {
            return Err(ScanError::Depth(bounds.depth));
        }
    }
    match reader.remaining() {
        0 => Ok(scan),
        trailing => Err(ScanError::Trailing(trailing)),
    }
}

fn note_extension(kind: i8, payload: &[u8], bounds: &Bounds, scan: &mut Scan) -> Result<(), ScanError> {
    let wrong = Err(ScanError::Payload { kind, length: payload.len() });
    if value::is_reference(kind) {
        let Some(id) = value::reference_id(kind, payload) else { return wrong };
        if bounds.references <= scan.references.len() {
            return Err(ScanError::References(bounds.references));
        }
        scan.references.push(Reference { kind, id });
        return Ok(());
    }
    let fits = match kind {
        value::UNDEFINED | value::SIGNAL => payload.len() == 1,
        value::TIMESTAMP => value::timestamp_milliseconds(payload).is_some(),
        value::BIGINT => payload.first().is_some_and(|sign| *sign <= 1),
        value::TYPED_ARRAY => {
            payload.first().is_some_and(|kind| usize::from(*kind) < value::ARRAY_TYPES.len())
        }
        kind if value::value_offset(kind).is_some() => !payload.is_empty(),
        kind => return Err(ScanError::Kind(kind)),
    };
    if fits { Ok(()) } else { wrong }
}

#[cfg(test)]
mod tests;
