//! Names in a plugin's style sheets that the platform replaces. Nothing else of them is touched.

use std::fmt::Write;

/// The application's colours, each as `rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colours<'a> {
    /// `APPLICATION_COLOUR_MAIN`
    pub main: &'a str,
    /// `APPLICATION_COLOUR_SECONDARY`
    pub secondary: &'a str,
    /// `APPLICATION_COLOUR_HIGHLIGHT`
    pub highlight: &'a str,
}

const STATIC_PATH: &str = "PLUGIN_STATIC_PATH";

const COLOUR: &str = "APPLICATION_COLOUR_";

/// A colour of the application that does not exist is shown in a colour that nobody misses.
const UNKNOWN_COLOUR: &str = "f0f";

/// Replaces the names of the static directory and of the application's colours. The result is as long as the style sheet
/// at most, but for `static_url` in place of each name of the directory.
pub fn rewrite(css: &str, static_url: &str, colours: Colours<'_>) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(at) = [STATIC_PATH, COLOUR].iter().filter_map(|name| rest.find(name)).min() {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = found.strip_prefix(STATIC_PATH) {
            out.push_str(static_url);
            rest = after;
            continue;
        }
        let name = found.strip_prefix(COLOUR).unwrap_or(found);
        let end = name.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        let colour = match name {
            "" => {
                out.push_str(COLOUR);
                rest = after;
                continue;
            }
            "MAIN" => colours.main,
            "SECONDARY" => colours.secondary,
            "HIGHLIGHT" => colours.highlight,
            _ => UNKNOWN_COLOUR,
        };
        // Writing to a string cannot fail.
        let _always_ok = write!(out, "#{colour}");
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(css: &str, expected: &str) {
        let colours = Colours { main: "000001", secondary: "000002", highlight: "000003" };
        assert_eq!(rewrite(css, "/~1/a", colours), expected);
    }

    #[test]
    fn names_are_replaced_and_nothing_else() {
        check("a{color:APPLICATION_COLOUR_SECONDARY}", "a{color:#000002}");
        check("url(PLUGIN_STATIC_PATH/x.png) PLUGIN_STATIC_PATH", "url(/~1/a/x.png) /~1/a");
        check("APPLICATION_COLOUR_HIGHLIGHTED", "#f0f");
        check("APPLICATION_COLOUR_MAIN_2", "#000001_2");
        check("APPLICATION_COLOUR_ PLUGIN_STATIC", "APPLICATION_COLOUR_ PLUGIN_STATIC");
        check("größe { }", "größe { }");
        check("", "");
    }
}
