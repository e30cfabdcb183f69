//! Every attack, and the way to it from JavaScript.
//!
//! # Layout
//!
//! - [`orders`]: the way from JavaScript to an attack and back
//! - [`attack`](mod@attack): what an attack is, what it is given and what comes of it
//! - [`system`]: system calls, made without the C library
//! - [`opening`], [`changing`]: files
//! - [`network`]: sockets, pipes, and the descriptor of the protocol
//! - [`processes`]: new processes and other ones; [`rights`]: its own identity and rights
//! - [`memory`]: executable and shared memory
//! - [`machine`], [`facilities`], [`backdoors`]: the rest of the kernel

mod attack;
mod backdoors;
mod changing;
mod facilities;
mod machine;
mod memory;
mod network;
mod opening;
mod orders;
mod processes;
mod rights;
mod system;

use attack::{Attack, Class};

/// Every attack, in the order of the numbers.
pub(crate) const ATTACKS: &[(Class, &[Attack])] = &[
    (Class::Files, opening::ATTACKS),
    (Class::Files, changing::ATTACKS),
    (Class::Network, network::ATTACKS),
    (Class::Processes, processes::ATTACKS),
    (Class::Processes, rights::ATTACKS),
    (Class::Memory, memory::ATTACKS),
    (Class::Kernel, machine::ATTACKS),
    (Class::Kernel, facilities::ATTACKS),
    (Class::Kernel, backdoors::ATTACKS),
];
