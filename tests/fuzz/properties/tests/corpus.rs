//! Every input of the corpus, in an ordinary build: what was found once is not found again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use flate2::read::GzDecoder;
use plughold_fuzz_properties::TARGETS;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// The packed seeds of all targets together, in bytes: they are part of the repository.
const MOST: u64 = 1 << 20;

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// Names in a folder, in order.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// What libFuzzer found worth keeping for a target, each with a name that says where it is from.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let packed = format!("{target}.tar.gz");
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(here("corpus").join(&packed)).unwrap()));
    let entries = archive.entries().unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.header().entry_type().is_file());
    let read = |mut entry: tar::Entry<'_, _>| {
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (format!("{} of {packed}", entry.path().unwrap().display()), bytes)
    };
    files.map(read).collect()
}

/// What broke a promise once, each in a file whose name says how.
fn finds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = here("corpus").join(target);
    let names = if folder.is_dir() { names(&folder) } else { BTreeSet::new() };
    names
        .into_iter()
        .map(|name| (format!("{target}/{name}"), fs::read(folder.join(&name)).unwrap()))
        .collect()
}

#[test]
fn no_input_breaks_a_promise_again() {
    let mut failed = Vec::new();
    for (target, check) in TARGETS {
        let seeds = seeds(target);
        assert!(!seeds.is_empty(), "{target} has no seeds");
        for (name, input) in seeds.into_iter().chain(finds(target)) {
            if catch_unwind(AssertUnwindSafe(|| check(&input))).is_err() {
                failed.push(name);
            }
        }
    }
    assert!(failed.is_empty(), "{} inputs:\n{}", failed.len(), failed.join("\n"));
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
    let corpus = names(&here("corpus"));
    let packed = corpus.iter().filter_map(|name| name.strip_suffix(".tar.gz"));
    assert_eq!(packed.map(str::to_owned).collect::<BTreeSet<_>>(), expected);
    let finds = corpus.iter().filter(|name| !name.ends_with(".tar.gz"));
    assert_eq!(
        finds.filter(|name| !expected.contains(*name)).collect::<Vec<_>>(),
        [""; 0],
        "no target has these"
    );
    let manifest = fs::read_to_string(here("Cargo.toml")).unwrap();
    let told = manifest.split("[[bin]]").skip(1).filter_map(|bin| bin.split('"').nth(1)).map(str::to_owned);
    assert_eq!(told.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn the_packed_seeds_are_small() {
    let bytes =
        |(name, _): &(&str, _)| fs::metadata(here("corpus").join(format!("{name}.tar.gz"))).unwrap().len();
    let all: u64 = TARGETS.iter().map(bytes).sum();
    assert!(all <= MOST, "{all} bytes");
}
