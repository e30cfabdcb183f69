//! From the sources that a map names to names of files, as they stand in a stack.
//!
//! A source may be relative to the map, absolute, or the URL of some tool. It is only shown and never opened; the name is
//! made to look like those of the package, without what could be taken for something else.

use crate::stack::push_harmless;
use plughold_protocol::limits;
use plughold_proxy_js::OWN;

/// The name of `source`, below `root`, in a map with the name `map`; none if nothing is left that could be shown.
pub(super) fn clean(source: &str, root: &str, map: &str) -> Option<String> {
    let (source, root) = (&*harmless(source), &*harmless(root));
    if source.is_empty() {
        return None;
    }
    let joined = match root.is_empty() || is_absolute(source) {
        true => source.to_owned(),
        false => format!("{}/{source}", root.trim_end_matches('/')),
    };
    let path = without_scheme(&joined);
    let mut parts: Vec<&str> = Vec::new();
    if !is_absolute(&joined) {
        parts.extend(map.split('/'));
        parts.pop();
    }
    for part in path.split(['?', '#']).next().unwrap_or_default().split(['/', '\\']) {
        match part {
            "" | "." => {}
            // Tools that write to a folder name sources outside of it: what is above the package is left out.
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let name = parts.join("/");
    let is_shown = !name.is_empty() && name.len() <= limits::NAME && !name.starts_with(OWN);
    is_shown.then_some(name)
}

/// The text without what could be taken for something else. What is left may be a name with a meaning, so this comes
/// first.
fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    push_harmless(&mut harmless, text, &[]);
    harmless
}

fn is_absolute(source: &str) -> bool {
    source.starts_with(['/', '\\']) || scheme_length(source).is_some()
}

/// The bytes of a scheme with its colon, or of a drive.
fn scheme_length(source: &str) -> Option<usize> {
    let (scheme, _) = source.split_once(':')?;
    let is_scheme = scheme.starts_with(|char: char| char.is_ascii_alphabetic())
        && scheme.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.'));
    is_scheme.then_some(scheme.len() + 1)
}

/// The path of a URL: `webpack://plugin/./src/a.ts` is `./src/a.ts`.
fn without_scheme(source: &str) -> &str {
    let Some(length) = scheme_length(source) else { return source };
    let rest = source.get(length..).unwrap_or_default();
    match rest.strip_prefix("//") {
        Some(rest) => rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or_default(),
        None => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_become_names_of_files() {
        let check = |source: &str, root: &str, map: &str, expected: Option<&str>| {
            assert_eq!(clean(source, root, map).as_deref(), expected, "{source} below {root} in {map}");
        };
        check("main.ts", "", "main.js.map", Some("main.ts"));
        check("src/main.ts", "", "main.js.map", Some("src/main.ts"));
        check("../src/main.ts", "", "dist/main.js.map", Some("src/main.ts"));
        check("./main.ts", "", "dist/main.js.map", Some("dist/main.ts"));
        check("main.ts", "../src/", "dist/main.js.map", Some("src/main.ts"));
        check("main.ts", "webpack:///src", "main.js.map", Some("src/main.ts"));
        check("../../src/main.ts", "", "main.js.map", Some("src/main.ts"));
        check("../../../etc/passwd", "", "dist/main.js.map", Some("etc/passwd"));
        check("/home/ann/main.ts", "", "dist/main.js.map", Some("home/ann/main.ts"));
        check("file:///home/ann/main.ts", "src", "dist/main.js.map", Some("home/ann/main.ts"));
        check("C:\\ann\\main.ts", "", "dist/main.js.map", Some("ann/main.ts"));
        check("webpack:///./src/main.ts?a1b2", "", "dist/main.js.map", Some("src/main.ts"));
        check("webpack://plugin/./src/main.ts", "", "main.js.map", Some("src/main.ts"));
        check("webpack:///webpack/bootstrap", "", "main.js.map", Some("webpack/bootstrap"));
        check("https://example.com/a/../main.ts", "", "main.js.map", Some("main.ts"));
        check("https://example.com", "", "main.js.map", None);
        check("a\u{1b}[2J\n.ts", "", "main.js.map", Some("a[2J.ts"));
        check("a/.\u{1b}./.\0/b.ts", "", "main.js.map", Some("b.ts"));
        check("x:plughold:console.js", "", "main.js.map", None);
        check("plughold:console.js", "", "main.js.map", Some("console.js"));
        check("", "", "main.js.map", None);
        check("", "src", "dist/main.js.map", None);
        check("..", "", "main.js.map", None);
        check("\u{2028}", "", "main.js.map", None);
        check(&"a".repeat(limits::NAME + 1), "", "main.js.map", None);
    }
}
