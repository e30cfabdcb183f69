//! Compressed bytes, in the three forms of the deflate algorithm.

use super::{argument, bytes_at, check_room};
use crate::engine::function::Native;
use crate::engine::{Js, Kind, Value};
use crate::session::Session;
use crate::thrown;
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::read::{DeflateDecoder, ZlibDecoder};
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use std::io::{self, ErrorKind, Read, Write};

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[
    Native { name: "deflate", length: 3, run: deflate },
    Native { name: "inflate", length: 3, run: inflate },
    Native { name: "crc32", length: 2, run: crc32 },
];

/// Bytes that are unpacked at once.
const PIECE: usize = 32 << 10;

/// What the form gzip begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What the algorithm itself keeps, in bytes.
const WORK: usize = 512 << 10;

/// The form around the compressed bytes. The numbers are those of `zlib.js`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Raw,
    Zlib,
    Gzip,
}

impl Form {
    fn of(number: &Value) -> Form {
        match number.kind() {
            Kind::Int(0) => Form::Raw,
            Kind::Int(2) => Form::Gzip,
            _ => Form::Zlib,
        }
    }
}

/// `deflate(form, bytes, level)`: compressed bytes; the level is 0 to 9.
fn deflate(_: &Session, arguments: &[Value]) -> Js {
    let (form, bytes) = (Form::of(&argument(arguments, 0)), bytes_at(arguments, 1)?);
    let level = argument(arguments, 2).as_number().unwrap_or(6.0).clamp(0.0, 9.0) as u32;
    check_room(bytes.len() + bytes.len() / 8 + WORK)?;
    match packed(form, &bytes, Compression::new(level)) {
        Ok(packed) => Value::bytes(&packed),
        Err(error) => Err(failure(&error)),
    }
}

fn packed(form: Form, bytes: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    match form {
        Form::Raw => {
            let mut encoder = DeflateEncoder::new(Vec::new(), level);
            encoder.write_all(bytes)?;
            encoder.finish()
        }
        Form::Zlib => {
            let mut encoder = ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(bytes)?;
            encoder.finish()
        }
        Form::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(bytes)?;
            encoder.finish()
        }
    }
}

/// `inflate(form, bytes, most)`: what was compressed, of at most `most` bytes.
fn inflate(_: &Session, arguments: &[Value]) -> Js {
    let (form, bytes) = (Form::of(&argument(arguments, 0)), bytes_at(arguments, 1)?);
    let most = argument(arguments, 2).as_number().unwrap_or(f64::INFINITY);
    check_room(WORK)?;
    match form {
        Form::Raw => unpacked(DeflateDecoder::new(bytes.as_slice()), most),
        Form::Zlib => unpacked(ZlibDecoder::new(bytes.as_slice()), most),
        Form::Gzip => Members::of(&bytes).and_then(|members| unpacked(members, most)),
    }
}

/// What the forms with the name gzip are made of: one after the other, and zeros behind the last as padding.
struct Members<'b> {
    current: GzDecoder<&'b [u8]>,
}

impl<'b> Members<'b> {
    fn of(bytes: &'b [u8]) -> Js<Members<'b>> {
        let current = member(bytes).map_err(|error| failure(&error))?;
        Ok(Members { current })
    }
}

/// The one that begins here, if it begins as one.
fn member(bytes: &[u8]) -> io::Result<GzDecoder<&[u8]>> {
    let is_one = bytes.iter().zip(&MAGIC).all(|(found, expected)| found == expected);
    if is_one { Ok(GzDecoder::new(bytes)) } else { Err(ErrorKind::InvalidData.into()) }
}

impl Read for Members<'_> {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.current.read(piece)?;
            let rest = *self.current.get_ref();
            if 0 < count || rest.first().is_none_or(|byte| *byte == 0) {
                return Ok(count);
            }
            self.current = member(rest)?;
        }
    }
}

fn unpacked(mut decoder: impl Read, most: f64) -> Js {
    let (mut whole, mut piece) = (Vec::new(), vec![0; PIECE]);
    loop {
        let count = decoder.read(&mut piece).map_err(|error| failure(&error))?;
        if count == 0 {
            break;
        }
        if most < (whole.len() + count) as f64 {
            let words = format!("Cannot create a Buffer larger than {most} bytes");
            return Err(thrown::coded("ERR_BUFFER_TOO_LARGE", &words));
        }
        // The list may be twice as long while it grows, and is copied once more to the engine.
        check_room(2 * whole.len() + PIECE)?;
        whole.extend_from_slice(&piece[..count]);
    }
    check_room(whole.len())?;
    Value::bytes(&whole)
}

/// As zlib says it.
fn failure(error: &io::Error) -> crate::engine::Thrown {
    match error.kind() {
        ErrorKind::UnexpectedEof => thrown::coded("Z_BUF_ERROR", "unexpected end of file"),
        _ => thrown::coded("Z_DATA_ERROR", "incorrect header check, or data that is damaged"),
    }
}

/// `crc32(bytes, before)`: the sum of the bytes behind those that gave `before`.
fn crc32(_: &Session, arguments: &[Value]) -> Js {
    let bytes = bytes_at(arguments, 0)?;
    let before = argument(arguments, 1).as_number().unwrap_or_default() as u32;
    let mut sum = !before;
    for byte in bytes {
        sum ^= u32::from(byte);
        for _ in 0..8 {
            sum = sum >> 1 ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    Ok(Value::number(f64::from(!sum)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_comes_back_whole() {
        let text = b"to be or not to be, ".repeat(100);
        let level = Compression::default();
        let unpack = |mut decoder: Box<dyn Read>| {
            let mut whole = Vec::new();
            decoder.read_to_end(&mut whole).unwrap();
            whole
        };
        let packed = |form| {
            let packed = packed(form, &text, level).unwrap();
            assert!(packed.len() < text.len() / 10, "{} bytes", packed.len());
            io::Cursor::new(packed)
        };
        assert_eq!(unpack(Box::new(DeflateDecoder::new(packed(Form::Raw)))), text);
        assert_eq!(unpack(Box::new(ZlibDecoder::new(packed(Form::Zlib)))), text);
        let gzip = packed(Form::Gzip).into_inner();
        assert_eq!(unpack(Box::new(GzDecoder::new(io::Cursor::new(gzip)))), text);
    }
}
