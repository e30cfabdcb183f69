//! `plughold version`: of the command and of its protocol.

use crate::args::Version;
use crate::exit::Exit;
use crate::json;
use crate::platform::PlatformName;
use crate::snapshot::SCHEMA;
use clap::ValueEnum;
use plughold_protocol::version::CURRENT;
use serde_json::json;
use std::io::Write;

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) fn execute(args: &Version) -> anyhow::Result<Exit> {
    let platforms: Vec<&str> = PlatformName::value_variants().iter().map(|name| name.as_str()).collect();
    if args.json {
        json::print(&json!({
            "schema": SCHEMA,
            "name": "plughold",
            "version": VERSION,
            "protocol": CURRENT,
            "platforms": platforms,
        }))?;
        return Ok(Exit::Success);
    }
    writeln!(
        anstream::stdout(),
        "plughold {VERSION} (protocol {CURRENT}, platforms {})",
        platforms.join(", ")
    )?;
    Ok(Exit::Success)
}
