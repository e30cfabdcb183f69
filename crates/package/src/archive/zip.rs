//! The reader of zip files: strict, and bounded before anything is kept.
//!
//! A zip says everything twice, in a directory at its end and before each file, and readers disagree about which of the two
//! counts, about bytes that neither mentions and about comments that look like directories. So both have to say the same,
//! files follow each other without a gap, and the directory stands at the very end. What usual tools write is like this.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::DeflateDecoder;

use super::Stored;
use super::tree::{Kind, Tree, shown};
use super::walk::{Found, Visit};
use crate::limits;
use crate::problem::{Gathered, Problem};
use crate::size::show;

#[cfg(test)]
mod tests;

const END: u32 = 0x0605_4b50;
const IN_DIRECTORY: u32 = 0x0201_4b50;
const BEFORE_FILE: u32 = 0x0403_4b50;

/// Bytes of the record at the end, without a comment.
const END_LENGTH: u64 = 22;

/// Bytes of what stands before a file, without its name.
const HEADER_LENGTH: u64 = 30;

/// The most bytes behind a file that repeat its lengths.
const DESCRIPTOR: u64 = 24;

/// What the operating systems of Unix call the kinds of files.
const KIND_MASK: u32 = 0o170_000;

/// Reads a zip and takes each file to `visit`. Every bad entry is a problem and the pass goes on; an error means that it
/// cannot be read as a zip.
pub(super) fn walk(path: &Path, visit: &mut Visit<'_>, problems: &mut Gathered) -> io::Result<()> {
    // Opening a named pipe would wait for a writer, so the kind is asked first.
    let facts = std::fs::metadata(path)?;
    if !facts.is_file() {
        return Err(wrong("it is not a regular file"));
    }
    let length = facts.len();
    if limits::ARCHIVE < length {
        return Err(wrong(&format!("it is longer than {}", show(limits::ARCHIVE))));
    }
    let mut file = File::open(path)?;
    check_start(&mut file)?;
    let (entries, directory) = directory(&mut file, length)?;
    let starts = starts(&mut file, &entries, directory)?;
    let bound = length.saturating_mul(limits::RATIO).clamp(limits::RATIO_FLOOR, limits::ARCHIVE);
    let unpacked = entries.iter().fold(0, |sum: u64, entry| sum.saturating_add(entry.length));
    if bound < unpacked {
        return Err(wrong(&format!("it unpacks to more than {}", show(bound))));
    }
    let mut tree = Tree::default();
    for (entry, start) in entries.iter().zip(starts) {
        let accepted = entry.check().and_then(|kind| tree.accept(&entry.name, kind, entry.length));
        let name = match accepted {
            Ok(Some(name)) => name,
            Ok(None) => continue,
            Err(message) => {
                problems.push(Problem::new(shown(&entry.name), message));
                continue;
            }
        };
        let deflated = (entry.method == DEFLATED).then_some(entry.packed);
        let found = Found { name: &name, offset: start, length: entry.length, deflated };
        let mut checksum = flate2::Crc::new();
        read(&mut file, found, &mut |bytes| {
            let mut summed = Summed { bytes, checksum: &mut checksum };
            visit(found, &mut summed)?;
            Ok(Stored { offset: start, length: entry.length, checksum: 0, deflated })
        })?;
        if checksum.sum() != entry.checksum {
            problems.push(Problem::new(&name, "the file is damaged: its bytes do not have their checksum"));
        }
    }
    Ok(())
}

/// Reads the bytes of one file: all of them and no more.
pub(super) fn read(
    file: &mut File,
    found: Found<'_>,
    take: &mut dyn FnMut(&mut dyn Read) -> io::Result<Stored>,
) -> io::Result<Stored> {
    file.seek(SeekFrom::Start(found.offset))?;
    let Some(packed) = found.deflated else { return take(&mut file.take(found.length)) };
    let mut inflated = DeflateDecoder::new(BufReader::new(file.take(packed)));
    let stored = take(&mut (&mut inflated).take(found.length))?;
    let mut more = [0];
    if inflated.read(&mut more)? != 0 || inflated.total_in() != packed {
        return Err(wrong("a file is longer than the directory says"));
    }
    Ok(stored)
}

