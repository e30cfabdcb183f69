//! The terminal of whoever started the command, for questions: read without waiting for ever, so that Ctrl-C is heard.

use rustix::fs::OFlags;
use rustix::termios::{QueueSelector, tcflush};
use std::fs::OpenOptions;
use std::io::{self, IsTerminal};
use std::os::unix::fs::OpenOptionsExt;
use tokio::net::unix::pipe::Receiver;

/// Bytes of one answer. Whoever writes more has not understood the question.
const LINE: usize = 1_024;

/// A terminal on which somebody can be asked.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// Waits for a terminal just as it does for a pipe.
    typed: Receiver,
}

impl Terminal {
    /// Whether there is one: somebody sees standard error and can type.
    pub(crate) fn is_there() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Opens it, inside of a runtime.
    pub(crate) fn open() -> io::Result<Terminal> {
        // Opened anew, because the way of reading is shared by all who hold one opening, the shell among them.
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(i32::try_from(flags.bits()).unwrap_or_default())
            .open("/proc/self/fd/0")?;
        Ok(Terminal { typed: Receiver::from_file_unchecked(file)? })
    }

    /// Forgets what was typed before anybody was asked: it answers another question.
    pub(crate) fn forget_typed(&self) {
        // Then it is taken for an answer, and most likely for none.
        let _ = tcflush(&self.typed, QueueSelector::IFlush);
    }

    /// The next line that is typed, without its end. None when nothing can be typed any more.
    pub(crate) async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            self.typed.readable().await?;
            let mut line = [0; LINE];
            // A terminal gives one line at most.
            match self.typed.try_read(&mut line) {
                Ok(0) => return Ok(None),
                Ok(length) => {
                    let line = line.get(..length).unwrap_or_default();
                    return Ok(Some(String::from_utf8_lossy(line).trim().to_owned()));
                }
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
                Err(error) => return Err(error),
            }
        }
    }
}
