//! The commands about the command itself.

use std::path::PathBuf;

/// `plughold completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// `plughold man`.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The subcommand [default: the page of `plughold` itself]
    #[arg(value_name = "COMMAND")]
    pub(crate) of: Option<String>,
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "of")]
    pub(crate) output: Option<PathBuf>,
}

/// `plughold version`.
#[derive(Debug, clap::Args)]
pub(crate) struct Version {
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
