//! The bytes of an archive, unpacked, up to a bound.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::limits;
use crate::size::show;

/// What every gzip file starts with. Joplin packs some archives with it under the same extension.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads the tar in an archive and stops with an error at the bound: a bomb never unpacks further than that.
pub(super) struct Stream {
    bytes: Bytes,
    /// What may still be read.
    left: u64,
    /// What may be read in all, for the message.
    bound: u64,
}

enum Bytes {
    Plain(BufReader<File>),
    Gzip(Box<MultiGzDecoder<BufReader<File>>>),
}

impl Stream {
    /// Opens an archive, which must be a regular file of at most [`limits::ARCHIVE`].
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Opening a named pipe would wait for a writer, so the kind is asked first.
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        let length = metadata.len();
        if limits::ARCHIVE < length {
            return Err(io::Error::other(format!("it is longer than {}", show(limits::ARCHIVE))));
        }
        let mut file = File::open(path)?;
        let mut magic = Vec::new();
        (&mut file).take(GZIP.len() as u64).read_to_end(&mut magic)?;
        file.seek(SeekFrom::Start(0))?;
        let file = BufReader::new(file);
        Ok(if magic == GZIP {
            let bound = length.saturating_mul(limits::RATIO).clamp(limits::RATIO_FLOOR, limits::ARCHIVE);
            Self { bytes: Bytes::Gzip(Box::new(MultiGzDecoder::new(file))), left: bound, bound }
        } else {
            Self { bytes: Bytes::Plain(file), left: limits::ARCHIVE, bound: limits::ARCHIVE }
        })
    }

    /// Goes on to an offset from the start. Nothing may have been read before.
    pub(super) fn skip(&mut self, offset: u64) -> io::Result<()> {
        if let Bytes::Plain(file) = &mut self.bytes {
            file.seek(SeekFrom::Start(offset))?;
            return Ok(());
        }
        match io::copy(&mut self.take(offset), &mut io::sink())? {
            skipped if skipped == offset => Ok(()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // One byte more than allowed is asked for, to tell the end of the archive from the bound.
        let room = usize::try_from(self.left.saturating_add(1)).unwrap_or(usize::MAX).min(into.len());
        let into = into.get_mut(..room).unwrap_or_default();
        let read = match &mut self.bytes {
            Bytes::Plain(file) => file.read(into)?,
            Bytes::Gzip(decoder) => decoder.read(into)?,
        };
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None if self.bound < limits::ARCHIVE => {
                return Err(io::Error::other(format!(
                    "it unpacks to more than {} times its size",
                    limits::RATIO
                )));
            }
            None => return Err(io::Error::other(format!("it unpacks to more than {}", show(self.bound)))),
        }
        Ok(read)
    }
}
