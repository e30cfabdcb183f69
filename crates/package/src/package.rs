//! A plugin on disk, whatever its format.

use std::fmt;
use std::path::{Path, PathBuf};

use plughold_protocol::text::tamed;
use semver::{Version, VersionReq};

use crate::haplo::HaploPlugin;
use crate::hitchy::Beacon;
use crate::id::PackageId;
use crate::joplin::JoplinManifest;
use crate::limits;
use crate::native::Setting;
use crate::order::Dependency;
use crate::problem::{Problem, Problems, file_name};
use crate::read::{Contents, ReadError, UnpackError};
use crate::scope::Scope;
use crate::{haplo, hitchy, joplin, native};

/// Characters of a reason that people are shown: three lines of a terminal.
const SHOWN_REASON: usize = 200;

/// A plugin as its author delivered it. It was read without finding a problem; cloning is cheap enough to pass around.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Package {
    /// The name under which the plugin is known.
    pub id: PackageId,
    /// The name that users see. One line.
    pub name: String,
    /// The plugin's version: a semantic version in native packages, a number in Haplo's, any text in the others.
    pub version: String,
    /// What the plugin does, for users; may be empty.
    pub description: String,
    /// Who made it; may be empty.
    pub author: String,
    /// The format that it was read as.
    pub format: Format,
    /// What it asks to be allowed, in the manifest's order. Asking is not getting.
    pub permissions: Vec<Permission>,
    /// The plugins that it needs, in the manifest's order. They start before it. Empty for Haplo's and Hitchy's, which
    /// have rules of their own: [`haplo::install`], [`hitchy::order`](mod@crate::hitchy::order).
    pub dependencies: Vec<Dependency>,
    /// What users may change about it, in the manifest's order.
    pub settings: Vec<Setting>,
    /// When it is started.
    pub activation: Activation,
    /// What it asks of the runner's limits. The embedder caps them.
    pub limits: LimitsRequest,
    /// Versions of Plughold that it works with. `None` is every version.
    pub requires: Option<VersionReq>,
    /// The code that is run first. None for Haplo's, which list any number of files in [`haplo`](Self::haplo), or none.
    pub entry: Option<Entry>,
    /// The path that it was opened from.
    pub source: PathBuf,
    /// What only Joplin's manifests say. Present when the format is Joplin's.
    pub joplin: Option<JoplinManifest>,
    /// What only Haplo's plugins say. Present when the format is Haplo's.
    pub haplo: Option<HaploPlugin>,
    /// What only Hitchy's plugins say. Present when the format is Hitchy's.
    pub hitchy: Option<Beacon>,
    /// What its author should know although the package can be loaded; each is a
    /// [warning](crate::problem::Severity::Warning).
    pub warnings: Vec<Problem>,
    pub(crate) contents: Contents,
}

/// The formats of packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// Plughold's own: a folder with a `plughold.json`, a `.plug` archive of one, or one script.
    Native,
    /// Joplin's: a `.jpl` archive, a folder with a `manifest.json`, or one script with a manifest in a comment.
    Joplin,
    /// Haplo's: a folder with a `plugin.json`.
    Haplo,
    /// Hitchy's: a folder with a `hitchy.json`.
    Hitchy,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Native => "native",
            Self::Joplin => "joplin",
            Self::Haplo => "haplo",
            Self::Hitchy => "hitchy",
        })
    }
}

/// Something that a plugin asks to be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permission {
    /// Its name, as `notes.write`.
    pub name: String,
    /// Why the plugin needs it, in its author's words, for the user who decides: data of a stranger. For people there is
    /// [`shown_reason`](Permission::shown_reason).
    pub reason: Option<String>,
}

impl Permission {
    pub(crate) fn new(name: String, reason: Option<String>) -> Self {
        Self { name, reason }
    }

    /// The reason as one line of at most 200 characters that does nothing but be shown: without control characters, marks
    /// of direction and what nobody sees. None if nothing is left of it.
    pub fn shown_reason(&self) -> Option<String> {
        let shown = tamed(self.reason.as_deref()?, SHOWN_REASON);
        (!shown.is_empty()).then_some(shown)
    }

    /// The permission for this, without a reason.
    pub fn named(scope: &Scope) -> Self {
        Self::new(scope.to_string(), None)
    }

