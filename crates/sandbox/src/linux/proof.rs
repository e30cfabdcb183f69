//! What the system says about a locked process, to one that looks from outside.
//!
//! Nothing of a plugin is sent to a runner before this was seen. At that time the runner has read nothing that is not
//! trusted; what this finds is a runner of another version, one whose executable does something first, or a system
//! that does not do what it says.

use crate::{Layer, Layers, Level, Mismatch, Plan};
use std::fs::{self, File};
use std::io::{self, Read, Seek};

/// Lines of `/proc/PID/status` and what stands there when the layer is in force.
const STATUS: [(Layer, &str, &str); 7] = [
    (Layer::Filter, "Threads", "1"),
    (Layer::Filter, "Seccomp", "2"),
    (Layer::NoNewPrivileges, "NoNewPrivs", "1"),
    (Layer::Capabilities, "CapInh", NONE),
    (Layer::Capabilities, "CapPrm", NONE),
    (Layer::Capabilities, "CapEff", NONE),
    (Layer::Capabilities, "CapAmb", NONE),
];

/// No capability.
const NONE: &str = "0000000000000000";

/// Lines of `/proc/PID/limits`: the hard limit is nothing.
const LIMITS: [&str; 3] = ["Max open files", "Max processes", "Max file size"];

/// How many filters a process has, and of how many it is told in the words of a mismatch. Older kernels do not count them.
const FILTERS: &str = "Seccomp_filters";
const ONE_MORE: &str = "one more than of the host";

/// A process as the system shows it. What is open stays so when nobody may look into the process any more, also where
/// `/proc` hides such processes.
#[derive(Debug)]
pub(crate) struct Record {
    status: File,
    limits: File,
    /// The filters that the process has inherited. Inside of a container that is at least one, so that to have any says
    /// nothing.
    inherited: Option<u32>,
}

impl Record {
    /// Opens the record of a process that this thread has started.
    pub(crate) fn open(pid: u32) -> io::Result<Record> {
        let own = fs::read_to_string("/proc/thread-self/status").map_err(|error| at("the thread", error))?;
        let open = |name: &str| {
            let path = format!("/proc/{pid}/{name}");
            File::open(&path).map_err(|error| at(&path, error))
        };
        Ok(Record { status: open("status")?, limits: open("limits")?, inherited: filters(&own) })
    }

    /// Compares the record with what the process claims: to have reached the plan.
    ///
    /// # Errors
    /// What the system says instead.
    pub(crate) fn check(&self, plan: &Plan) -> Result<(), Mismatch> {
        let claimed = plan.outcome().level;
        let status = read(&self.status)?;
        check_status(&status, plan.layers(), claimed)?;
        if plan.layers().contains(Layer::Filter) {
            check_filters(&status, self.inherited, claimed)?;
        }
        if plan.layers().contains(Layer::Limits) {
            check_limits(&read(&self.limits)?, claimed)?;
        }
        Ok(())
    }
}

fn at(place: &str, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{place}: {error}"))
}

/// What stands in the file now. Of a process that has ended there is nothing, or an error, or that it is dead.
fn read(mut file: &File) -> Result<String, Mismatch> {
    let mut text = String::new();
    match file.rewind().and_then(|()| file.read_to_string(&mut text)) {
        Ok(0) => Err(Mismatch::Gone),
        Ok(_) if value(&text, "State").is_some_and(|state| state.starts_with(['Z', 'X'])) => {
            Err(Mismatch::Gone)
        }
        Ok(_) => Ok(text),
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => Err(Mismatch::Gone),
        Err(error) => Err(Mismatch::Unseen(error.to_string())),
    }
}

/// What stands behind a name.
fn value<'t>(status: &'t str, field: &str) -> Option<&'t str> {
    status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).map(str::trim)
}

fn filters(status: &str) -> Option<u32> {
    value(status, FILTERS)?.parse().ok()
}

fn check_filters(status: &str, inherited: Option<u32>, claimed: Level) -> Result<(), Mismatch> {
    let Some(inherited) = inherited else { return Ok(()) };
    if filters(status).is_some_and(|found| inherited < found) {
        return Ok(());
    }
    let found = value(status, FILTERS).unwrap_or("nothing").to_owned();
    Err(Mismatch::Field { claimed, field: FILTERS, expected: ONE_MORE, found })
}

