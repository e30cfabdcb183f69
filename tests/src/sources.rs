//! Tests by name: documents say which test shows what they say, and are held to the tests that there are.

use std::fs;
use std::path::PathBuf;

/// The folder of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Why there is no test of this name, given as `path/of/file.rs::name`; none if there is one.
pub fn missing_test(test: &str) -> Option<String> {
    let Some((file, name)) = test.split_once("::") else {
        return Some(format!("{test}: expected path/of/file.rs::name"));
    };
    let Ok(source) = fs::read_to_string(repository().join(file)) else {
        return Some(format!("{test}: no such file"));
    };
    // With its attribute, and perhaps others between.
    let mut above = "";
    for line in source.lines().map(str::trim) {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let is_function =
            line.starts_with(&format!("fn {name}(")) || line.starts_with(&format!("async fn {name}("));
        if is_function {
            return (!above.contains("test")).then(|| format!("{test}: not a test"));
        }
        if line.is_empty() || !line.starts_with("#[") {
            above = "";
        }
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            above = line;
        }
    }
    Some(format!("{test}: no such test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_test_is_found() {
        let this = "tests/src/sources.rs";
        assert_eq!(missing_test(&format!("{this}::what_is_no_test_is_found")), None);
        for (test, why) in [("repository", "not a test"), ("nobody", "no such test")] {
            let named = format!("{this}::{test}");
            assert_eq!(missing_test(&named), Some(format!("{named}: {why}")));
        }
        assert_eq!(missing_test("nowhere.rs::a"), Some("nowhere.rs::a: no such file".to_owned()));
        assert_eq!(missing_test("a"), Some("a: expected path/of/file.rs::name".to_owned()));
    }
}
