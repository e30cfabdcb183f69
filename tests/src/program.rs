//! Where the binaries of this package are.

use std::path::PathBuf;

/// The path of the binary `name` of this package, beside or above the running test.
///
/// Panics when it was not built: the tests of other packages have to build it by `cargo build -p plughold-tests` first.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.ancestors().skip(1).take(2).map(|folder| folder.join(name)).find(|path| path.is_file());
    built.unwrap_or_else(|| panic!("{name} was not built; run `cargo build -p plughold-tests`"))
}