    /// The permission to use the exports of another plugin.
    pub fn to_use(id: &str) -> Self {
        Self::new(format!("plugins.{id}"), None)
    }
}

/// What a plugin asks of the runner's limits. `None` is the host's default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitsRequest {
    /// Memory in bytes.
    pub memory: Option<u64>,
    /// JavaScript stack in bytes.
    pub stack: Option<u64>,
}

/// When a plugin is started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Activation {
    /// With the application.
    #[default]
    Start,
    /// When somebody needs it first. A host may start it earlier.
    Needed,
}

/// The code that is run first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its name in the package, as `main.js` or `src/main.js`: stack traces show it, and relative imports start from it.
    pub name: String,
    /// How it is evaluated.
    pub kind: EntryKind,
}

/// How code is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// As a script: sloppy at its top level, without `import` and `export`.
    Script,
    /// As an ECMAScript module.
    Module,
}

/// Why a package that was read without finding a problem cannot be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotRunnable {
    /// Its format is known from outside only.
    #[error("{0} plugins are found, read and checked, but this version of Plughold does not run them")]
    Format(Format),
    /// It is for other versions of Plughold.
    #[error("it is for Plughold {needed}, and this is {found}")]
    Version {
        /// The versions that its manifest names.
        needed: VersionReq,
        /// The version of this library.
        found: &'static str,
    },
}

impl Package {
    /// Reads the package at `path`: a `.js`, `.mjs`, `.plug` or `.jpl` file (whatever the case), or a folder
    /// with a `plughold.json`, a `manifest.json`, a `dist/manifest.json`, a `plugin.json` or a `hitchy.json`.
    ///
    /// The entry script is read as well, so that a package that was opened can be started; nothing of it is evaluated.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the package, as far as it can be found at once.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Problems> {
        let path = path.as_ref();
        let file = file_name(path);
        match Kind::of(path) {
            Ok(Some(kind)) => kind.open(path),
            Ok(None) => Err(Problem::new(file, "not a plugin in any known format")
                .with_help(
                    "a plugin is a .js, .mjs, .plug or .jpl file, or a folder with a \"plughold.json\", a \"manifest.json\", a \
                     \"plugin.json\" or a \"hitchy.json\"",
                )
                .alone(path)),
            Err(error) => Err(Problem::new(file, format!("cannot be read: {error}")).alone(path)),
        }
    }

    /// The code that it is started with.
    ///
    /// # Errors
    ///
    /// Why this version of Plughold cannot start it.
    pub fn runs(&self) -> Result<&Entry, NotRunnable> {
        let found = env!("CARGO_PKG_VERSION");
        let fits = |needed: &&VersionReq| Version::parse(found).is_ok_and(|found| needed.matches(&found));
        match (&self.entry, &self.requires) {
            (_, Some(needed)) if !fits(&needed) => {
                Err(NotRunnable::Version { needed: needed.clone(), found })
            }
            (Some(entry), _) if matches!(self.format, Format::Native | Format::Joplin) => Ok(entry),
            _ => Err(NotRunnable::Format(self.format)),
        }
    }

    /// Everything that it asks to be allowed: its permissions, and for each plugin that it needs the permission to use
    /// it, such as `plugins.counter`.
    pub fn asked(&self) -> impl Iterator<Item = Permission> {
        let uses = self.dependencies.iter().map(|dependency| Permission::to_use(dependency.id.as_str()));
        let named = |name: &str| self.permissions.iter().any(|permission| permission.name == name);
        self.permissions.iter().cloned().chain(uses.filter(move |permission| !named(&permission.name)))
    }

    /// The text of the entry script, read from the disk now.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), [`ReadError::NotText`], and [`ReadError::NoEntry`] if there is no such script.
    pub fn entry_source(&self) -> Result<String, ReadError> {
        self.read_text(&self.entry.as_ref().ok_or(ReadError::NoEntry)?.name)
    }

    /// Reads a file of the package by its name relative to the package, with slashes on every operating system.
    ///
    /// # Errors
    ///
    /// A name that breaks a rule of [`name`](crate::name) or leads out of the package, a file that is absent, longer
    /// than 64 MiB or not a regular file, and the operating system's errors.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, ReadError> {
        self.contents.read(name, limits::FILE)
    }

    /// Reads a file of the package as text.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), and [`ReadError::NotText`].
    pub fn read_text(&self, name: &str) -> Result<String, ReadError> {
        self.contents.read_text(name, limits::FILE)
    }

    /// Reads a file of the package as text of at most `longest` bytes.
    ///
    /// # Errors
    ///
    /// As [`read_text`](Self::read_text), and [`ReadError::Long`].
    pub fn read_text_bounded(&self, name: &str, longest: u64) -> Result<String, ReadError> {
        self.contents.read_text(name, longest.min(limits::FILE))
    }

    /// Tells whether the package has a regular file of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.contents.contains(name)
    }

    /// The folder of a package that is one, canonical; `None` for archives and single files.
    pub fn root_dir(&self) -> Option<&Path> {
        match &self.contents {
            Contents::Folder { root } => Some(root),
            _ => None,
        }
    }

    /// Writes an archive's files beneath `target`, which is made if it is absent and must be empty. Every entry is
    /// checked again while it is written; nothing is overwritten and no link is made or followed.
    ///
    /// # Errors
    ///
    /// A package that is no archive, a target that is not empty, an archive that has changed since it was opened,
    /// and the operating system's errors. What was written until then stays.
    pub fn unpack_into(&self, target: impl AsRef<Path>) -> Result<(), UnpackError> {
        match &self.contents {
            Contents::Archive(archive) => archive.unpack_into(target.as_ref()),
            _ => Err(UnpackError::NotAnArchive),
        }
    }
}