/// Bytes that are summed up on their way.
struct Summed<'s> {
    bytes: &'s mut dyn Read,
    checksum: &'s mut flate2::Crc,
}

impl Read for Summed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.bytes.read(into)?;
        self.checksum.update(into.get(..length).unwrap_or_default());
        Ok(length)
    }
}

/// What the directory says of a file.
struct Entry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    checksum: u32,
    packed: u64,
    length: u64,
    /// The kind of file, if it was packed on Unix.
    unix: Option<u32>,
    /// Where the header before it is.
    header: u64,
}

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Flags of what is encrypted, wholly or in part.
const ENCRYPTED: u16 = 0x0001 | 0x0040 | 0x2000;

impl Entry {
    /// The kind of an entry that may be in a package.
    fn check(&self) -> Result<Kind, String> {
        if self.flags & ENCRYPTED != 0 {
            return Err("the entry is encrypted".to_owned());
        }
        if self.method != STORED && self.method != DEFLATED {
            return Err(format!("the entry is compressed by method {}, expected deflate", self.method));
        }
        if self.method == STORED && self.packed != self.length {
            return Err("the entry has two lengths".to_owned());
        }
        let is_folder = self.name.ends_with(b"/");
        match self.unix.map(|mode| mode & KIND_MASK) {
            None | Some(0) => {}
            Some(0o100_000) if !is_folder => {}
            Some(0o040_000) if is_folder => {}
            Some(0o120_000) => {
                return Err("the entry is a symbolic link, expected a regular file or a folder".to_owned());
            }
            Some(_) => {
                return Err(
                    "the entry is neither a regular file nor a folder, or not what its name says".to_owned()
                );
            }
        }
        Ok(if is_folder { Kind::Folder } else { Kind::File })
    }
}

/// A file of another kind is told by how it starts.
fn check_start(file: &mut File) -> io::Result<()> {
    let mut start = Vec::new();
    file.take(4).read_to_end(&mut start)?;
    let magic = Bytes(&start).u32().ok();
    if [BEFORE_FILE, END].map(Some).contains(&magic) { Ok(()) } else { Err(wrong("it is no zip")) }
}

