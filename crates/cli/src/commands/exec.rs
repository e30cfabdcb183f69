//! `plughold exec`: one command, of whichever plugin has registered it.

use crate::args::Exec;
use crate::attend::Attendance;
use crate::commands::answer::{self, call_failure, load_failure};
use crate::commands::call::parse_arguments;
use crate::commands::not_found;
use crate::exit::Exit;
use crate::failure::{Failure, warn};
use crate::platform::ExecuteError;
use crate::printer::Printer;
use crate::service::{Service, warn_of};
use crate::{folders, settings};
use plughold::{Discovery, Json, LoadError, Restart, State};

pub(super) async fn execute(args: Exec) -> anyhow::Result<Exit> {
    let values = parse_arguments(&args.args)?;
    let found = folders::keep_for(args.on.platform, folders::find(&args.folders.dirs)?);
    warn_of(&found.problems);
    settings::warn_of_unknown(&args.on.set, &found.packages);
    let service = Service::open(&args.on, Restart::Never)?;
    let ids = found.packages.iter().map(|package| &package.id);
    let mut attendance = Attendance::new(&service.host, Printer::remarks(ids))?.answering(&service)?;
    if attendance.approve(&found.packages).await?.is_none() {
        return Ok(Exit::Interrupted);
    }
    let executed = async { Ok(Some(run(&service, found, &args.command, values).await?)) };
    answer::give(&service, &mut attendance, args.json, executed).await
}

async fn run(service: &Service, found: Discovery, command: &str, args: Vec<Json>) -> Result<Json, Failure> {
    let mut is_one_late = false;
    for (id, loaded) in service.host.load_all(found).await {
        if let Err(error) = loaded {
            // Another plugin may have the command.
            warn(&load_failure(id.as_str(), &error));
            is_one_late |= matches!(error, LoadError::Timeout { .. });
        }
    }
    let mut executed = service.platform.execute(command, args.clone()).await;
    if executed == Err(ExecuteError::Unknown) {
        // A plugin that waits for its first use has registered nothing so far, and this is one.
        is_one_late |= wake(service).await;
        executed = service.platform.execute(command, args).await;
    }
    executed.map_err(|error| match error {
        ExecuteError::Call(error) => call_failure(command, &error),
        ExecuteError::Unknown => {
            let plugins = service.entries();
            let known: Vec<String> = plugins.into_iter().flat_map(|plugin| plugin.commands).collect();
            let failure = not_found(format!("there is no command {command}"), command, &known);
            // Whether the late one has it, nobody knows.
            if is_one_late { failure.ending_with(Exit::TimedOut) } else { failure }
        }
    })
}

/// Starts the plugins that rest, and says whether one of them took too long.
async fn wake(service: &Service) -> bool {
    let mut is_one_late = false;
    for plugin in service.host.plugins().into_iter().filter(|plugin| plugin.state() == State::Resting) {
        if let Err(error) = plugin.start().await {
            warn(&load_failure(plugin.id().as_str(), &error));
            is_one_late |= matches!(error, LoadError::Timeout { .. });
        }
    }
    is_one_late
}
