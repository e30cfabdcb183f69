//! Where the process gives up its rights.
//!
//! Everything that needs the system happens before [`lockdown`]: the page and the arena are mapped, the time zone is
//! read, the hash seeds are drawn, the engine and our own JavaScript stand. Nothing of the plugin has been read. From
//! then on the process calls `read` on the socket, `write` to it and `exit_group`, and the system lets nothing else
//! happen. The host has put the plan on the control page; the process reaches exactly that plan, or ends.

use crate::{arena, control, ending, system};
use plughold_protocol::exit::Cause;
use plughold_protocol::page::Page;
use plughold_protocol::record;
use plughold_sandbox::{Calls, Error, Established, Layer, Level, Plan, Trapped, Trial, call_name, lock};
use std::ffi::CStr;
use std::hint::black_box;
use std::time::{Instant, SystemTime};

/// The name of a process right before its filter: in process lists, and in a trace of its system calls.
const MARK: &CStr = c"plughold-locked";

/// Gives up what the plan on the page says.
pub(crate) fn lockdown(page: &Page) -> Established {
    match try_to_lock(page) {
        Ok(established) => established,
        Err(Refused::Plan) => {
            ending::end(Cause::Setup, format_args!("the host's plan for the lock-down makes no sense"))
        }
        Err(Refused::NoArena) => ending::end(
            Cause::Setup,
            format_args!(
                "the memory of this program does not come from the arena, and the plan leaves no calls for it"
            ),
        ),
        Err(Refused::Lock(error)) => {
            ending::end(Cause::Setup, format_args!("it cannot be locked down: {error}"))
        }
    }
}

/// The level as it is told to the host.
pub(crate) fn level(level: Level) -> record::Level {
    match level {
        Level::A => record::Level::A,
        Level::B => record::Level::B,
        Level::C => record::Level::C,
        Level::D => record::Level::D,
    }
}

/// Tries the plan on the page, uses what is left, and ends the process with a code that says how it went. The rest of
/// the start is done: there is a page and an arena.
pub(crate) fn try_out(page: &Page) -> ! {
    let trial = match try_to_lock(page) {
        Ok(_) => {
            // Where the clock or the allocator need a system call, the process dies of it here.
            black_box((Instant::now(), SystemTime::now(), Vec::<u8>::with_capacity(1 << 20)));
            Trial::Locked
        }
        Err(Refused::NoArena) => Trial::NoArena,
        Err(Refused::Plan) => Trial::Strange { words: "the plan makes no sense".to_owned() },
        Err(Refused::Lock(error)) => match error.layer() {
            Some(layer) => Trial::Failed { layer, words: error.to_string() },
            None => Trial::Strange { words: error.to_string() },
        },
    };
    if let Trial::Failed { words, .. } | Trial::Strange { words } = &trial {
        page.record_cause(Cause::Setup, words);
    }
    system::exit(trial.exit_code())
}

/// Why the plan is not reached.
enum Refused {
    /// It is no plan.
    Plan,
    /// It leaves three calls, and memory comes from the system.
    NoArena,
    /// The system does not do it.
    Lock(Error),
}

fn try_to_lock(page: &Page) -> Result<Established, Refused> {
    let plan = Plan::decode(page.plan()).ok_or(Refused::Plan)?;
    if plan.layers().contains(Layer::Filter) && plan.calls == Calls::Three && !arena::is_installed() {
        return Err(Refused::NoArena);
    }
    let parent = page.spawn_parameters().map(|(_, parent)| parent).filter(|parent| *parent != 0);
    lock(&plan, parent, MARK, on_trap).map_err(Refused::Lock)
}

/// Called from a signal handler: must not allocate.
fn on_trap(trapped: Trapped) -> ! {
    match trapped {
        Trapped::Aborted => {
            if let Some(page) = control::page() {
                page.record_cause(Cause::Aborted, "");
            }
            system::exit(Cause::Aborted.exit_code())
        }
        Trapped::Violation { number } => {
            ending::end(Cause::Violation, format_args!("the system call {} ({number})", call_name(number)))
        }
    }
}
