//! The command `plughold`: parses, calls the library, prints.
//!
//! The result goes to standard output; progress, remarks and errors go to standard error. What went wrong is told in
//! one line, then in details, then in what to do about it; the exit codes are those of [`Exit`].
//!
//! # Layout
//!
//! - `args`: the command line; `commands`: one file for each subcommand
//! - `approval`: who decides on permissions; `allowance`: the command line; `grants`: what was remembered; `desk`: somebody
//!   at the `terminal`, who sees a `prompt`
//! - `folders`: which packages the named folders hold; `frame`: what is wrong with one, with its lines; `service`: a host with its platform and its plugins
//! - `platform`: what a platform is for the command; `native`: the platform of the command's own;
//!   `joplin`: Joplin
//! - `hosts`: those that run, of this command or of an application; `remote`: their plugins; `activity`: what these do; `happening`: what happens to them; `places`: what they hold; `reasons`: why they are as they are; `top`: what they cost, live; `control`: what `plughold run` offers to the others
//! - `attend`: work while events are shown and signals are heard; `signals`: Ctrl-C
//! - `trial`: an empty plugin that is started, to see whether plugins can run here
//! - `snapshot`: what is known of plugins, for people and programs; `table`: the same as a table
//! - `printer`: where events go; `lines`: events for people; `records`: events for programs; `time`: their clock
//! - `failure`: errors for people; `exit`: exit codes; `suggest`: did you mean; `paint`: colours; `json`: JSON on a
//!   terminal; `text`: other text on it

mod activity;
mod allowance;
mod approval;
mod args;
mod attend;
mod commands;
mod control;
mod desk;
mod exit;
mod failure;
mod folders;
mod frame;
mod grants;
mod happening;
mod hosts;
mod joplin;
mod json;
mod lines;
mod native;
mod needs;
mod observe;
mod paint;
mod places;
mod platform;
mod printer;
mod prompt;
mod reasons;
mod records;
mod remote;
mod sandbox;
mod service;
mod settings;
mod signals;
mod snapshot;
mod state;
mod suggest;
mod table;
mod terminal;
mod text;
mod time;
mod top;
mod trial;

pub use exit::Exit;

use args::Args;
use std::ffi::OsString;
use std::process::ExitCode;

/// Threads of the runtime. The command relays messages and prints; the work is done by the plugins' processes, and a
/// platform waits for its disk on threads beside these.
const WORKERS: usize = 2;

/// Does what the command line says and gives the exit code, one of [`Exit`]. The first argument is the command's name.
///
/// Prints to standard output and standard error. Call
/// [`run_if_asked`](plughold::runner::run_if_asked) before it.
pub fn run(command_line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let exit = match Args::read(command_line) {
        Ok(args) => {
            args.color.choice().write_global();
            execute(args).unwrap_or_else(|error| failure::report(&error))
        }
        Err(error) => {
            // Help that nobody reads, because the pipe is closed, is no failure.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage } else { Exit::Success }
        }
    };
    exit.into()
}

fn execute(args: Args) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    runtime.block_on(commands::execute(args.command))
}
