//! The folder of reports.

use crate::Date;
use crate::blackbox::report::Report;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// How the names of reports end. Other files of the folder are never touched.
pub(crate) const ENDING: &str = ".report.json";

/// How the names of reports end that are being written, or were when the application ended.
const UNFINISHED: &str = ".report.unfinished";

/// After so long nobody is writing on.
const ABANDONED: Duration = Duration::from_secs(60);

/// Reports that a folder holds: enough to see what happens again and again. The oldest goes first.
pub(crate) const FILES: usize = 20;

/// Bytes of one report. One whose every part is as long as it may be stays below.
pub(crate) const BYTES: usize = 256 << 10;

/// Reports that are being written at one time, or wait until it is their turn: each has a thread. On a disk that hangs
/// nothing is gained by more, and plugins that crash without end would take every thread that there is.
pub(crate) const UNWRITTEN: usize = 8;

/// A folder of reports, of which there are never more than [`FILES`].
#[derive(Debug)]
pub(crate) struct Reports {
    folder: PathBuf,
    /// Two processes may end at once; one of them writes, then the other.
    writing: Mutex<()>,
    /// One for each report that may be unwritten: who writes one holds it.
    places: Arc<()>,
}

/// The right to write one report. Dropping it makes room for another.
#[derive(Debug)]
pub(crate) struct Place {
    _one: Arc<()>,
}

impl Reports {
    pub(crate) fn new(folder: PathBuf) -> Reports {
        Reports { folder, writing: Mutex::new(()), places: Arc::new(()) }
    }

    /// A place among those that write. The error is for a person.
    pub(crate) fn place(&self) -> Result<Place, String> {
        let place = Place { _one: self.places.clone() };
        // The folder itself holds one as well.
        if UNWRITTEN < Arc::strong_count(&self.places) - 1 {
            return Err(format!("{UNWRITTEN} reports wait for the disk already"));
        }
        Ok(place)
    }

