//! `docs/compat.md` says what became of each module of Node.js: a plugin in a real runner loads them all, and those that
//! refuse are used.

use crate::builtins::check;
use crate::document::hold;
use plughold_proxy_js::modules::BUILTINS;
use std::fmt::Write;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/compat.md");

/// What became of a module.
#[derive(Clone, Copy)]
enum State {
    /// It does what it does in Node.js.
    There,
    /// The same, with a difference.
    Different(&'static str),
    /// It can be loaded, and this expression of `it` is refused.
    Refused(&'static str),
    /// It is not there, for this reason.
    Missing(&'static str),
}
use State::{Different, Missing, Refused, There};

/// All modules of Node.js 20, and two packages that Joplin gives to its plugins.
const MODULES: &[(&str, State)] = &[
    ("assert", Different("messages are shorter, and show no difference by lines; no `CallTracker`")),
    ("assert/strict", Different("as `assert`")),
    (
        "async_hooks",
        Different("`AsyncLocalStorage` knows its store up to the first `await`; hooks are never called"),
    ),
    (
        "buffer",
        Different("no `Blob`, `File` and `resolveObjectURL`; lone surrogates are replaced in `utf16le` too"),
    ),
    ("child_process", Refused("it.spawn('ls')")),
    ("cluster", Refused("it.fork()")),
    ("console", Different("the global `console`")),
    ("constants", There),
    (
        "crypto",
        Different(
            "md5, sha1, sha2; HMAC; AES in CBC, CTR and GCM; pbkdf2, scrypt, hkdf; chance; no keys in pairs, signatures and certificates; what is given to a hash or cipher is kept until its end",
        ),
    ),
    ("dgram", Refused("it.createSocket('udp4')")),
    ("diagnostics_channel", There),
    ("dns", Refused("it.lookup('a.b', () => {})")),
    ("dns/promises", Refused("it.resolve('a.b')")),
    ("domain", Refused("it.create()")),
    ("events", There),
    (
        "fs",
        Different(
            "on the data folder, the package and what permissions open: [storage](storage.md); `watch`, `link` and `symlink` refuse",
        ),
    ),
    ("fs-extra", Different("as `fs`")),
    ("fs/promises", Different("as `fs`")),
    ("http", Refused("it.createServer().listen(80)")),
    ("http2", Refused("it.connect('https://a.b')")),
    ("https", Refused("it.createServer().listen(80)")),
    ("inspector", Refused("it.open()")),
    ("inspector/promises", Missing("a plugin does not look into its engine")),
    ("module", Different("`createRequire`, `isBuiltin` and `builtinModules`")),
    ("net", Refused("it.connect(80)")),
    ("os", Different("the system's name; nothing of its user, its processors and its memory")),
    ("path", There),
    ("path/posix", There),
    ("path/win32", There),
    ("perf_hooks", Different("the global `performance`; observers observe nothing")),
    (
        "process",
        Different(
            "`env` is empty, `nextTick` comes with other promise jobs, and what would change the process is refused",
        ),
    ),
    ("punycode", There),
    ("querystring", There),
    ("readline", Refused("it.createInterface({})")),
    ("readline/promises", Refused("it.createInterface({})")),
    ("repl", Refused("it.start()")),
    (
        "sqlite3",
        Different(
            "on files in the data folder, without `ATTACH`, extensions and virtual tables: [storage](storage.md)",
        ),
    ),
    ("stream", Different("no operators such as `map` on streams; `compose` is `pipe`")),
    ("stream/consumers", Missing("`for await` reads a stream")),
    ("stream/promises", There),
    ("stream/web", Missing("the web's streams are globals")),
    ("string_decoder", There),
    ("sys", There),
    ("timers", Different("timers are numbers, without `ref` and `unref`")),
    ("timers/promises", There),
    ("tls", Refused("it.connect(443)")),
    ("trace_events", Refused("it.createTracing({})")),
    ("tty", Refused("new it.ReadStream(0)")),
    ("url", There),
    ("util", Different("`inspect` writes as the console does; no `parseArgs` and MIME types")),
    ("util/types", There),
    ("v8", Refused("it.getHeapStatistics()")),
    ("vm", Different("`runInThisContext`; there is one world for the plugin's code")),
    ("wasi", Refused("new it.WASI()")),
    ("worker_threads", Refused("new it.Worker('a.js')")),
    ("zlib", Different("without Brotli; a stream gives everything at its end")),
];

#[test]
fn the_document_tells_what_became_of_each_module() {
    let mut table = "| module | | |\n|---|---|---|\n".to_owned();
    for (name, state) in MODULES {
        let is_there = BUILTINS.iter().any(|module| module.name == *name);
        let (word, words) = match *state {
            There => ("there", ""),
            Different(words) => ("different", words),
            Refused(_) => ("refused", "can be loaded, subclassed and asked for its constants"),
            Missing(words) => ("missing", words),
        };
        assert_eq!(is_there, !matches!(state, Missing(_)), "{name}");
        writeln!(table, "| `{name}` | {word} | {words} |").unwrap();
    }
    for module in BUILTINS {
        assert!(MODULES.iter().any(|(name, _)| *name == module.name), "{} is in no table", module.name);
    }
    hold(DOCUMENT, &[("modules", table)]);
}

#[test]
fn every_module_can_be_loaded_and_those_that_refuse_say_so() {
    let mut code = String::from(
        "const refused = async (use) => { try { await use() } catch (error) { return error.name + ' ' + error.code } };\nexports.run = async () => {\nconst wrong = [];\n",
    );
    for (name, state) in MODULES {
        match *state {
            There | Different(_) => {
                writeln!(
                    code,
                    "if (!['object', 'function'].includes(typeof require('{name}'))) wrong.push('{name}');"
                )
                .unwrap();
            }
            Refused(using) => {
                writeln!(code, "{{ const it = require('node:{name}'); const said = await refused(() => {using}); if (said !== 'PermissionDenied E_DENIED') wrong.push('{name} ' + said); }}").unwrap();
            }
            Missing(_) => {
                writeln!(code, "try {{ require('node:{name}'); wrong.push('{name}') }} catch (error) {{ if (error.code !== 'ERR_UNKNOWN_BUILTIN_MODULE') wrong.push('{name} ' + error) }}").unwrap();
            }
        }
    }
    code.push_str("return wrong;\n};");
    check(&[("main.js", &code)], "[]");
}

#[test]
fn a_joplin_plugin_finds_what_its_window_had() {
    let names = "window self global module exports require process Buffer location screen matchMedia addEventListener alert requestAnimationFrame HTMLElement";
    crate::builtins::check_joplin(&format!(
        "const missing = '{names}'.split(' ').filter((name) => !(name in globalThis)); if (missing.length !== 0) throw new Error(missing.join());
        if (window !== globalThis || location.protocol !== 'file:' || matchMedia('print').matches !== false) throw new Error('window');
        window.location = 5; if (location !== 5) throw new Error('assigned');
        let heard = 0; addEventListener('x', () => {{ heard += 1 }}); window.dispatchEvent(new Event('x')); if (heard !== 1) throw new Error('event');"
    ));
}
