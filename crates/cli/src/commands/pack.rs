//! `plughold pack`: a folder as one file.

use crate::args::Pack;
use crate::commands::check::warn_of_package;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{folders, frame, text};
use plughold::Package;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

pub(super) fn execute(args: &Pack) -> anyhow::Result<Exit> {
    let shown = text::path(&args.path);
    if !args.path.exists() {
        return Err(Failure::new(Exit::NotFound, format!("cannot find {shown}")).into());
    }
    let package = match Package::open(&args.path) {
        Ok(package) => package,
        Err(_) if is_bare_folder(&args.path) => {
            let what = format!("cannot pack {shown}: it has no plughold.json");
            let help = "write one beside the code, such as { \"id\": \"greet\", \"name\": \"Greet\", \"version\": \"1.0.0\" }";
            return Err(Failure::new(Exit::Failed, what).with_help(help).into());
        }
        Err(problems) => {
            write!(anstream::stderr(), "{}", frame::of(&problems))?;
            return Ok(Exit::Failed);
        }
    };
    warn_of_package(&package)?;
    let refused =
        |error: &dyn std::error::Error| Failure::new(Exit::Failed, format!("cannot pack {shown}: {error}"));
    let bytes = package.pack().map_err(|error| refused(&error))?;
    let hash = package.content_hash().map_err(|error| refused(&error))?;
    let file = match &args.output {
        Some(file) => file.clone(),
        None => PathBuf::from(format!("{}-{}.plug", package.id, package.version)),
    };
    fs::write(&file, &bytes).map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot write {}: {error}", text::path(&file)))
    })?;
    writeln!(anstream::stdout(), "{}: {} bytes, content {hash}", text::path(&file), bytes.len())?;
    Ok(Exit::Success)
}

/// Whether it is a folder that has nothing to say which plugin it is.
fn is_bare_folder(path: &Path) -> bool {
    let has = |name: &str| path.join(name).exists() || path.join("dist").join(name).exists();
    path.is_dir() && !folders::MANIFESTS.iter().any(|name| has(name))
}