    /// Writes one, and removes those that are too many. Blocks on the disk. The error is for a person; nothing but the
    /// report is lost then.
    pub(crate) fn write(&self, report: &Report, ended: Date) -> Result<PathBuf, String> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let text = serde_json::to_vec_pretty(report).map_err(|error| error.to_string())?;
        if BYTES < text.len() {
            return Err(format!("expected at most {BYTES} bytes, found {}", text.len()));
        }
        let failed = |error: io::Error| format!("{}: {error}", self.folder.display());
        fs::create_dir_all(&self.folder).map_err(failed)?;
        // Room first: on a full disk an old report is worth less than a new one.
        self.remove_abandoned();
        self.remove_oldest(FILES - 1).map_err(failed)?;
        let file = self.folder.join(report.file_name(ended));
        let unfinished = file.with_extension("unfinished");
        let written = fs::write(&unfinished, &text).and_then(|()| fs::rename(&unfinished, &file));
        if let Err(error) = written {
            // Half a report helps nobody.
            let _ = fs::remove_file(&unfinished);
            return Err(format!("{}: {error}", file.display()));
        }
        Ok(file)
    }

    /// Removes what an application that ended in the middle has left.
    fn remove_abandoned(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let is_unfinished = entry.file_name().to_string_lossy().ends_with(UNFINISHED);
            let written = entry.metadata().and_then(|facts| facts.modified());
            let age = written.ok().and_then(|written| written.elapsed().ok());
            if is_unfinished && age.is_some_and(|age| ABANDONED <= age) {
                // It takes room, and does no other harm.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Leaves so many reports.
    fn remove_oldest(&self, leave: usize) -> io::Result<()> {
        let mut reports: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.folder)?
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let is_report = is_report(&entry.path()) && entry.file_type().ok()?.is_file();
                is_report.then(|| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))?
            })
            .collect();
        reports.sort();
        let superfluous = reports.len().saturating_sub(leave);
        for (_, file) in reports.into_iter().take(superfluous) {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

fn is_report(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ENDING))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blackbox::recorder::{LINE, LINES, POINTS};
    use crate::blackbox::report::*;
    use crate::blackbox::tape;
    use crate::events::Level;

    /// A report whose every part is as long as it may be.
    fn largest() -> Report {
        // What is escaped in JSON takes twice its room at most: the text of plugins has no control characters.
        let long = |length: usize| "\"".repeat(length);
        let message = ReportedMessage {
            at_us: u64::MAX,
            direction: Direction::Out,
            message: "ModuleRequest".to_owned(),
            id: Some(u64::MAX),
            what: Some(long(MOST_WHAT)),
            bytes: u32::MAX,
        };
        let call = PendingCall { id: u64::MAX, what: Some(long(MOST_WHAT)) };
        let calls = OpenCalls { count: usize::MAX, oldest: vec![call; MOST_CALLS] };
        Report {
            schema: SCHEMA,
            plugin: long(256),
            name: long(MOST_FACT),
            version: long(MOST_FACT),
            format: long(16),
            source: long(MOST_FACT),
            generation: u32::MAX,
            pid: u32::MAX,
            ended: long(32),
            lived_ms: u64::MAX,
            exit: ReportedExit {
                kind: "violation".to_owned(),
                code: Some(i32::MIN),
                signal: Some(i32::MIN),
                words: long(MOST_WORDS),
            },
            state: "unresponsive".to_owned(),
            stack: Some(long(MOST_STACK)),
            serving: Some(u64::MAX),
            memory: ReportedMemory { limit_bytes: u64::MAX, curve: vec![(u64::MAX, u64::MAX); POINTS] },
            messages: vec![message; 2 * tape::LENGTH],
            messages_before: u64::MAX,
            calls_to_plugin: calls.clone(),
            calls_from_plugin: calls,
            log: vec![ReportedLine { at_us: u64::MAX, level: Level::Error, text: long(LINE) }; LINES],
            sandbox: Some('A'),
            sandbox_layers: vec![long(MOST_WHAT); MOST_LAYERS],
            versions: ReportedVersions {
                host: long(32),
                runner: long(MOST_FACT),
                protocol: u32::MAX,
                engine: long(MOST_FACT),
                system: long(MOST_FACT),
            },
        }
    }

    #[test]
    fn the_largest_report_fits_and_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let reports = Reports::new(folder.path().join("new"));
        let file = reports.write(&largest(), Date(7)).unwrap();
        let text = fs::read(file).unwrap();
        assert_eq!(serde_json::from_slice::<Report>(&text).unwrap(), largest());
    }

    #[test]
    fn there_are_never_too_many_and_other_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("notes.json"), "").unwrap();
        let reports = Reports::new(folder.path().to_owned());
        let mut last = PathBuf::new();
        for ended in 0..FILES as i64 + 5 {
            last = reports.write(&largest(), Date(ended)).unwrap();
            // Some file systems know whole seconds only: the order of the names settles the rest.
        }
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(names.iter().filter(|name| is_report(name)).count(), FILES);
        assert!(names.contains(&last) && names.contains(&folder.path().join("notes.json")));
        assert_eq!(names.len(), FILES + 1, "nothing unfinished is left");
    }

    #[test]
    fn what_was_left_unfinished_goes() {
        let folder = tempfile::tempdir().unwrap();
        let long_ago = SystemTime::now() - ABANDONED;
        let leave = |name: &str, at: SystemTime| {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(at).unwrap();
        };
        leave("old-1-7.report.unfinished", long_ago);
        leave("new-1-7.report.unfinished", SystemTime::now());
        leave("mine.unfinished", long_ago);
        let file = Reports::new(folder.path().to_owned()).write(&largest(), Date(7)).unwrap();
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        let left = ["mine.unfinished", "new-1-7.report.unfinished"].map(|name| folder.path().join(name));
        let mut expected = Vec::from(left);
        expected.push(file);
        expected.sort();
        assert_eq!(names, expected);
    }

    #[test]
    fn few_wait_for_the_disk_at_one_time() {
        let reports = Reports::new(PathBuf::from("nowhere"));
        let mut places = Vec::from_iter((0..UNWRITTEN).map(|_| reports.place().unwrap()));
        let words = "8 reports wait for the disk already";
        assert_eq!(reports.place().unwrap_err(), words);
        assert_eq!(reports.place().unwrap_err(), words, "who got none takes none");
        places.pop();
        let _last = reports.place().unwrap();
        assert_eq!(reports.place().unwrap_err(), words);
    }

    #[test]
    fn a_report_that_cannot_be_written_is_an_error_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file");
        fs::write(&file, "").unwrap();
        let error = Reports::new(file.join("below")).write(&largest(), Date(7)).unwrap_err();
        assert!(error.contains("a file/below"), "{error}");
    }

    #[test]
    fn an_id_cannot_leave_the_folder() {
        let report = Report { plugin: "../..//etc/a b".to_owned(), generation: 3, ..largest() };
        assert_eq!(report.file_name(Date(9)), "_..__etc_a_b-3-9.report.json");
    }
}
