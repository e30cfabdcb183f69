//! What the system says about a locked process, to one that looks from outside.
//!
//! Nothing of a plugin is sent to a runner before this was seen. At that time the runner has read nothing that is not
//! trusted; what this finds is a runner of another version, one whose executable does something first, or a system
//! that does not do what it says.

use crate::{Layer, Layers, Level, Mismatch, Plan};
use std::fs;

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

/// Looks from outside at a process that claims to have reached the plan.
///
/// # Errors
/// What the system says instead.
pub(crate) fn look(pid: u32, plan: &Plan) -> Result<(), Mismatch> {
    if plan.layers() == Layers::NONE {
        return Ok(());
    }
    let read = |name: &str| {
        let path = format!("/proc/{pid}/{name}");
        fs::read_to_string(&path).map_err(|error| Mismatch::Unseen(format!("{path}: {error}")))
    };
    let claimed = plan.outcome().level;
    check_status(&read("status")?, plan.layers(), claimed)?;
    if plan.layers().contains(Layer::Limits) {
        check_limits(&read("limits")?, claimed)?;
    }
    Ok(())
}

fn check_status(status: &str, layers: Layers, claimed: Level) -> Result<(), Mismatch> {
    for (layer, field, expected) in STATUS {
        if !layers.contains(layer) {
            continue;
        }
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        let found = line.map_or("nothing", str::trim);
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
    fn this_process_is_not_locked() {
        let found = look(std::process::id(), &Plan::at(Level::C)).unwrap_err();
        assert!(matches!(found, Mismatch::Field { .. }), "{found}");
        assert_eq!(look(std::process::id(), &Plan::NONE), Ok(()));
        assert!(matches!(look(u32::MAX, &Plan::at(Level::C)), Err(Mismatch::Unseen(_))));
    }
}
