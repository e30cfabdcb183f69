//! The control page of this process, for everything that has no session at hand: hooks, handlers and ends.

use crate::system;
use plughold_protocol::page::Page;
use std::io;
use std::sync::OnceLock;

static PAGE: OnceLock<&'static Page> = OnceLock::new();

/// Maps the page behind standard output, where the host put it.
pub(crate) fn map() -> io::Result<&'static Page> {
    let stdout = io::stdout();
    let page = system::map_page(std::os::fd::AsFd::as_fd(&stdout))?;
    Ok(PAGE.get_or_init(|| page))
}

/// The page, once it is mapped.
pub(crate) fn page() -> Option<&'static Page> {
    PAGE.get().copied()
}
