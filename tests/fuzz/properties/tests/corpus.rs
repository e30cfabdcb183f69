//! Every input of the corpus, in an ordinary build: what was found once is not found again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use plughold_fuzz_properties::TARGETS;
use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// All inputs together, in bytes: the corpus is part of the repository.
const MOST: u64 = 1 << 20;

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// Names in a folder, in order.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn no_input_breaks_a_promise_again() {
    let mut bytes = 0;
    let mut failed = Vec::new();
    for (name, check) in TARGETS {
        let folder = here("corpus").join(name);
        let inputs = names(&folder);
        assert!(!inputs.is_empty(), "{name} has no inputs");
        for input in inputs {
            let path = folder.join(&input);
            let input = fs::read(&path).unwrap();
            bytes += input.len() as u64;
            if catch_unwind(AssertUnwindSafe(|| check(&input))).is_err() {
                failed.push(path.display().to_string());
            }
        }
    }
    assert!(failed.is_empty(), "{} inputs:\n{}", failed.len(), failed.join("\n"));
    assert!(bytes <= MOST, "the corpus has {bytes} bytes");
}

/// A target stands in four places.
#[test]
fn every_target_has_a_program_and_a_corpus() {
    let expected: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let programs = names(&here("fuzz_targets")).into_iter();
    assert_eq!(
        programs.map(|name| name.trim_end_matches(".rs").to_owned()).collect::<BTreeSet<_>>(),
        expected
    );
    assert_eq!(names(&here("corpus")), expected);
    let manifest = fs::read_to_string(here("Cargo.toml")).unwrap();
    let told = manifest.split("[[bin]]").skip(1).filter_map(|bin| bin.split('"').nth(1)).map(str::to_owned);
    assert_eq!(told.collect::<BTreeSet<_>>(), expected);
}
