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
//! | `unknown(path, members)` | the plugin read a name that the API does not have, or an object with these members |
//! | `resolveModule(specifier, referrer)` | the name of the file that a specifier means in another file |
//! | `loadModule(name)` | `[kind, content]` of a file: 0 and a function to call, or 1 and the exports |
//! | `className(object)` | the engine's name of an object's kind, which no plugin can change |
//! | `namesOf(list)` | an array's own enumerable names besides its indexes |
//! | `report(error)` | reports an error that nobody catches |
//! | `facts()` | what runs the plugin, and the system's name |
//! | `parseUrl(text, base)`, `changeUrl(href, part, value)` | the parts of an URL |
//! | `parseForm(text)`, `formText(words)` | names and values in turn |
//! | `encodeText(text, most)`, `decodeText(encoding, bytes, isLast, isStrict, dropsMark)` | text to bytes and back |
//! | `randomBytes(count)`, `uuid()` | what nobody can guess |
//! | `complete(native)` | adds the functions that only [`lazy_files`] ask for |
//! | `evaluate(name)` | evaluates the file of [`lazy_files`] with this short name |
//! | `builtinNames()` | the names of all built-in modules |
//! | `bytesOf(text, encoding)`, `textOf(bytes, encoding)` | bytes of `Buffer`'s encodings |
//! | `compareBytes(a, b)`, `equalBytes(a, b)`, `findBytes(bytes, wanted, from, isLast, step)` | what `Buffer` asks of bytes |
//! | `hash`, `hmac`, `pbkdf2`, `hkdf`, `scrypt`, `aesGcm`, `aesCbc`, `aesCtr` | what `crypto` computes |
//! | `deflate(form, bytes, level)`, `inflate(form, bytes, most)`, `crc32(bytes, before)` | compressed bytes |
//! | `findBuiltin(specifier)` | the short name of a built-in module's file and its part of that, or undefined |
//! | `globalsOf(name)`, `isLazy(name, getter)` | its globals, and whether one is still to be made |
//! | `now()` | milliseconds of a clock that only goes forward |
//! | `today()`, `random()` | milliseconds since 1970 and a number below 1, of a virtual clock and seed |
//! | `callService(name, isBlocking, ...args)` | calls a service of the host library |
//! | `deferred()` | a promise with the functions that settle it |
//! | `whenSettled(value, fulfilled, rejected)` | what `await` does, whatever the plugin made of promises |
//! | `handled(promise)` | a rejection of this promise is not worth a report |
//! | `streamChunk`, `streamEnd`, `streamFail` | what a source of the plugin has given |
//! | `streamRead`, `streamStop` | what the plugin wants of a stream of the host |
//! | `setTimeout`, `setInterval`, `setImmediate`, `clearTimer` | timers as JavaScript knows them |
//!
//! # Primordials
//!
//! A plugin may replace `Array.prototype.map` or `Promise.prototype.then`; polyfills do. Our files take what they use
//! of the language when they are evaluated, before anything of the plugin exists, so that a plugin which replaces
//! something breaks itself only. Syntax can call methods too: template literals (`concat`), `for … of`, spreading and
//! destructuring of arrays (iterators) have no place in our files.
//!
//! # Globals
//!
//! What most plugins never use is in [`LAZY`]: the runner makes an accessor of each global, and the first access evaluates
//! the file and leaves plain properties. Such a file is evaluated when the plugin may have replaced anything, so it takes
//! what it uses from `kit.primordials`, and other files by `kit.use(name)`.

pub mod modules;

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
    Script { name: "plughold:commonjs.js", text: include_str!("js/commonjs.js") },
    Script { name: "plughold:namespaces.js", text: include_str!("js/namespaces.js") },
    Script { name: "plughold:remote.js", text: include_str!("js/remote.js") },
    Script { name: "plughold:clock.js", text: include_str!("js/clock.js") },
    Script { name: "plughold:lazy.js", text: include_str!("js/lazy.js") },
    Script { name: "plughold:signals.js", text: include_str!("js/signals.js") },
    Script { name: "plughold:sources.js", text: include_str!("js/sources.js") },
    Script { name: "plughold:wording.js", text: include_str!("js/wording.js") },
    Script { name: "plughold:boot.js", text: include_str!("js/boot.js") },
];

/// A file that is evaluated when something of it is first used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lazy {
    /// The file. It is called like those of [`BOOT`], and gives an object with its globals and what other files use.
    pub script: Script,
    /// The names of its globals.
    pub globals: &'static [&'static str],
}

impl Lazy {
    /// The name under which our own files ask for it.
    pub fn short_name(&self) -> &'static str {
        let name = self.script.name;
        name.strip_prefix(OWN).and_then(|name| name.strip_suffix(".js")).unwrap_or(name)
    }
}

/// Every file that is evaluated when something of it is first used: those of [`LAZY`] and the built-in modules.
pub fn lazy_files() -> impl Iterator<Item = &'static Lazy> {
    LAZY.iter().chain(modules::FILES)
}

