//! What a plugin is on disk.
//!
//! A [`Package`] is a plugin as its author delivered it: one script, a folder or an archive, in one of the
//! [formats](Format) that Plughold knows. Reading one tells who the plugin is, what it asks for and where its code
//! is. Nothing here evaluates a plugin or parses its JavaScript; every byte read is taken for hostile, and every
//! size, depth and count has a bound in [`limits`].
//!
//! ```no_run
//! let found = plughold_package::discover("plugins");
//! for package in &found.packages {
//!     println!("{} {} from {}", package.id, package.version, package.source.display());
//! }
//! for problems in &found.problems {
//!     eprintln!("{problems}");
//! }
//! ```
//!
//! # Layout
//!
//! - [`package`]: the one type for all formats, and what a host asks of it
//! - [`id`]: the validated name under which a plugin is known
//! - [`native`], [`joplin`], [`haplo`], [`hitchy`]: one module per format, from manifest to package
//! - [`discover`](mod@discover): all packages of a folder
//! - [`scope`]: what exactly a permission is for, and whether one covers another
//! - [`order`](mod@order): in which order plugins start that need each other
//! - [`resolve`]: relative imports between the modules of a package; [`syntax`]: what kind of code a file holds
//! - [`problem`]: what is wrong with a package, each time with file, line and column
//! - [`name`], [`read`]: names of files inside a package, and reading beneath its root only
//! - [`content`]: all files of a package, its identity, and packing it
//! - [`look`]: looking at a package again without reading what has not changed; [`stamp`]: its files from outside
//! - `archive`: tar, gzip and zip, in bounded streams; `document`: JSON with positions; `script`: the manifest in a
//!   script's comment
//! - [`limits`]: every bound, each with its reason

mod archive;
pub mod content;
pub mod discover;
mod document;
pub mod haplo;
pub mod hitchy;
#[cfg(test)]
mod hostile;
pub mod id;
pub mod joplin;
pub mod limits;
pub mod look;
pub mod name;
pub mod native;
pub mod order;
pub mod package;
pub mod problem;
pub mod read;
pub mod resolve;
pub mod scope;
mod script;
mod size;
pub mod stamp;
pub mod syntax;
#[cfg(test)]
mod testing;

pub use content::{ContentError, ContentHash};
pub use discover::{Discovery, discover};
pub use haplo::HaploPlugin;
pub use hitchy::{Application, Beacon};
pub use id::{IdError, PackageId};
pub use joplin::JoplinManifest;
pub use look::{Look, Remembered, places};
pub use name::NameError;
pub use native::{MANIFEST_SCHEMA, Numbers, Setting, SettingError, SettingKind};
pub use order::{Dependency, Unmet};
pub use package::{Activation, Entry, EntryKind, Format, LimitsRequest, NotRunnable, Package, Permission};
pub use problem::{Problem, Problems, Severity};
pub use read::{ReadError, UnpackError};
pub use resolve::ResolveError;
pub use scope::{Scope, ScopeError};
pub use semver::VersionReq;
pub use stamp::Stamp;
pub use syntax::Syntax;
