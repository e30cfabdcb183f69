//! `plughold schema`: what editors need to complete and check a file while somebody writes it.

use crate::args::{Schema, SchemaOf};
use crate::exit::Exit;
use plughold_package::MANIFEST_SCHEMA;
use std::io::Write;

pub(super) fn execute(args: &Schema) -> anyhow::Result<Exit> {
    let schema = match args.of {
        SchemaOf::Manifest => MANIFEST_SCHEMA,
    };
    write!(anstream::stdout(), "{schema}")?;
    Ok(Exit::Success)
}
