//! The commands that look at and steer the plugins of hosts that run.

use crate::hosts::HostChoice;
use crate::top::Column;
use clap::ValueEnum;
use plughold_control::record;

/// `plughold ps`.
#[derive(Debug, clap::Args)]
pub(crate) struct Ps {
    #[command(flatten)]
    pub(crate) on: HostChoice,
    /// Also those that somebody has stopped and those that nobody uses
    #[arg(short, long)]
    pub(crate) all: bool,
    /// Print nothing but their ids
    #[arg(short, long, conflicts_with = "json")]
    pub(crate) quiet: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plughold status`.
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) on: HostChoice,
    /// The plugin's id
    #[arg(value_name = "ID")]
    pub(crate) plugin: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plughold start`, `stop`, `restart`, `reload` and `kill`.
#[derive(Debug, clap::Args)]
pub(crate) struct Steer {
    #[command(flatten)]
    pub(crate) on: HostChoice,
    /// The plugins' ids
    #[arg(value_name = "ID", required = true)]
    pub(crate) plugins: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plughold why`.
#[derive(Debug, clap::Args)]
pub(crate) struct Why {
    #[command(flatten)]
    pub(crate) on: HostChoice,
    /// The plugin's id
    #[arg(value_name = "ID")]
    pub(crate) plugin: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plughold doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plughold top`.
#[derive(Debug, clap::Args)]
pub(crate) struct Top {
    #[command(flatten)]
    pub(crate) on: HostChoice,
    /// What to sort by: the greatest first
    #[arg(long, value_enum, value_name = "COLUMN", default_value_t = Column::Cpu)]
    pub(crate) by: Column,
    /// Print one table and end, as without a terminal
    #[arg(long)]
    pub(crate) once: bool,
    /// Print one JSON object and end
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plughold inspect`.
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    pub(crate) on: HostChoice,
    /// The plugin's id
    #[arg(value_name = "ID")]
    pub(crate) plugin: String,
    /// Show each function and object that is held, and not only how many by place
    #[arg(long)]
    pub(crate) refs: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plughold trace`.
#[derive(Debug, clap::Args)]
pub(crate) struct Trace {
    #[command(flatten)]
    pub(crate) on: HostChoice,
    /// The plugin's id
    #[arg(value_name = "ID")]
    pub(crate) plugin: String,
    /// Show every message, and not only calls and their answers
    #[arg(short, long)]
    pub(crate) all: bool,
    /// End after so many [default: go on until Ctrl-C]
    #[arg(short = 'n', long, value_name = "COUNT")]
    pub(crate) count: Option<u64>,
    /// Print one JSON object on a line for each
    #[arg(long)]
    pub(crate) json: bool,
}

/// `plughold logs`.
#[derive(Debug, clap::Args)]
pub(crate) struct Logs {
    #[command(flatten)]
    pub(crate) listening: Listening,
    /// Lines from this level on
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) level: Option<LevelName>,
}

/// `plughold events`.
#[derive(Debug, clap::Args)]
pub(crate) struct Events {
    #[command(flatten)]
    pub(crate) listening: Listening,
}

/// What a command is to listen to.
#[derive(Debug, clap::Args)]
pub(crate) struct Listening {
    #[command(flatten)]
    pub(crate) on: HostChoice,
    /// The plugins' ids [default: every plugin]
    #[arg(value_name = "ID")]
    pub(crate) plugins: Vec<String>,
    /// Go on with what comes, until Ctrl-C
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// How many of those before to show, the newest of them [default: all that the host remembers; 10 with --follow]
    #[arg(short = 'n', long, value_name = "COUNT")]
    pub(crate) last: Option<u32>,
    /// Print one JSON object on a line for each
    #[arg(long)]
    pub(crate) json: bool,
}

/// A level of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelName {
    /// console.debug
    Debug,
    /// console.log and console.info
    Info,
    /// console.warn
    Warn,
    /// console.error
    Error,
}

impl LevelName {
    /// The level of the records.
    pub(crate) fn level(self) -> record::Level {
        match self {
            LevelName::Debug => record::Level::Debug,
            LevelName::Info => record::Level::Info,
            LevelName::Warn => record::Level::Warn,
            LevelName::Error => record::Level::Error,
        }
    }
}

/// Those before that are shown when more are awaited.
const BEFORE_MORE: u32 = 10;

impl Listening {
    /// How many of those before are shown.
    pub(crate) fn last(&self) -> u32 {
        self.last.unwrap_or(if self.follow { BEFORE_MORE } else { u32::MAX })
    }
}
