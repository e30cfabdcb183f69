//! `plughold man`: the manual's pages, one for the command and one for each subcommand.

use crate::args::{Args, Man};
use crate::exit::Exit;
use crate::failure::Failure;
use anyhow::Context;
use clap::CommandFactory;
use std::fs;
use std::io::{self, Write};

pub(super) fn execute(args: &Man) -> anyhow::Result<Exit> {
    // Pages about how to get help are no help.
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    if let Some(folder) = &args.output {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        clap_mangen::generate_to(command, folder)
            .with_context(|| format!("the pages cannot be written to {}", folder.display()))?;
        return Ok(Exit::Success);
    }
    let page = match &args.of {
        None => command,
        Some(name) => page_of(&command, name)?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    io::stdout().write_all(&text)?;
    Ok(Exit::Success)
}

fn page_of(command: &clap::Command, name: &str) -> Result<clap::Command, Failure> {
    let known = || command.get_subcommands().filter(|known| !known.is_hide_set());
    match known().find(|known| known.get_name() == name) {
        Some(found) => Ok(found.clone()),
        None => {
            let names: Vec<String> = known().map(|known| known.get_name().to_owned()).collect();
            Err(super::not_found(format!("no command {name}"), name, &names))
        }
    }
}
