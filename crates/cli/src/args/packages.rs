//! The commands that read packages and the formats of files.

use super::EitherFolders;
use clap::ValueEnum;
use std::path::PathBuf;

/// `plughold list`.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) folders: EitherFolders,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plughold check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) folders: EitherFolders,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plughold pack`.
#[derive(Debug, clap::Args)]
pub(crate) struct Pack {
    /// The folder with the plughold.json
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// The file to write [default: ID-VERSION.plug]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `plughold schema`.
#[derive(Debug, clap::Args)]
pub(crate) struct Schema {
    /// The file that the schema is of
    #[arg(value_enum, value_name = "FILE")]
    pub(crate) of: SchemaOf,
}

/// What `plughold schema` prints the schema of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// plughold.json
    Manifest,
}
