//! `plughold exec`: one command, of whichever plugin has registered it.

use crate::args::Exec;
use crate::attend::Attendance;
use crate::commands::call::{load_failure, parse_arguments};
use crate::commands::not_found;
use crate::exit::Exit;
use crate::failure::{Failure, warn};
use crate::printer::Printer;
use crate::service::{Service, warn_of};
use crate::{folders, json};
use plughold::{Discovery, Json, Restart};

pub(super) async fn execute(args: Exec) -> anyhow::Result<Exit> {
    let values = parse_arguments(&args.args)?;
    let found = folders::keep_for(args.on.platform, folders::find(&args.folders.dirs)?);
    warn_of(&found.problems);
    let service = Service::open(&args.on, Restart::Never)?;
    let ids = found.packages.iter().map(|package| &package.id);
    let mut attendance = Attendance::new(&service.host, Printer::remarks(ids))?;
    let result = attendance.during(run(&service, found, &args.command, values)).await?;
    if let Some(Ok(value)) = &result {
        json::print(value)?;
    }
    let _report = attendance.shut_down(&service.host).await?;
    match result {
        Some(result) => Ok(result.map(|_| Exit::Success)?),
        None => Ok(Exit::Interrupted),
    }
}

async fn run(service: &Service, found: Discovery, command: &str, args: Vec<Json>) -> Result<Json, Failure> {
    for (id, loaded) in service.host.load_all(found).await {
        if let Err(error) = loaded {
            // Another plugin may have the command.
            warn(&load_failure(id.as_str(), &error));
        }
    }
    let executed = service.platform.execute(command, args).await;
    executed.map_err(|thrown| {
        let known: Vec<String> = service.entries().into_iter().flat_map(|plugin| plugin.commands).collect();
        let is_registered = known.iter().any(|name| name == command);
        if !is_registered && service.platform.is_unknown(&thrown) {
            return not_found(format!("there is no command {command}"), command, &known);
        }
        let is_late = thrown.code.as_deref() == Some("E_DEADLINE");
        let exit = if is_late { Exit::TimedOut } else { Exit::Plugin };
        Failure::new(exit, format!("{command} failed: {thrown}")).with_stack_of(&thrown)
    })
}
