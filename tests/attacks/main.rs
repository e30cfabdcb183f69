//! What native code does in a runner that is taken over: 175 attacks, each in a real runner of its own.
//!
//! The attacks themselves are in the binary `attacking-runner`; what comes of them, at each level and for each layer
//! alone, is in `matrix.txt`, and which system calls a locked runner survives is in `survivors.txt`. Both are written by
//! a run with `UPDATE_DOCUMENTS=1`, and are for people to review.
//!
//! What an attack is after is really there: a host that listens, files that can be changed, numbers in its memory. An
//! attack has succeeded when the host has seen its effect, as far as there is one to be seen.
//!
//! # Layout
//!
//! - `bait`: what the attacks are after
//! - `runner`: a real runner, spoken to by hand, so that its plan can be any
//! - `user`: a process without rights, also where the tests run with all of them
//! - `outcome`: what came of an attack, as one word
//! - `columns`: all attacks under one plan
//! - `matrix`: the columns on disk, and when a machine may differ from them; `kernel`: what that depends on,
//!   and what attacks leave there
//! - `levels`, `layers`, `sweep`: what a runner with such a plan can do
//! - `hosts`: the same from a host as applications have it
//! - `working`: what a locked plugin can do as well as any other; `working.mjs` is the plugin
//! - `document`: the part of `docs/security.md` that is made from the matrix
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bait;
mod columns;
mod document;
mod hosts;
mod kernel;
mod layers;
mod levels;
mod matrix;
mod outcome;
mod runner;
mod sweep;
mod user;
mod working;
