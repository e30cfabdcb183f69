#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| plughold_fuzz_properties::control::check(bytes));
