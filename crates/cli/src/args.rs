//! The command line.

mod machine;
mod operate;
mod packages;

pub(crate) use machine::{Completions, Man, Version};
pub(crate) use operate::{
    Doctor, Events, Inspect, LevelName, Listening, Logs, Ps, Status, Steer, Top, Trace, Why,
};
pub(crate) use packages::{Check, List, Pack, Schema, SchemaOf};

use crate::allowance::Allowance;
use crate::platform::PlatformName;
use crate::sandbox::SandboxWish;
use crate::settings::Set;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use plughold::{SafeMode, Scope};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Where plugins are looked for if no folder is named.
pub(crate) const DEFAULT_FOLDER: &str = "plugins";

/// Runs plugins, each in a process of its own that can do nothing but talk to its host.
#[derive(Debug, Parser)]
#[command(name = "plughold", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    /// When to use colours
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 success, 1 failed, 2 usage, 3 not found, 4 a plugin crashed or threw, \
                          5 permission denied, \
                          6 no host is running, 124 timed out, 130 interrupted";

const CALL_HELP: &str = "\
Example:
  plughold call --dir examples/plugins word-count count '\"two words\"'

Of a stream each chunk is printed on a line of its own, as it comes; with --json as {\"schema\":1,\"chunk\":…}.
What JSON lacks is printed as what stands for it:
  undefined               null
  a BigInt, a Date, NaN   its text
  bytes, a typed array    {\"$bytes\":length}
  a Map                   {\"$map\":[key, value, …]}
  a Set                   {\"$set\":[…]}
  a regular expression    {\"$regexp\":[source, flags]}
  an error                {\"$error\":\"its name and message\"}
  a function, an object   {\"$function\":true}, {\"$object\":true}
  an inner stream         {\"$stream\":true}";

impl Args {
    /// Reads the command line. The error also is the help or the version that somebody asked for.
    pub(crate) fn read(command_line: impl IntoIterator<Item = OsString>) -> Result<Args, clap::Error> {
        let args = Args::try_parse_from(command_line)?;
        let on = match &args.command {
            Command::Run(Run { on, .. })
            | Command::Call(Call { on, .. })
            | Command::Exec(Exec { on, .. }) => on,
            _ => return Ok(args),
        };
        if on.profile.is_some() && !on.platform.has_profile() {
            let words = format!("--profile: the platform {} keeps no data", on.platform);
            return Err(Args::command().error(ErrorKind::ArgumentConflict, words));
        }
        Ok(args)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run every plugin of a folder until Ctrl-C, and show what they say and do
    #[command(
        after_help = "Examples:\n  plughold run examples/plugins\n  plughold run --once --json | jq '.plugins[].state'"
    )]
    Run(Run),
    /// List the plugins of a folder without running anything
    List(List),
    /// Check packages without running anything, and show what is wrong where
    #[command(after_help = "Examples:\n  plughold check my-plugin\n  plughold check --json plugins")]
    Check(Check),
    /// Call a function that a plugin exports, and print what it returns
    #[command(after_help = CALL_HELP)]
    Call(Call),
    /// Execute a command that a plugin has registered, and print what it returns
    #[command(after_help = "Example:\n  plughold exec --dir examples/plugins hello.greet '\"Ann\"'")]
    Exec(Exec),
    /// Pack the folder of a plugin into one file. The same files give the same bytes
    #[command(after_help = "Example:\n  plughold pack my-plugin")]
    Pack(Pack),
    /// Show and change what people have decided about the permissions of plugins
    #[command(
        after_help = "Examples:\n  plughold perms word-count\n  plughold perms word-count --grant 'fs.read:data/**' --revoke net.fetch"
    )]
    Perms(Perms),
    /// Show the plugins of every host that runs
    #[command(
        after_help = "Examples:\n  plughold ps\n  plughold ps --all --json | jq '.hosts[].plugins[].state'"
    )]
    Ps(Ps),
    /// Show what the plugins of every host cost, live
    #[command(
        alias = "stats",
        after_help = "Examples:\n  plughold top\n  plughold top --once --by memory\n  plughold top --json | jq '.plugins[] | select(10 < .cpu_percent)'"
    )]
    Top(Top),
    /// Show one plugin: what it is, does, costs and may do, and what went wrong
    #[command(
        after_help = "Exit code 4 if it has failed, 3 if it was stopped.\n\nExamples:\n  plughold status word-count\n  plughold status word-count --json | jq .plugin.figures"
    )]
    Status(Status),
    /// Say in words why a plugin runs, does not run, was killed, or is slow
    #[command(
        after_help = "Exit code 4 if it has failed, 3 if it was stopped.\n\nExample:\n  plughold why word-count"
    )]
    Why(Why),
    /// Show what a plugin's calls cost, what waits, and what is held
    #[command(after_help = "Examples:\n  plughold inspect word-count\n  plughold inspect word-count --refs")]
    Inspect(Inspect),
    /// Show the calls of and to a plugin, while they go by
    #[command(
        after_help = "An arrow to the right comes from the plugin, one to the left goes to it.\n\nExamples:\n  plughold trace word-count\n  plughold trace word-count --all --json --count 100"
    )]
    Trace(Trace),
    /// Show what plugins have written to their consoles
    #[command(
        after_help = "Examples:\n  plughold logs\n  plughold logs word-count clock --follow\n  plughold logs --level warn --json | jq -r .message"
    )]
    Logs(Logs),
    /// Show what has happened to plugins
    #[command(
        after_help = "Examples:\n  plughold events word-count\n  plughold events --follow --json | jq 'select(.event == \"exited\")'"
    )]
    Events(Events),
    /// Start plugins that do not run
    #[command(after_help = "Example:\n  plughold start word-count clock")]
    Start(Steer),
    /// Ask plugins to finish, and leave them ended
    #[command(after_help = "Example:\n  plughold stop word-count")]
    Stop(Steer),
    /// Stop plugins and start them again
    #[command(after_help = "Example:\n  plughold restart word-count")]
    Restart(Steer),
    /// Replace plugins by what is in their packages now, without a lost call
    #[command(after_help = "Example:\n  plughold reload word-count")]
    Reload(Steer),
    /// End the processes of plugins at once, and leave them ended
    #[command(after_help = "Example:\n  plughold kill looper")]
    Kill(Steer),
    /// Show what is known of a plugin that crashed or had to be killed
    #[command(after_help = "Examples:\n  plughold report\n  plughold report my-plugin --all")]
    Report(Report),
    /// Find out whether plugins can run on this machine, and how well they are locked down
    #[command(
        after_help = "Exit code 1 if something is wrong.\n\nExamples:\n  plughold doctor\n  plughold doctor --json | jq '.checks[] | select(.state != \"good\")'"
    )]
    Doctor(Doctor),
    /// Print a JSON Schema, with which an editor completes and checks a file
    #[command(after_help = "Example:\n  plughold schema manifest > plughold.schema.json")]
    Schema(Schema),
    /// Print what a shell needs to complete the command line
    #[command(
        after_help = "Examples:\n  plughold completions bash > ~/.local/share/bash-completion/completions/plughold\n  plughold completions fish > ~/.config/fish/completions/plughold.fish"
    )]
    Completions(Completions),
    /// Print a page of the manual, or write all of them into a folder
    #[command(
        after_help = "Examples:\n  plughold man run | man -l -\n  plughold man --output ~/.local/share/man/man1"
    )]
    Man(Man),
    /// Print the version of the command and of its protocol
    Version(Version),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) folders: EitherFolders,
    #[command(flatten)]
    pub(crate) on: On,
    /// When a plugin's process is started again after it has ended [default: on-failure; never with --once]
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) restart: Option<RestartWhen>,
    /// Start nothing, or with --safe-mode=ID,… nothing but the plugins with these ids, and list the others
    #[arg(long, value_name = "ID,…", num_args = 0..=1, require_equals = true, value_delimiter = ',')]
    safe_mode: Option<Vec<String>>,
    /// Stop as soon as every plugin has started or failed
    #[arg(long)]
    pub(crate) once: bool,
    /// Load what is dropped into the folders, reload what changes and stop what is removed [default: if standard output
    /// is a terminal]
    #[arg(long, conflicts_with_all = ["once", "no_watch"])]
    watch: bool,
    /// Leave the plugins as they were at the start
    #[arg(long)]
    no_watch: bool,
    /// Let no other command see or steer these plugins; with --once nobody can
    #[arg(long)]
    no_control: bool,
    /// Print one JSON object for each event; with --once one for everything
    #[arg(long)]
    pub(crate) json: bool,
}

