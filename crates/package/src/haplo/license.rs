//! The key that an author of a plugin gives to one application.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use std::fmt::Write;

/// The licence key for an application: what a user enters where a plugin has an `installSecret`. Lower-case hexadecimal.
pub fn key(install_secret: &str, application: i64) -> String {
    // A key of any length is taken, so this has no error that could happen.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(install_secret.as_bytes()) else { return String::new() };
    mac.update(format!("application:{application}").as_bytes());
    let mut key = String::with_capacity(40);
    for byte in mac.finalize().into_bytes() {
        // Writing to a string cannot fail.
        let _always_ok = write!(key, "{byte:02x}");
    }
    key
}

/// Tells whether a key that somebody entered is the right one; spaces around it do not matter. Takes as long for a wrong
/// key as for the right one.
pub fn is_valid(entered: &str, install_secret: &str, application: i64) -> bool {
    let expected = key(install_secret, application);
    let entered = entered.trim();
    let differences = entered.bytes().zip(expected.bytes()).fold(0, |all, (one, other)| all | (one ^ other));
    entered.len() == expected.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_of_the_application_is_valid() {
        let right = key("ABC123", 123_456);
        assert!(is_valid(&format!(" {right}\n"), "ABC123", 123_456));
        for wrong in [&right[1..], "", &right.to_uppercase(), &format!("{right}0")] {
            assert!(!is_valid(wrong, "ABC123", 123_456), "{wrong}");
        }
        assert!(!is_valid(&right, "ABC123", 123_457));
    }
}
