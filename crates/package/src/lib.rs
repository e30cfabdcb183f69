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
//! - [`native`], [`joplin`]: one module per format, from manifest to package
//! - [`discover`](mod@discover): all packages of a folder
//! - [`resolve`]: relative imports between the modules of a package
//! - [`problem`]: what is wrong with a package, each time with file, line and column
//! - [`name`], [`read`]: names of files inside a package, and reading beneath its root only
//! - `archive`: tar and gzip, in bounded streams; `document`: JSON with positions; `script`: what can be told of a
//!   script without parsing it
//! - [`limits`]: every bound, each with its reason

mod archive;
pub mod discover;
mod document;
pub mod id;
pub mod joplin;
pub mod limits;
pub mod name;
pub mod native;
pub mod package;
pub mod problem;
pub mod read;
pub mod resolve;
mod script;
mod size;
#[cfg(test)]
mod testing;

pub use discover::{Discovery, discover};
pub use id::{IdError, PackageId};
pub use joplin::JoplinManifest;
pub use name::NameError;
pub use package::{Entry, EntryKind, Format, LimitsRequest, Package, Permission};
pub use problem::{Problem, Problems};
pub use read::{ReadError, UnpackError};
pub use resolve::ResolveError;
