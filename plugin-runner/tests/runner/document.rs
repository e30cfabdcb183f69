//! `docs/globals.md` says what a plugin really finds: a plugin in a real runner is asked for each name.
//!
//! The tables between `<!-- begin NAME -->` and `<!-- end NAME -->` are written by this test when `UPDATE_DOCUMENTS` is
//! set, and compared otherwise.

use crate::harness::Runner;
use plughold_protocol::pack::Writer;
use plughold_protocol::record::Target;
use std::fmt::Write;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/globals.md");

/// A name, how it differs from the standard if it is there, and why it is missing if it is not.
type Row = (&'static str, &'static str, &'static str);

const NO_WEB: &str =
    "a plugin reaches nothing but its host; an application can offer requests through its API";
const NO_CODE: &str = "no machine code is made in a runner";
const SUBTLE: &str =
    "digests, HMAC, AES-GCM, AES-CBC, AES-CTR, PBKDF2 and HKDF; tags of 128 bits, no keys in pairs";
const NO_PORTS: &str = "there is one thread, and nobody to send a message to but the host";
const NO_FILES: &str = "bytes travel as `Uint8Array`";
const HOST_TOLD: &str = "the host is told of uncaught errors, and not the plugin";
const ONE_WAY: &str = "the plugin reads streams and gives them, and does not connect them";
const WHOLE: &str = "chunks are not cut; a `Uint8Array` is a chunk";

/// The interfaces and functions of the Minimum Common Web API, the snapshot of 2025.
const COMMON: &[Row] = &[
    ("AbortController", "", ""),
    ("AbortSignal", "", ""),
    ("Blob", "", NO_FILES),
    ("ByteLengthQueuingStrategy", "", ""),
    ("CompressionStream", "", ONE_WAY),
    ("CountQueuingStrategy", "", ""),
    ("Crypto", "", ""),
    ("CryptoKey", "secret keys only", ""),
    ("CustomEvent", "", ""),
    ("DOMException", "", ""),
    ("DecompressionStream", "", ONE_WAY),
    ("ErrorEvent", "nobody but the plugin makes one", ""),
    ("Event", "there is no tree: the path of an event is its target", ""),
    ("EventTarget", "", ""),
    ("File", "", NO_FILES),
    ("FormData", "", NO_WEB),
    ("Headers", "", NO_WEB),
    ("MessageChannel", "", NO_PORTS),
    ("MessageEvent", "", NO_PORTS),
    ("MessagePort", "", NO_PORTS),
    ("Performance", "marks and measures are kept up to 10 000", ""),
    ("PromiseRejectionEvent", "nobody but the plugin makes one", ""),
    ("ReadableByteStreamController", "", WHOLE),
    ("ReadableStream", "without byte sources, `pipeTo` and `pipeThrough`", ""),
    ("ReadableStreamBYOBReader", "", WHOLE),
    ("ReadableStreamBYOBRequest", "", WHOLE),
    ("ReadableStreamDefaultController", "", ""),
    ("ReadableStreamDefaultReader", "", ""),
    ("Request", "", NO_WEB),
    ("Response", "", NO_WEB),
    ("SubtleCrypto", SUBTLE, ""),
    ("TextDecoder", "utf-8, utf-16le, utf-16be and windows-1252 with all their names", ""),
    ("TextDecoderStream", "", ONE_WAY),
    ("TextEncoder", "", ""),
    ("TextEncoderStream", "", ONE_WAY),
    ("TransformStream", "", ONE_WAY),
    ("TransformStreamDefaultController", "", ONE_WAY),
    ("URL", "at most 2 MiB; a `|` behind a drive's letter in a `file:` URL stays", ""),
    ("URLPattern", "", "a router belongs to a server"),
    ("URLSearchParams", "", ""),
    ("WebAssembly", "", NO_CODE),
    ("WritableStream", "", ONE_WAY),
    ("WritableStreamDefaultController", "", ONE_WAY),
    ("WritableStreamDefaultWriter", "", ONE_WAY),
    ("atob", "", ""),
    ("btoa", "", ""),
    ("clearInterval", "", ""),
    ("clearTimeout", "", ""),
    ("console", "each line is a message to the host, with its file and line", ""),
    ("crypto", "", ""),
    ("fetch", "", NO_WEB),
    ("globalThis", "no `EventTarget`", ""),
    ("navigator.userAgent", "", ""),
    ("onerror", "", HOST_TOLD),
    ("onrejectionhandled", "", HOST_TOLD),
    ("onunhandledrejection", "", HOST_TOLD),
    ("performance", "", ""),
    ("queueMicrotask", "", ""),
    ("reportError", "the host is told, as of an uncaught error", ""),
    ("self", "", ""),
    ("setInterval", "at least a millisecond", ""),
    (
        "setTimeout",
        "`setTimeout(f, 0)` lets messages of the host go first; the text of a program is no function",
        "",
    ),
    ("structuredClone", "of streams, signals and the like there is no clone", ""),
];

/// What else plugins of other hosts use.
const OTHERS: &[Row] = &[
    ("AsyncDisposableStack", "", "not in this engine"),
    ("AbortSignal.any", "", ""),
    ("AbortSignal.timeout", "", ""),
    ("AggregateError", "", ""),
    ("Atomics", "", ""),
    ("Buffer", "", ""),
    ("DisposableStack", "", "not in this engine"),
    ("Error.captureStackTrace", "", ""),
    ("Error.prepareStackTrace", "as in V8; `getThis` and the like of a call site tell nothing", ""),
    ("FinalizationRegistry", "", ""),
    ("Float16Array", "", ""),
    ("Intl", "American English whatever is asked for; zones are the machine's own and UTC", ""),
    ("Intl.Collator", "for what Unicode takes apart; scripts are in the order of code points", ""),
    ("Intl.DateTimeFormat", "without eras, parts of the day and calendars", ""),
    ("Intl.DisplayNames", "", "the tables of languages are larger than a runner"),
    ("Intl.ListFormat", "", ""),
    ("Intl.Locale", "", "there is one locale"),
    ("Intl.NumberFormat", "without compact, scientific and units", ""),
    ("Intl.PluralRules", "", ""),
    ("Intl.RelativeTimeFormat", "in its long style", ""),
    ("Intl.Segmenter", "", "the tables of scripts are larger than a runner"),
    ("Iterator", "", ""),
    ("MessageChannel", "", NO_PORTS),
    ("Navigator", "", ""),
    ("PerformanceEntry", "", ""),
    ("PerformanceMark", "", ""),
    ("PerformanceMeasure", "", ""),
    ("Promise.withResolvers", "", ""),
    ("SharedArrayBuffer", "there is nobody to share it with", ""),
    ("Symbol.asyncDispose", "", ""),
    ("Symbol.dispose", "", ""),
    ("URL.canParse", "", ""),
    ("URL.createObjectURL", "", NO_FILES),
    ("URL.parse", "", ""),
    ("WeakRef", "", ""),
    ("WebSocket", "", NO_WEB),
    ("Worker", "", NO_PORTS),
    ("XMLHttpRequest", "", NO_WEB),
    ("addEventListener", "", "the global object is no `EventTarget`"),
    ("clearImmediate", "", ""),
    ("crypto.getRandomValues", "", ""),
    ("crypto.randomUUID", "", ""),
    ("crypto.subtle", SUBTLE, ""),
    ("document", "", "a plugin has no window"),
    ("global", "", ""),
    ("localStorage", "the host keeps its items; each use waits for it", ""),
    ("location", "", "a plugin has no window"),
    ("navigator.hardwareConcurrency", "always 1: a plugin has one thread", ""),
    ("navigator.language", "always `en-US`", ""),
    ("navigator.platform", "", ""),
    ("performance.mark", "", ""),
    ("performance.measure", "", ""),
    ("performance.now", "", ""),
    ("performance.timeOrigin", "", ""),
    ("process", "what it would change of the real process is refused; see [modules](compat.md)", ""),
    ("require", "", "modules are imported from the plugin's own package"),
    ("setImmediate", "", ""),
    ("window", "", "a plugin has no window"),
];

/// Gives the kinds of the names that it is called with.
const PLUGIN: &str = "exports.kinds = (names) => names.split(' ').map((name) => {
    let value = globalThis;
    for (const part of name.split('.')) {
        if (value === undefined || !(part in value)) return 'missing';
        value = value[part];
    }
    return typeof value;
}).join(' ');";

