//! Modules that every plugin can load without having them in its package: those that Node.js calls built-in.
//!
//! Each is a file below `js/modules`, compiled and evaluated as the files of [`LAZY`](crate::LAZY) are: a plugin that
//! loads none of them pays for none. A file gives an object whose `exports` are the module's; one that has several
//! modules has others under the name that [`Builtin::part`] says.

use crate::{Lazy, Script};

/// What the name of a built-in module may begin with.
pub const SCHEME: &str = "node:";

/// A module that is there without a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// The name, without [`SCHEME`].
    pub name: &'static str,
    /// The short name of the file that it is in.
    pub file: &'static str,
    /// The name of its exports in what the file gives.
    pub part: &'static str,
}

/// The built-in module that a specifier means: `path` and `node:path` alike.
pub fn builtin(specifier: &str) -> Option<&'static Builtin> {
    let name = specifier.strip_prefix(SCHEME).unwrap_or(specifier);
    BUILTINS.iter().find(|builtin| builtin.name == name)
}

macro_rules! files {
    ($($name:literal $(with [$($global:literal),*])?)*) => {
        &[$(Lazy {
            script: Script {
                name: concat!("plughold:modules/", $name, ".js"),
                text: include_str!(concat!("js/modules/", $name, ".js")),
            },
            globals: &[$($($global),*)?],
        }),*]
    };
}

/// The files of built-in modules, and what they share.
pub const FILES: &[Lazy] = files! {
    "assert"
    "buffer" with ["Buffer"]
    "buffer_numbers"
    "ciphers"
    "constants"
    "crypto"
    "duplex"
    "equality"
    "errors"
    "events"
    "fs"
    "fs-extra"
    "fs_calls"
    "fs_handles"
    "fs_streams"
    "fs_values"
    "fs_works"
    "http"
    "machinery"
    "os"
    "path"
    "pipes"
    "process" with ["process"]
    "punycode"
    "querystring"
    "readable"
    "readable_buffer"
    "readable_iterables"
    "refused"
    "settings"
    "shared"
    "sqlite3"
    "storage" with ["Storage", "localStorage"]
    "stream"
    "stream_base"
    "string_decoder"
    "timers"
    "types"
    "url"
    "util"
    "writable"
    "zlib"
};

macro_rules! part {
    () => {
        "exports"
    };
    ($part:literal) => {
        $part
    };
}

macro_rules! builtins {
    ($($name:literal in $file:literal $(as $part:literal)?;)*) => {
        &[$(Builtin { name: $name, file: concat!("modules/", $file), part: part!($($part)?) }),*]
    };
}

/// All built-in modules.
pub const BUILTINS: &[Builtin] = builtins! {
    "assert" in "assert";
    "assert/strict" in "assert" as "strict";
    "async_hooks" in "machinery" as "async_hooks";
    "buffer" in "buffer";
    "child_process" in "refused" as "child_process";
    "cluster" in "refused" as "cluster";
    "console" in "machinery" as "console";
    "constants" in "constants";
    "crypto" in "crypto";
    "dgram" in "refused" as "dgram";
    "diagnostics_channel" in "machinery" as "diagnostics_channel";
    "dns" in "refused" as "dns";
    "dns/promises" in "refused" as "dns/promises";
    "domain" in "refused" as "domain";
    "events" in "events";
    "fs" in "fs";
    "fs-extra" in "fs-extra";
    "fs/promises" in "fs" as "promises";
    "http" in "http";
    "http2" in "refused" as "http2";
    "https" in "http" as "https";
    "inspector" in "refused" as "inspector";
    "module" in "machinery" as "module";
    "net" in "refused" as "net";
    "os" in "os";
    "path" in "path";
    "path/posix" in "path" as "posix";
    "path/win32" in "path" as "win32";
    "perf_hooks" in "machinery" as "perf_hooks";
    "process" in "process";
    "punycode" in "punycode";
    "querystring" in "querystring";
    "readline" in "refused" as "readline";
    "readline/promises" in "refused" as "readline/promises";
    "repl" in "refused" as "repl";
    "sqlite3" in "sqlite3";
    "stream" in "stream";
    "stream/promises" in "stream" as "promises";
    "string_decoder" in "string_decoder";
    "sys" in "machinery" as "sys";
    "timers" in "timers";
    "timers/promises" in "timers" as "promises";
    "tls" in "refused" as "tls";
    "trace_events" in "refused" as "trace_events";
    "tty" in "refused" as "tty";
    "url" in "url";
    "util" in "util";
    "util/types" in "types";
    "v8" in "refused" as "v8";
    "vm" in "machinery" as "vm";
    "wasi" in "refused" as "wasi";
    "worker_threads" in "refused" as "worker_threads";
    "zlib" in "zlib";
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_has_its_file_and_one_name() {
        for (index, module) in BUILTINS.iter().enumerate() {
            assert!(FILES.iter().any(|file| file.short_name() == module.file), "{}", module.file);
            assert!(BUILTINS[index + 1..].iter().all(|other| other.name != module.name), "{}", module.name);
        }
    }

    #[test]
    fn modules_are_found_with_and_without_the_scheme() {
        assert_eq!(builtin("path").map(|module| module.part), Some("exports"));
        assert_eq!(builtin("node:path/posix").map(|module| module.part), Some("posix"));
        for unknown in ["", "node:", "./path", "path/", "node:node:path", "Path"] {
            assert_eq!(builtin(unknown), None, "{unknown}");
        }
    }
}