/// The files that most plugins never use.
pub const LAZY: &[Lazy] = &[
    Lazy {
        script: Script { name: "plughold:inspect.js", text: include_str!("js/inspect.js") },
        globals: &[],
    },
    Lazy {
        script: Script { name: "plughold:console.js", text: include_str!("js/console.js") },
        globals: &["console"],
    },
    Lazy {
        script: Script { name: "plughold:webidl.js", text: include_str!("js/globals/webidl.js") },
        globals: &[],
    },
    Lazy {
        script: Script { name: "plughold:events.js", text: include_str!("js/globals/events.js") },
        globals: &["Event", "EventTarget", "CustomEvent", "ErrorEvent", "PromiseRejectionEvent"],
    },
    Lazy {
        script: Script { name: "plughold:abort.js", text: include_str!("js/globals/abort.js") },
        globals: &["AbortController", "AbortSignal"],
    },
    Lazy {
        script: Script { name: "plughold:streams/states.js", text: include_str!("js/streams/states.js") },
        globals: &[],
    },
    Lazy {
        script: Script {
            name: "plughold:streams/iterables.js",
            text: include_str!("js/streams/iterables.js"),
        },
        globals: &[],
    },
    Lazy {
        script: Script { name: "plughold:streams/tee.js", text: include_str!("js/streams/tee.js") },
        globals: &[],
    },
    Lazy {
        script: Script { name: "plughold:streams/readable.js", text: include_str!("js/streams/readable.js") },
        globals: &["ReadableStream", "ReadableStreamDefaultController", "ReadableStreamDefaultReader"],
    },
    Lazy {
        script: Script {
            name: "plughold:streams/strategies.js",
            text: include_str!("js/streams/strategies.js"),
        },
        globals: &["ByteLengthQueuingStrategy", "CountQueuingStrategy"],
    },
    Lazy {
        script: Script { name: "plughold:streams/bridge.js", text: include_str!("js/streams/bridge.js") },
        globals: &[],
    },
    Lazy {
        script: Script { name: "plughold:url.js", text: include_str!("js/globals/url.js") },
        globals: &["URL", "URLSearchParams"],
    },
    Lazy {
        script: Script { name: "plughold:text.js", text: include_str!("js/globals/text.js") },
        globals: &["TextDecoder", "TextEncoder"],
    },
    Lazy {
        script: Script { name: "plughold:clone.js", text: include_str!("js/globals/clone.js") },
        globals: &["structuredClone"],
    },
    Lazy {
        script: Script { name: "plughold:crypto.js", text: include_str!("js/globals/crypto.js") },
        globals: &["Crypto", "crypto"],
    },
    Lazy {
        script: Script { name: "plughold:subtle.js", text: include_str!("js/globals/subtle.js") },
        globals: &["CryptoKey", "SubtleCrypto"],
    },
    Lazy {
        script: Script { name: "plughold:window.js", text: include_str!("js/globals/window.js") },
        globals: &[],
    },
    Lazy {
        script: Script { name: "plughold:performance.js", text: include_str!("js/globals/performance.js") },
        globals: &["Performance", "PerformanceEntry", "PerformanceMark", "PerformanceMeasure", "performance"],
    },
    Lazy {
        script: Script { name: "plughold:navigator.js", text: include_str!("js/globals/navigator.js") },
        globals: &["Navigator", "navigator"],
    },
    Lazy {
        script: Script { name: "plughold:locales.js", text: include_str!("js/globals/locales.js") },
        globals: &[],
    },
    Lazy {
        script: Script { name: "plughold:numbers.js", text: include_str!("js/globals/numbers.js") },
        globals: &[],
    },
    Lazy {
        script: Script { name: "plughold:dates.js", text: include_str!("js/globals/dates.js") },
        globals: &[],
    },
    Lazy {
        script: Script { name: "plughold:collation.js", text: include_str!("js/globals/collation.js") },
        globals: &[],
    },
    Lazy {
        script: Script { name: "plughold:intl.js", text: include_str!("js/globals/intl.js") },
        globals: &["Intl"],
    },
    Lazy {
        script: Script { name: "plughold:callsites.js", text: include_str!("js/globals/callsites.js") },
        globals: &[],
    },
];

const PRELUDES: &[(&str, Script)] = &[
    ("native", Script { name: "plughold:native.js", text: include_str!("js/preludes/native.js") }),
    ("joplin", Script { name: "plughold:joplin.js", text: include_str!("js/preludes/joplin.js") }),
];

/// The file that prepares the globals for one plugin format, or none for a name that does not exist.
///
/// It is called with `kit` and the facts `{ manifest, permissions, state, file, isModule }`, and gives
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
        let lazy = lazy_files().map(|lazy| lazy.script);
        for script in BOOT.iter().copied().chain(lazy).chain(preludes) {
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
        // The engine makes a call of `concat` of each template literal.
        const TEMPLATE: char = '`';
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
        let lazy = lazy_files().map(|lazy| &lazy.script);
        for script in BOOT.iter().chain(lazy).filter(|script| script.name != "plughold:primordials.js") {
            let code = script.text.lines().filter(|line| !line.trim_start().starts_with("//"));
            assert!(!code.into_iter().any(|line| line.contains(TEMPLATE)), "{} has a template", script.name);
            for method in METHODS {
                assert!(!script.text.contains(method), "{} calls {method}…)", script.name);
            }
        }
    }
}
