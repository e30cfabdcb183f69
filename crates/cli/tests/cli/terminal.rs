//! The command at a real terminal, with somebody who reads and types.

use crate::support::{DEADLINE, runtime_folder};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A command whose input, output and errors are a terminal. Dropping it kills it.
pub(crate) struct AtTerminal {
    child: Child,
    screen: File,
    /// Everything that was shown.
    shown: String,
    /// How much of it was asked for already.
    seen: usize,
}

impl AtTerminal {
    /// Starts the command in a folder, with another folder for what it remembers.
    pub(crate) fn start(folder: &Path, state: &Path, args: &[&str]) -> AtTerminal {
        AtTerminal::start_sized(folder, state, args, (0, 0))
    }

    /// The same with so many columns and rows. A terminal that does not know them says that it has none.
    pub(crate) fn start_sized(folder: &Path, state: &Path, args: &[&str], size: (u16, u16)) -> AtTerminal {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let name = ptsname(&screen, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let end = open(&name, flags, Mode::empty()).unwrap();
        let size = Winsize { ws_col: size.0, ws_row: size.1, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&end, size).unwrap();
        let stdio = || Stdio::from(end.try_clone().unwrap());
        let child = Command::new(env!("CARGO_BIN_EXE_plughold"))
            .args(args)
            .current_dir(folder)
            .env("XDG_STATE_HOME", state)
            .env("XDG_RUNTIME_DIR", runtime_folder())
            .env("NO_COLOR", "1")
            .env("TERM", "xterm")
            .stdin(stdio())
            .stdout(stdio())
            .stderr(stdio())
            .process_group(0)
            .spawn()
            .unwrap();
        AtTerminal { child, screen: File::from(screen), shown: String::new(), seen: 0 }
    }

    /// Waits until these words are shown, behind those that were waited for before.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, words: &str) {
        while !self.shown[self.seen..].contains(words) {
            assert!(self.read(), "no {words:?} in\n{}", self.shown);
        }
        self.seen += self.shown[self.seen..].find(words).unwrap() + words.len();
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        self.type_bytes(format!("{line}\n").as_bytes());
    }

    /// Presses keys.
    pub(crate) fn type_bytes(&mut self, bytes: &[u8]) {
        self.screen.write_all(bytes).unwrap();
    }

    /// Waits for its end: the exit code, and everything that was shown.
    #[track_caller]
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        while self.read() {}
        (self.child.wait().unwrap().code(), std::mem::take(&mut self.shown))
    }

    /// Its process, which leads a group of its own.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads what is shown next. False when nothing will be.
    #[track_caller]
    fn read(&mut self) -> bool {
        let deadline = Timespec::try_from(DEADLINE).unwrap();
        let mut fds = [PollFd::new(&self.screen, PollFlags::IN)];
        assert_ne!(poll(&mut fds, Some(&deadline)).unwrap(), 0, "nothing is shown behind\n{}", self.shown);
        let mut bytes = [0; 4096];
        match self.screen.read(&mut bytes) {
            Ok(0) => false,
            Ok(length) => {
                self.shown.push_str(&String::from_utf8_lossy(&bytes[..length]).replace('\r', ""));
                true
            }
            // The other end is closed by everybody.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => false,
            Err(error) if error.kind() == ErrorKind::Interrupted => true,
            Err(error) => panic!("{error}"),
        }
    }
}

impl Drop for AtTerminal {
    fn drop(&mut self) {
        // It has ended already, mostly.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
