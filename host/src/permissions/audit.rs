//! A file with one line of JSON for each decision.
//!
//! A thread of its own writes: nobody who decides or calls waits for the disk. What the disk does not take is lost, and
//! nothing else is.

use super::decision::{By, Decision};
use crate::{Date, PluginId};
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::SystemTime;
use tokio::sync::oneshot;

/// Bytes of one file: some five thousand decisions.
const BYTES: u64 = 1 << 20;

/// Files that are kept: the present one and those before it, `audit.jsonl.1` the youngest of them.
const FILES: u32 = 4;

/// Lines that wait for a slow disk. What comes then is lost.
const WAITING: usize = 1_024;

/// Where decisions are written down.
#[derive(Debug)]
pub(crate) struct Audit {
    entries: SyncSender<Entry>,
}

enum Entry {
    Line(Vec<u8>),
    /// Somebody wants to know when all before it is written.
    Written(oneshot::Sender<()>),
}

/// One line.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    plugin: &'a str,
    permission: &'a str,
    decision: Decision,
    /// None for a call that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<By>,
}

impl Audit {
    /// Starts the thread, which ends with this. The error is the system's that has no thread to give.
    pub(crate) fn start(file: PathBuf) -> io::Result<Audit> {
        let (entries, queue) = sync_channel(WAITING);
        std::thread::Builder::new().name("plughold-audit".into()).spawn(move || write_all(&file, &queue))?;
        Ok(Audit { entries })
    }

    /// Writes a line, some time soon.
    pub(crate) fn write(
        &self,
        time: SystemTime,
        plugin: &PluginId,
        permission: &str,
        decision: Decision,
        by: Option<By>,
    ) {
        let time = Date::from(time).to_string();
        let line = Line { time, plugin: plugin.as_str(), permission, decision, by };
        let Ok(mut bytes) = serde_json::to_vec(&line) else { return };
        bytes.push(b'\n');
        // A disk that is too slow costs the line.
        let _ = self.entries.try_send(Entry::Line(bytes));
    }

    /// Completes when all lines before it are written, or lost.
    pub(crate) async fn written(&self) {
        let (sender, written) = oneshot::channel();
        if self.entries.try_send(Entry::Written(sender)).is_ok() {
            let _ = written.await;
        }
    }
}

fn write_all(file: &Path, queue: &Receiver<Entry>) {
    for entry in queue {
        match entry {
            Entry::Line(line) => {
                // A full disk, a folder that is gone: the next line may find it better.
                let _ = append(file, &line, BYTES);
            }
            Entry::Written(sender) => {
                let _ = sender.send(());
            }
        }
    }
}

/// Writes a whole line, or nothing of it. A file that would have more than `most` bytes then is put behind the others.
fn append(path: &Path, line: &[u8], most: u64) -> io::Result<()> {
    let mut file = open(path)?;
    let mut length = file.metadata()?.len();
    if most < length + line.len() as u64 && 0 < length {
        drop(file);
        rotate(path)?;
        file = open(path)?;
        length = file.metadata()?.len();
    }
    file.write_all(line).inspect_err(|_| {
        // Half a line would spoil the next one too.
        let _ = file.set_len(length);
    })
}

/// For whoever runs the application only: it says what people allow.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).or_else(|error| {
        let folder = path.parent().filter(|_| error.kind() == io::ErrorKind::NotFound).ok_or(error)?;
        fs::create_dir_all(folder)?;
        options.open(path)
    })
}

fn rotate(path: &Path) -> io::Result<()> {
    let older = |number: u32| {
        let mut name = path.as_os_str().to_owned();
        if 0 < number {
            name.push(format!(".{number}"));
        }
        PathBuf::from(name)
    };
    for number in (0..FILES - 1).rev() {
        match fs::rename(older(number), older(number + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names =
            Vec::from_iter(entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()));
        names.sort();
        names
    }

    #[tokio::test]
    async fn each_decision_is_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/audit.jsonl");
        let audit = Audit::start(file.clone()).unwrap();
        let plugin = PluginId::native("a").unwrap();
        audit.write(SystemTime::UNIX_EPOCH, &plugin, "fs.read:data/**", Decision::Granted, Some(By::Hand));
        audit.write(SystemTime::UNIX_EPOCH, &plugin, "x\"\n", Decision::Refused, None);
        audit.written().await;
        let expected = r#"{"time":"1970-01-01T00:00:00.000Z","plugin":"a","permission":"fs.read:data/**","decision":"granted","by":"hand"}
{"time":"1970-01-01T00:00:00.000Z","plugin":"a","permission":"x\"\n","decision":"refused"}
"#;
        assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    }

    #[test]
    fn the_oldest_lines_go() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("audit");
        for number in 0..11 {
            append(&file, format!("line {number:02}\n").as_bytes(), 16).unwrap();
        }
        assert_eq!(names(folder.path()), ["audit", "audit.1", "audit.2", "audit.3"]);
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(text("audit"), "line 10\n");
        assert_eq!(text("audit.1"), "line 08\nline 09\n");
        assert_eq!(text("audit.3"), "line 04\nline 05\n");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_costs_the_line() {
        let error = append(Path::new("/dev/full"), b"line\n", BYTES).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("audit");
        append(&file, b"line\n", BYTES).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
