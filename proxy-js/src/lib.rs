//! The sandbox proxy: the JavaScript that a runner puts between a plugin and its host, as text.
//!
//! The engine and everything that must be fast or unforgeable is in the runner; what stands here is what is easier to
//! read in JavaScript. This crate knows neither the runner nor the protocol: each file is one function expression,
//! and the runner calls it with two objects.
//!
//! - `kit`: what our own files share. Each file puts its functions there; the runner takes what it needs.
//! - `native`: functions of the runner.
//!
//! | `native` | what it does |
//! |---|---|
//! | `log(level, text)` | one line of the console; the runner finds the caller's place itself |
//! | `stack()`, `stackOf(error)` | the plugin's stack here, or an error's true stack, as text |
//! | `prepares(is)` | whether the plugin has an `Error.prepareStackTrace` of its own |
//! | `explain(error)` | the text to add to an error's message, or an empty string |
//! | `unknown(path)` | the plugin read a name that the application's API does not have |
//! | `className(object)` | the engine's name of an object's kind, which no plugin can change |
//! | `now()` | milliseconds of a clock that only goes forward |
//! | `today()`, `random()` | milliseconds since 1970 and a number below 1, of a virtual clock and seed |
//! | `setTimeout`, `setInterval`, `setImmediate`, `clearTimer` | timers as JavaScript knows them |
//!
//! # Primordials
//!
//! A plugin may replace `Array.prototype.map` or `Promise.prototype.then`; polyfills do. Our files take what they use
//! of the language when they are evaluated, before anything of the plugin exists, so that a plugin which replaces
//! something breaks itself only.

/// A file of JavaScript: one function expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Script {
    /// The name in stack traces. It begins with [`OWN`], so that our frames can be told from a plugin's.
    pub name: &'static str,
    /// The text.
    pub text: &'static str,
}

/// What the names of all files of this crate begin with.
pub const OWN: &str = "plughold:";

/// The files of every runner, in the order in which they are to be evaluated and called with `kit` and `native`.
pub const BOOT: &[Script] = &[
    Script { name: "plughold:primordials.js", text: include_str!("js/primordials.js") },
    Script { name: "plughold:values.js", text: include_str!("js/values.js") },
    Script { name: "plughold:errors.js", text: include_str!("js/errors.js") },
    Script { name: "plughold:inspect.js", text: include_str!("js/inspect.js") },
    Script { name: "plughold:console.js", text: include_str!("js/console.js") },
    Script { name: "plughold:namespaces.js", text: include_str!("js/namespaces.js") },
    Script { name: "plughold:clock.js", text: include_str!("js/clock.js") },
    Script { name: "plughold:boot.js", text: include_str!("js/boot.js") },
];

const PRELUDES: &[(&str, Script)] = &[
    ("native", Script { name: "plughold:native.js", text: include_str!("js/preludes/native.js") }),
    ("joplin", Script { name: "plughold:joplin.js", text: include_str!("js/preludes/joplin.js") }),
];

/// The file that prepares the globals for one plugin format, or none for a name that does not exist.
///
/// It is called with `kit` and the facts `{ manifest, permissions, state, isModule }`, and gives
/// `{ exports, context }`: a function that returns the object with the plugin's exports (or undefined), and the
/// argument for the plugin's `activate`.
pub fn prelude(name: &str) -> Option<Script> {
    PRELUDES.iter().find(|(known, _)| *known == name).map(|(_, script)| *script)
}

/// The names of the preludes.
pub fn preludes() -> impl Iterator<Item = &'static str> {
    PRELUDES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_one_strict_function_with_our_name() {
        let preludes = preludes().map(|name| prelude(name).unwrap());
        for script in BOOT.iter().copied().chain(preludes) {
            assert!(script.name.starts_with(OWN), "{}", script.name);
            let code = script.text.lines().find(|line| !line.starts_with("//") && !line.is_empty()).unwrap();
            assert!(code.starts_with("(function ("), "{} begins with {code}", script.name);
            assert!(script.text.contains("'use strict';"), "{}", script.name);
            assert!(script.text.trim_end().ends_with("})"), "{}", script.name);
        }
    }

    #[test]
    fn an_unknown_prelude_is_none() {
        assert_eq!(prelude("netscape"), None);
    }

    /// Methods of values can be replaced by a plugin, so our files call none of the usual ones.
    #[test]
    fn no_file_calls_a_method_that_a_plugin_can_replace() {
        const METHODS: &[&str] = &[
            ".map(",
            ".push(",
            ".join(",
            ".forEach(",
            ".slice(",
            ".then(",
            ".call(",
            ".apply(",
            ".replace(",
        ];
        for script in BOOT.iter().filter(|script| script.name != "plughold:primordials.js") {
            for method in METHODS {
                assert!(!script.text.contains(method), "{} calls {method}…)", script.name);
            }
        }
    }
}
