//! The subcommands, one file each; and `answer`, how two of them end.

mod answer;
mod call;
mod check;
mod completions;
mod doctor;
mod events;
mod exec;
mod inspect;
mod list;
mod man;
mod pack;
mod perms;
mod ps;
mod report;
mod run;
mod schema;
mod status;
mod steer;
mod top;
mod trace;
mod version;
mod why;

use crate::args::{Command, Steer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::suggest::nearest;
use steer::Deed;

/// Does what the command line says, inside of a runtime.
pub(crate) async fn execute(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Run(args) => run::execute(args).await,
        Command::List(args) => list::execute(&args),
        Command::Check(args) => check::execute(&args),
        Command::Completions(args) => completions::execute(&args),
        Command::Man(args) => man::execute(&args),
        Command::Call(args) => answer::with_error(args.json, call::execute(args).await),
        Command::Exec(args) => answer::with_error(args.json, exec::execute(args).await),
        Command::Pack(args) => pack::execute(&args),
        Command::Perms(args) => perms::execute(args),
        Command::Ps(args) => answer::with_error(args.json, ps::execute(args).await),
        Command::Report(args) => report::execute(&args),
        Command::Schema(args) => schema::execute(&args),
        Command::Status(args) => answer::with_error(args.json, status::execute(args).await),
        Command::Why(args) => answer::with_error(args.json, why::execute(args).await),
        Command::Doctor(args) => answer::with_error(args.json, doctor::execute(&args).await),
        Command::Top(args) => answer::with_error(args.json, top::execute(args).await),
        Command::Inspect(args) => answer::with_error(args.json, inspect::execute(args).await),
        Command::Trace(args) => answer::with_error(args.json, trace::execute(args).await),
        Command::Logs(args) => answer::with_error(args.listening.json, events::logs(args).await),
        Command::Events(args) => answer::with_error(args.listening.json, events::execute(args).await),
        Command::Start(args) => steer(Deed::Start, args).await,
        Command::Stop(args) => steer(Deed::Stop, args).await,
        Command::Restart(args) => steer(Deed::Restart, args).await,
        Command::Reload(args) => steer(Deed::Reload, args).await,
        Command::Kill(args) => steer(Deed::Kill, args).await,
        Command::Version(args) => version::execute(&args),
    }
}

async fn steer(deed: Deed, args: Steer) -> anyhow::Result<Exit> {
    answer::with_error(args.json, steer::execute(deed, args).await)
}

/// Something does not exist. Names what does, and what was most likely meant.
fn not_found(what: String, typed: &str, known: &[String]) -> Failure {
    let failure = Failure::new(Exit::NotFound, what);
    let failure = if known.is_empty() {
        failure.with_detail("known: none")
    } else {
        failure.with_detail(format!("known: {}", known.join(", ")))
    };
    let meant = nearest(typed, known.iter().map(String::as_str));
    failure.with_help_if(meant.map(|meant| format!("did you mean {meant}?")))
}
