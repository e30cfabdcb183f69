//! The memory of a runner: one region, mapped before lockdown, for Rust and for QuickJS alike.
//!
//! A locked runner may read, write and exit, nothing else; an allocator that maps or unmaps memory would be
//! killed for it. So all memory is mapped at once, as much as the plugin may have, and what the plugin's
//! limit says is simply true. Pages cost nothing until they are used, and nothing is ever given back to the
//! system: memory that was freed is reused while it is warm.
//!
//! ```text
//! start of the region                                                                  end
//! ┌───────────────┬───────────────┬────────────────┬──────────────────────┬───────────────┐
//! │ a bit a page: │ 24 B a page:  │ large blocks,  │  never used, hence   │ spans of small│
//! │ taken or free │ part of what  │ growing upward │  zero and for free   │ blocks (16 B  │
//! │ (`pages`)     │ (`spans`)     │ (> 8 KiB)  ──▶ │                      │ ◀── to 8 KiB) │
//! └───────────────┴───────────────┴────────────────┴──────────────────────┴───────────────┘
//! ```
//!
//! # Layout
//! - `classes`: sizes of small blocks, pure arithmetic.
//! - `pages`: which pages are taken.
//! - `spans`: what each page is part of, so that a block needs no header.
//! - `heap`: the allocator, over any region.
//! - `region`: the mapping.
//! - `global`: the arena of this process and Rust's global allocator.
//! - `engine`: QuickJS's allocator with its budget; `fallback` serves it where there is no arena.
//!
//! # Use
//! An executable that can become a runner installs [`ArenaAlloc`] with `#[global_allocator]`. Its life as
//! runner begins with [`activate`] and [`set_exhausted_hook`], then locks itself down, and starts the engine
//! with [`EngineAlloc`].

mod classes;
mod engine;
mod fallback;
mod global;
mod heap;
mod pages;
#[cfg(test)]
mod process_tests;
mod region;
mod spans;
#[cfg(test)]
mod tests;

pub use engine::{
    EngineAlloc, clear_engine_exhausted, engine_exhausted, engine_limit, engine_used, is_engine_full,
    set_engine_limit, watch_engine_exhausted,
};
pub use global::{
    ActivateError, ArenaAlloc, LEAST_ARENA, MOST_ARENA, activate, arena_capacity, arena_peak, arena_used,
    has_room, is_active, is_installed, set_exhausted_hook,
};