#[test]
fn the_document_tells_what_is_there() {
    hold(DOCUMENT, &[("common", table(COMMON)), ("others", table(OTHERS))]);
}

/// Holds a document to its tables, or writes them into it.
pub(crate) fn hold(path: &str, tables: &[(&str, String)]) {
    let before = std::fs::read_to_string(path).unwrap();
    let document =
        tables.iter().fold(before.clone(), |document, (name, table)| replaced(&document, name, table));
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(path, document).unwrap();
        return;
    }
    assert_eq!(before, document, "run the test with UPDATE_DOCUMENTS=1");
}

fn table(rows: &[Row]) -> String {
    let names: Vec<&str> = rows.iter().map(|(name, _, _)| *name).collect();
    let kinds = kinds(&names);
    let mut table = "| name | | |\n|---|---|---|\n".to_owned();
    for ((name, different, missing), kind) in rows.iter().zip(kinds.split(' ')) {
        let (state, words) = match (kind, *different) {
            ("missing", _) => ("missing", *missing),
            (_, "") => ("there", ""),
            (_, different) => ("different", different),
        };
        assert!(state != "missing" || !words.is_empty(), "{name} is missing, and nothing says why");
        writeln!(table, "| `{name}` | {state} | {words} |").unwrap();
    }
    table
}

fn kinds(names: &[&str]) -> String {
    let mut arguments = Vec::new();
    let mut writer = Writer::new(&mut arguments);
    writer.array(1);
    writer.text(&names.join(" "));
    let mut runner = Runner::with_script(PLUGIN);
    let call = runner.call(Target::Export("kinds"), &arguments);
    runner.returned(call).trim_matches('"').to_owned()
}

fn replaced(document: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let from = document.find(&begin).unwrap() + begin.len();
    let to = document.find(&end).unwrap();
    format!("{}{table}{}", &document[..from], &document[to..])
}