fn check_status(status: &str, layers: Layers, claimed: Level) -> Result<(), Mismatch> {
    for (layer, field, expected) in STATUS {
        if !layers.contains(layer) {
            continue;
        }
        let found = value(status, field).unwrap_or("nothing");
        if found != expected {
            return Err(Mismatch::Field { claimed, field, expected, found: found.to_owned() });
        }
    }
    Ok(())
}

fn check_limits(limits: &str, claimed: Level) -> Result<(), Mismatch> {
    for field in LIMITS {
        let line = limits.lines().find_map(|line| line.strip_prefix(field));
        let mut words = line.unwrap_or_default().split_ascii_whitespace();
        let found = words.nth(1).unwrap_or("nothing");
        if found != "0" {
            return Err(Mismatch::Field { claimed, field, expected: "0", found: found.to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKED: &str = "Name:\tx\nThreads:\t1\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n\
        CapEff:\t0000000000000000\nCapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n\
        Seccomp:\t2\nSeccomp_filters:\t1\n";

    #[track_caller]
    fn check(status: &str, layers: Layers, expected: &str) {
        let words = match check_status(status, layers, Level::A) {
            Ok(()) => String::new(),
            Err(mismatch) => mismatch.to_string(),
        };
        assert_eq!(words, expected);
    }

    #[test]
    fn each_line_of_the_status_counts() {
        check(LOCKED, Layers::ALL, "");
        let says = |found: &str, expected: &str| {
            format!("it reports level A, but the system says `{found}` of its process and not {expected}")
        };
        check(&LOCKED.replace("Seccomp:\t2", "Seccomp:\t0"), Layers::ALL, &says("Seccomp: 0", "2"));
        check(&LOCKED.replace("Threads:\t1", "Threads:\t3"), Layers::ALL, &says("Threads: 3", "1"));
        check(&LOCKED.replace("NoNewPrivs:\t1", "NoNewPrivs:\t0"), Layers::ALL, &says("NoNewPrivs: 0", "1"));
        for field in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
            let some = LOCKED.replace(&format!("{field}:\t0"), &format!("{field}:\t4"));
            check(&some, Layers::ALL, &says(&format!("{field}: 4000000000000000"), NONE));
        }
        check("", Layers::ALL, &says("Threads: nothing", "1"));
        check("", Layers::of(&[Layer::Root]), "");
    }

    #[test]
    fn each_limit_counts() {
        let limits = |files: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units\n\
                 Max file size             0                    0                    bytes\n\
                 Max processes             0                    0                    processes\n\
                 Max open files            0                    {files}                    files\n"
            )
        };
        assert_eq!(check_limits(&limits("0"), Level::B), Ok(()));
        let found = check_limits(&limits("1024"), Level::B).unwrap_err().to_string();
        let expected =
            "it reports level B, but the system says `Max open files: 1024` of its process and not 0";
        assert_eq!(found, expected);
        assert!(check_limits("", Level::B).is_err());
    }

    #[test]
    fn a_filter_that_was_inherited_is_not_its_own() {
        assert_eq!(check_filters(LOCKED, Some(0), Level::C), Ok(()));
        // A kernel that does not count.
        assert_eq!(check_filters("", None, Level::C), Ok(()));
        let found = check_filters(LOCKED, Some(1), Level::C).unwrap_err().to_string();
        let expected = "it reports level C, but the system says `Seccomp_filters: 1` of its process and not one more than of the host";
        assert_eq!(found, expected);
        assert!(check_filters("", Some(0), Level::C).is_err());
    }

    #[test]
    fn this_process_is_not_locked() {
        let record = Record::open(std::process::id()).unwrap();
        let found = record.check(&Plan::at(Level::C)).unwrap_err();
        assert!(matches!(found, Mismatch::Field { .. }), "{found}");
        assert!(Record::open(u32::MAX).is_err());
    }

    #[test]
    fn one_that_has_ended_is_gone() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let record = Record::open(child.id()).unwrap();
        child.kill().unwrap();
        let gone = || record.check(&Plan::at(Level::C)) == Err(Mismatch::Gone);
        while !gone() {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert!(gone());
    }
}
