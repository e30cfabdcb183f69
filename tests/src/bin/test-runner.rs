//! The honest runner, so that these tests need no other package's binary.

plughold_runner::install_arena!();

fn main() {
    plughold_runner::run_if_asked();
}