/// What the directory says of each file, and where it begins.
fn directory(file: &mut File, length: u64) -> io::Result<(Vec<Entry>, u64)> {
    let start = length.checked_sub(END_LENGTH).ok_or_else(|| wrong("it is too short for a zip"))?;
    let mut end = [0; END_LENGTH as usize];
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(&mut end)?;
    let mut end = Bytes(&end);
    let (magic, disk, first_disk) = (end.u32()?, end.u16()?, end.u16()?);
    let (here, count) = (end.u16()?, end.u16()?);
    let (size, offset, comment) = (u64::from(end.u32()?), u64::from(end.u32()?), end.u16()?);
    if magic != END || comment != 0 {
        return Err(wrong("it is cut short, or has a comment or other bytes behind its end"));
    }
    if (disk, first_disk, here) != (0, 0, count) {
        return Err(wrong("it is one of several parts"));
    }
    if limits::ENTRIES < usize::from(count) {
        return Err(wrong(&format!("it has more than {} entries", limits::ENTRIES)));
    }
    if limits::ZIP_DIRECTORY < size {
        return Err(wrong(&format!("its directory is longer than {}", show(limits::ZIP_DIRECTORY))));
    }
    if offset + size != start {
        return Err(wrong("its directory is not where its end says"));
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    file.take(size).read_to_end(&mut bytes)?;
    let mut bytes = Bytes(&bytes);
    let entries = (0..count).map(|_| entry(&mut bytes)).collect::<io::Result<Vec<_>>>()?;
    if !bytes.0.is_empty() {
        return Err(wrong("its directory holds more than its files"));
    }
    Ok((entries, offset))
}

fn entry(bytes: &mut Bytes<'_>) -> io::Result<Entry> {
    if bytes.u32()? != IN_DIRECTORY {
        return Err(wrong("its directory is broken"));
    }
    let made_by = bytes.u16()?;
    let _needed = bytes.u16()?;
    let (flags, method) = (bytes.u16()?, bytes.u16()?);
    let _time_and_date = bytes.u32()?;
    let (checksum, packed, length) = (bytes.u32()?, bytes.u32()?, bytes.u32()?);
    let (name, extra, comment) = (bytes.u16()?, bytes.u16()?, bytes.u16()?);
    let disk = bytes.u16()?;
    let _internal = bytes.u16()?;
    let (external, header) = (bytes.u32()?, bytes.u32()?);
    let name = bytes.take(usize::from(name))?.to_vec();
    bytes.take(usize::from(extra))?;
    bytes.take(usize::from(comment))?;
    if [packed, length, header].contains(&u32::MAX) || disk != 0 {
        return Err(wrong("it is a zip of the large kind (zip64)"));
    }
    const UNIX: u16 = 3;
    let unix = (made_by >> 8 == UNIX).then_some(external >> 16);
    let (packed, length, header) = (packed.into(), length.into(), header.into());
    Ok(Entry { name, flags, method, checksum, packed, length, unix, header })
}

/// Where the bytes of each file start. What stands before each has to say the same as the directory.
fn starts(file: &mut File, entries: &[Entry], directory: u64) -> io::Result<Vec<u64>> {
    let mut starts = Vec::with_capacity(entries.len());
    let mut places = Vec::with_capacity(entries.len());
    for entry in entries {
        let mut header = [0; HEADER_LENGTH as usize];
        file.seek(SeekFrom::Start(entry.header))?;
        file.read_exact(&mut header)?;
        let mut bytes = Bytes(&header);
        let magic = bytes.u32()?;
        let _needed = bytes.u16()?;
        let (flags, method) = (bytes.u16()?, bytes.u16()?);
        let _time_and_date = bytes.u32()?;
        let (checksum, packed, length) = (bytes.u32()?, bytes.u32()?, bytes.u32()?);
        let (name_length, extra) = (bytes.u16()?, bytes.u16()?);
        let mut name = Vec::new();
        file.take(u64::from(name_length)).read_to_end(&mut name)?;
        // Who writes a stream knows these three only behind the file.
        let is_stream = flags & 0x0008 != 0;
        let told = (checksum, u64::from(packed), u64::from(length));
        let is_same = told == (entry.checksum, entry.packed, entry.length) || is_stream;
        if magic != BEFORE_FILE
            || name != entry.name
            || method != entry.method
            || flags != entry.flags
            || !is_same
        {
            return Err(wrong("what it says before a file is not what its directory says"));
        }
        let start = entry.header + HEADER_LENGTH + u64::from(name_length) + u64::from(extra);
        starts.push(start);
        places.push((entry.header, start + entry.packed));
    }
    places.sort_unstable();
    let mut at = 0;
    for (header, end) in places.into_iter().chain([(directory, directory)]) {
        if header < at || DESCRIPTOR < header - at {
            return Err(wrong("its files overlap, or it holds bytes that belong to none"));
        }
        at = end;
    }
    Ok(starts)
}

/// Numbers from bytes, the lowest first.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> io::Result<&'b [u8]> {
        let (taken, rest) =
            self.0.split_at_checked(length).ok_or_else(|| wrong("its directory is cut short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn u16(&mut self) -> io::Result<u16> {
        Ok(self.take(2)?.iter().rev().fold(0, |number, byte| (number << 8) | u16::from(*byte)))
    }

    fn u32(&mut self) -> io::Result<u32> {
        Ok(self.take(4)?.iter().rev().fold(0, |number, byte| (number << 8) | u32::from(*byte)))
    }
}

fn wrong(words: &str) -> io::Error {
    io::Error::other(words.to_owned())
}