impl Run {
    /// Which plugins are started in safe mode; none without it.
    pub(crate) fn safe_mode(&self) -> Option<SafeMode> {
        self.safe_mode.clone().map(SafeMode::only)
    }

    /// The ids that safe mode names.
    pub(crate) fn named_for_safe_mode(&self) -> &[String] {
        self.safe_mode.as_deref().unwrap_or_default()
    }

    /// Whether a plugin with this id is started at once.
    pub(crate) fn starts(&self, id: &str) -> bool {
        self.safe_mode.as_ref().is_none_or(|named| named.iter().any(|named| named == id))
    }

    /// What was most likely meant as an id for safe mode, and was taken for a folder that does not exist.
    pub(crate) fn misses_equals_sign<'d>(&self, dirs: &'d [PathBuf]) -> Option<&'d str> {
        let is_bare = self.safe_mode.as_ref().is_some_and(Vec::is_empty);
        let absent = dirs.iter().find(|dir| is_bare && !dir.exists())?.to_str()?;
        (!absent.contains(['/', '.'])).then_some(absent)
    }

    /// Whether other commands may see and steer the plugins.
    pub(crate) fn is_controlled(&self) -> bool {
        !self.once && !self.no_control
    }

    /// Whether changes in the folders count.
    pub(crate) fn watches(&self) -> bool {
        self.watch || (!self.once && !self.no_watch && std::io::stdout().is_terminal())
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Call {
    #[command(flatten)]
    pub(crate) folders: Folders,
    #[command(flatten)]
    pub(crate) on: On,
    /// The plugin's id
    pub(crate) plugin: String,
    /// The name of the exported function
    pub(crate) export: String,
    /// Print one JSON object, with the result or the error
    #[arg(long)]
    pub(crate) json: bool,
    /// Its arguments, each one JSON value
    #[arg(value_name = "JSON", allow_negative_numbers = true)]
    pub(crate) args: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Exec {
    #[command(flatten)]
    pub(crate) folders: Folders,
    #[command(flatten)]
    pub(crate) on: On,
    /// The command's name
    pub(crate) command: String,
    /// Print one JSON object, with the result or the error
    #[arg(long)]
    pub(crate) json: bool,
    /// Its arguments, each one JSON value
    #[arg(value_name = "JSON", allow_negative_numbers = true)]
    pub(crate) args: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Perms {
    /// The plugin's id [default: all about which something was decided]
    #[arg(value_name = "ID")]
    pub(crate) plugin: Option<String>,
    /// A folder of plugins, or a single plugin; may be repeated [default: ./plugins]
    #[arg(long = "dir", value_name = "DIR")]
    pub(crate) dirs: Vec<PathBuf>,
    /// Grant it for good; may be given several times
    #[arg(long, value_name = "PERMISSION", value_parser = Scope::parse, requires = "plugin")]
    pub(crate) grant: Vec<Scope>,
    /// Deny it for good, with all its parts; may be given several times
    #[arg(long, value_name = "PERMISSION", value_parser = Scope::parse, requires = "plugin")]
    pub(crate) revoke: Vec<Scope>,
    /// Forget what was decided about it and all its parts, so that somebody is asked again; may be given several times
    #[arg(long, value_name = "PERMISSION", value_parser = Scope::parse, requires = "plugin")]
    pub(crate) forget: Vec<Scope>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    /// The file of a report, or the id of a plugin, whose newest one is shown [default: the newest of all]
    #[arg(value_name = "FILE|ID")]
    pub(crate) which: Option<String>,
    /// The folder of reports [default: the one of plughold run and exec]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Show every message that is known
    #[arg(long)]
    pub(crate) all: bool,
    /// Print the report as it is
    #[arg(long)]
    pub(crate) json: bool,
}

/// Folders for the commands whose other arguments stand by position.
#[derive(Debug, clap::Args)]
pub(crate) struct Folders {
    /// A folder of plugins, or a single plugin; may be repeated [default: ./plugins]
    #[arg(long = "dir", value_name = "DIR")]
    pub(crate) dirs: Vec<PathBuf>,
}

/// Folders for the commands that have no other arguments by position; `--dir` is understood by all commands.
#[derive(Debug, clap::Args)]
pub(crate) struct EitherFolders {
    /// Folders of plugins, or single plugins [default: ./plugins]
    #[arg(value_name = "DIR")]
    by_position: Vec<PathBuf>,
    /// The same as DIR; may be repeated
    #[arg(long = "dir", value_name = "DIR")]
    by_name: Vec<PathBuf>,
}

impl EitherFolders {
    /// All that were named.
    pub(crate) fn all(&self) -> Vec<PathBuf> {
        [self.by_position.as_slice(), &self.by_name].concat()
    }
}

/// What the plugins run on.
#[derive(Debug, clap::Args)]
pub(crate) struct On {
    /// The application that the plugins were written for
    #[arg(long, value_enum, value_name = "NAME", default_value_t = PlatformName::Native)]
    pub(crate) platform: PlatformName,
    /// Where the platform keeps its data; native keeps none [default: a folder of its own in the user's data folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) profile: Option<PathBuf>,
    /// How far plugins are locked down
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = SandboxWish::Best)]
    pub(crate) sandbox: SandboxWish,
    #[command(flatten)]
    pub(crate) allowance: Allowance,
    /// What a setting of a plugin is, as in words.limit=10; may be given several times
    #[arg(long, value_name = "ID.KEY=JSON", value_parser = Set::parse)]
    pub(crate) set: Vec<Set>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RestartWhen {
    /// Leave it ended
    Never,
    /// When it crashed, after a growing pause; five crashes in five minutes disable it
    OnFailure,
    /// Also when it ended by itself
    Always,
}

impl RestartWhen {
    /// The policy of the library.
    pub(crate) fn policy(self) -> plughold::Restart {
        match self {
            RestartWhen::Never => plughold::Restart::Never,
            RestartWhen::OnFailure => plughold::Restart::OnFailure(plughold::Backoff::default()),
            RestartWhen::Always => plughold::Restart::Always(plughold::Backoff::default()),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

impl Color {
    /// The same for the streams.
    pub(crate) fn choice(self) -> anstream::ColorChoice {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Result<(), ErrorKind>) {
        let read = Args::read(line.split_whitespace().map(OsString::from));
        assert_eq!(read.map(|_| ()).map_err(|error| error.kind()), expected, "{line}");
    }

    #[test]
    fn only_a_platform_with_data_has_a_profile() {
        for command in ["run", "call a f", "exec c"] {
            check(&format!("plughold {command} --platform joplin --profile p"), Ok(()));
            check(&format!("plughold {command} --profile p"), Err(ErrorKind::ArgumentConflict));
            check(&format!("plughold {command}"), Ok(()));
        }
    }

    #[test]
    fn what_runs_once_is_not_watched() {
        check("plughold run --watch", Ok(()));
        check("plughold run --once --no-watch", Ok(()));
        check("plughold run --once --watch", Err(ErrorKind::ArgumentConflict));
        check("plughold run --no-watch --watch", Err(ErrorKind::ArgumentConflict));
    }

    #[test]
    fn every_command_with_folders_knows_dir() {
        for command in ["run", "list", "check", "call a f", "exec c"] {
            check(&format!("plughold {command} --dir a --dir b"), Ok(()));
        }
        for command in ["run", "list", "check"] {
            check(&format!("plughold {command} a b --dir c"), Ok(()));
        }
    }

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Args::command().debug_assert();
    }
}