/// What a path looks to be, by its name and the names in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    NativeFolder,
    NativeArchive,
    /// The folder that holds the manifest.
    JoplinFolder(PathBuf),
    JoplinArchive,
    HaploFolder,
    HitchyFolder,
    Script,
}

impl Kind {
    /// `None` if no plugin looks like this.
    pub(crate) fn of(path: &Path) -> std::io::Result<Option<Self>> {
        if std::fs::metadata(path)?.is_dir() {
            return Ok(Self::of_folder(path));
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        Ok(match extension.as_str() {
            "js" | "mjs" => Some(Self::Script),
            "jpl" => Some(Self::JoplinArchive),
            "plug" => Some(Self::NativeArchive),
            _ => None,
        })
    }

    /// The same for a path that is known to be a folder.
    pub(crate) fn of_folder(path: &Path) -> Option<Self> {
        // A link that leads nowhere counts: its author hears of it.
        let has = |folder: &Path, name: &str| std::fs::symlink_metadata(folder.join(name)).is_ok();
        if has(path, native::MANIFEST) {
            return Some(Self::NativeFolder);
        }
        let dist = path.join("dist");
        let mut folders = [path.to_owned(), dist].into_iter();
        let joplin = folders.find(|folder| has(folder, joplin::MANIFEST)).map(Self::JoplinFolder);
        let haplo = || has(path, haplo::manifest::MANIFEST).then_some(Self::HaploFolder);
        // A folder of this name is no beacon.
        let is_file = || std::fs::metadata(path.join(hitchy::BEACON)).is_ok_and(|facts| facts.is_file());
        joplin.or_else(haplo).or_else(|| is_file().then_some(Self::HitchyFolder))
    }

    pub(crate) fn open(self, path: &Path) -> Result<Package, Problems> {
        match self {
            Self::NativeFolder => native::open_folder(path),
            Self::NativeArchive => native::open_archive(path),
            Self::JoplinFolder(folder) => joplin::open_folder(path, &folder),
            Self::JoplinArchive => joplin::open_archive(path),
            Self::HaploFolder => haplo::open_folder(path),
            Self::HitchyFolder => hitchy::open_folder(path),
            Self::Script => open_script(path),
        }
    }
}

fn open_script(path: &Path) -> Result<Package, Problems> {
    let file = file_name(path);
    let contents = Contents::File { path: path.to_owned(), name: file.clone() };
    let text = contents.read_text(&file, limits::FILE).map_err(|error| error.problem(&file).alone(path))?;
    let script = Script { path, file, text, contents };
    let is_module = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mjs"));
    let native = is_module || crate::script::native_comment(&script.text).is_some();
    match crate::script::joplin_comment(&script.text) {
        Some(manifest) if !native => joplin::open_script(script, manifest),
        _ => native::open_script(script),
    }
}

/// A plugin that is one file, with its text.
pub(crate) struct Script<'p> {
    pub(crate) path: &'p Path,
    pub(crate) file: String,
    pub(crate) text: String,
    pub(crate) contents: Contents,
}
