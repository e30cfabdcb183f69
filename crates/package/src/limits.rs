//! Every bound of reading packages, with its reason.
//!
//! "Real packages" are the 348 plugins of Joplin's repository, the largest collection of plugins that this host runs.

/// The longest manifest, in bytes: `plughold.json`, `manifest.json` or a comment in a script. Real ones stay below
/// 8 KiB; a parser's tree takes many times its text.
pub const MANIFEST: u64 = 1 << 20;

/// How deep a manifest's arrays and objects may be nested. Real ones have three levels; the parser recurses.
pub const JSON_DEPTH: usize = 64;

/// The longest entry script and the longest file that [`Package::read`](crate::Package::read) returns, in
/// bytes: what one `Load` message can carry. The largest real bundle has 3.7 MB.
pub const FILE: u64 = plughold_protocol::limits::LOAD as u64;

/// The longest archive, packed or unpacked, in bytes. The largest real one has 11.7 MB.
pub const ARCHIVE: u64 = 256 << 20;

/// The most entries of an archive, extension headers included, and the most files and folders that their names make.
/// Real ones have at most 297; a header of 512 bytes packs to almost nothing.
pub const ENTRIES: usize = 10_000;

/// How many times its packed size an archive may unpack to. Scripts pack 3:1 to 10:1 and the format ends at 1032:1,
/// so only runs of one byte come near.
pub const RATIO: u64 = 1_000;

/// What every archive may unpack to whatever its ratio, in bytes: a tar of nothing but headers packs very well.
pub const RATIO_FLOOR: u64 = 1 << 20;

/// The longest directory of a zip, in bytes: [`ENTRIES`] with names and times of usual length.
pub const ZIP_DIRECTORY: u64 = 4 << 20;

/// The longest extension header of an archive, in bytes: it holds one name and some times.
pub const EXTENSION_HEADER: u64 = 64 << 10;

/// The longest name of a file inside a package, in bytes. With a usual root it still fits the 4,096 bytes that Linux
/// takes and the 1,024 of macOS.
pub const PATH: usize = 768;

/// The longest part of a name between two slashes, in bytes: what every usual file system takes.
pub const PATH_PART: usize = 255;

/// The most parts of a name. Deeper trees come from loops and attacks.
pub const PATH_DEPTH: usize = 32;

/// The longest native id, in bytes: it becomes a folder's name and a prefix of keys.
pub const ID: usize = 128;

/// The longest id of a Joplin plugin, in bytes, as Joplin has it.
pub const JOPLIN_ID: usize = 256;

/// The shortest id of a Joplin plugin, in bytes, as Joplin has it.
pub const JOPLIN_ID_MIN: usize = 16;

/// The longest name, version, author or address in a manifest, in bytes: these are shown on one line.
pub const LINE: usize = 1_024;

/// The longest description or reason for a permission, in bytes: a paragraph or two.
pub const TEXT: usize = 16 << 10;

/// The most elements of a list in a manifest, as permissions or keywords.
pub const LIST: usize = 1_000;

/// The most steps that are told of the way from a plugin to what stops it. Real ones have two or three.
pub const UNMET_PATH: usize = 16;

/// The longest name of a permission, in bytes.
pub const PERMISSION: usize = 128;

/// The most entries of a folder that [`discover`](crate::discover()) looks at.
pub const DISCOVERED: usize = 10_000;

/// The most problems that are told of one package; an archive of ten thousand bad names says the same thing each time.
pub const PROBLEMS: usize = 50;

/// The most characters of a package's own text that a message quotes.
pub const QUOTED: usize = 80;

/// How deep templates may be nested in a script before looking for signs of a module is given up.
pub const TEMPLATES: usize = 1_000;

/// The smallest JavaScript stack that a manifest may ask for, in bytes: the engine's own parser needs half of it.
pub const STACK_MIN: u64 = 64 << 10;

/// How deep the `node_modules` of a Hitchy application may be nested. Installers keep theirs nearly flat.
pub const HITCHY_DEPTH: usize = 64;

/// Entries of all `node_modules` of a Hitchy application together. Large applications have a few thousand packages.
pub const HITCHY_ENTRIES: usize = 200_000;
