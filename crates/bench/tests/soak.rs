//! A short soak, so that a leak is found before anybody makes 10 million calls.

use std::process::Command;

#[test]
fn a_hundred_thousand_calls_leave_nothing() {
    let soak =
        Command::new(env!("CARGO_BIN_EXE_plughold-bench")).args(["soak", "--calls", "100000"]).output();
    let soak = soak.expect("the soak cannot be started");
    let told = String::from_utf8_lossy(&soak.stdout);
    let failed = String::from_utf8_lossy(&soak.stderr);
    assert!(soak.status.success(), "{told}{failed}");
    assert!(told.contains("99840 calls and callbacks"), "{told}{failed}");
}
