//! Every bound on what a plugin may do, as data: docs/limits.md is made of this table, and the tests go through it.

use super::{Limit, SetBy, Unit};
use crate::blackbox::store;
use crate::services::files;
use crate::{Backoff, Limits, events, registrations};
use plughold_protocol::limits;
use std::time::Duration;

const SPACE: &str = "Memory and code";
const TIME: &str = "Time";
const CALLS: &str = "Calls";
const VALUES: &str = "Values";
const HELD: &str = "What is held";
const DISK: &str = "The disk";
const SAID: &str = "What is said without being asked";
const LIFE: &str = "Lives";

impl Limits {
    /// Every bound, in the order of docs/limits.md.
    pub fn table() -> &'static [Limit] {
        TABLE
    }
}

fn milliseconds(time: Duration) -> Option<u64> {
    u64::try_from(time.as_millis()).ok()
}

fn count(number: usize) -> Option<u64> {
    u64::try_from(number).ok()
}

/// A row for a field of [`Limits`] that the embedder sets.
const fn field(
    (group, name): (&'static str, &'static str),
    what: &'static str,
    unit: Unit,
    value: fn(&Limits) -> Option<u64>,
    then: &'static str,
) -> Limit {
    Limit { name, what, unit, set_by: SetBy::Embedder, then, group, value }
}

/// A row for a bound that nobody changes.
const fn fixed(
    (group, name): (&'static str, &'static str),
    what: &'static str,
    unit: Unit,
    value: fn(&Limits) -> Option<u64>,
    then: &'static str,
) -> Limit {
    Limit { set_by: SetBy::Nobody, ..field((group, name), what, unit, value, then) }
}

use Unit::{Bytes, BytesPerSecond, Count, Milliseconds, PerSecond};

static TABLE: &[Limit] = &[
    Limit {
        set_by: SetBy::Manifest { cap: "memory_cap" },
        ..field(
            (SPACE, "memory"),
            "memory of the plugin's process, the engine and all",
            Bytes,
            |limits| Some(limits.memory),
            "`InternalError: out of memory` is thrown, and can be caught; where nothing can be thrown, the process ends with the cause \"out of memory\"",
        )
    },
    field(
        (SPACE, "memory_cap"),
        "what a manifest may ask for of it",
        Bytes,
        |limits| Some(limits.memory_cap),
        "the plugin gets this much, `check` warns, and `Event::Capped` tells",
    ),
    Limit {
        set_by: SetBy::Manifest { cap: "stack_cap" },
        ..field(
            (SPACE, "stack"),
            "JavaScript stack",
            Bytes,
            |limits| Some(limits.stack),
            "`RangeError: Maximum call stack size exceeded` is thrown",
        )
    },
    field(
        (SPACE, "stack_cap"),
        "what a manifest may ask for of it",
        Bytes,
        |limits| Some(limits.stack_cap),
        "as for `memory_cap`; a manifest that asks for more than 1 MiB is refused",
    ),
    fixed(
        (SPACE, "entry"),
        "text of the plugin's entry file",
        Bytes,
        |_| count(limits::LOAD),
        "the package is refused",
    ),
    fixed(
        (SPACE, "modules"),
        "files that it loads besides",
        Count,
        |_| count(limits::MODULES),
        "the `import` or `require` throws",
    ),
    fixed(
        (SPACE, "module_bytes"),
        "text of these files",
        Bytes,
        |_| count(limits::MODULE_BYTES),
        "the `import` or `require` throws",
    ),
    fixed(
        (SPACE, "exports"),
        "functions that it exports",
        Count,
        |_| count(limits::EXPORTS),
        "loading fails",
    ),
    fixed((SPACE, "export_names"), "their names", Bytes, |_| count(limits::EXPORT_NAMES), "loading fails"),
    field(
        (TIME, "start"),
        "from the start of the process until it is locked down",
        Milliseconds,
        |limits| milliseconds(limits.start),
        "the process is killed, and loading fails",
    ),
    field(
        (TIME, "activate"),
        "from the plugin's code until it is active",
        Milliseconds,
        |limits| milliseconds(limits.activate),
        "the process is killed, and loading fails",
    ),
    field(
        (TIME, "turn"),
        "one turn of JavaScript, with all promise jobs that follow",
        Milliseconds,
        |limits| milliseconds(limits.turn),
        "it is interrupted, and its call ends with the JavaScript stack; the plugin goes on",
    ),
    field(
        (TIME, "unresponsive"),
        "one turn, until it is told",
        Milliseconds,
        |limits| milliseconds(limits.unresponsive),
        "`Event::Unresponsive` with function, file and line",
    ),
    field(
        (TIME, "kill"),
        "from the interrupt until the plugin has obeyed",
        Milliseconds,
        |limits| milliseconds(limits.kill),
        "the process is killed: `KillReason::Unresponsive`",
    ),
    field(
        (TIME, "call"),
        "a call to a plugin without a limit of its own",
        Milliseconds,
        |limits| milliseconds(limits.call),
        "the caller gets `CallError::Deadline`, and the plugin's `AbortSignal` is aborted",
    ),
    field(
        (TIME, "linger"),
        "a function of the application, once nobody wants its answer",
        Milliseconds,
        |limits| milliseconds(limits.linger),
        "it is dropped at the `await` where it is",
    ),
    field(
        (TIME, "stop"),
        "from the wish to stop until the process has ended",
        Milliseconds,
        |limits| milliseconds(limits.stop),
        "the process is killed: `KillReason::Stop`",
    ),
    field(
        (TIME, "ask"),
        "whoever is asked for a permission",
        Milliseconds,
        |limits| milliseconds(limits.ask),
        "the permission is denied",
    ),
    field(
        (TIME, "cpu"),
        "the processor's time in each minute",
        Milliseconds,
        |limits| limits.cpu.and_then(|budget| milliseconds(budget.per_minute)),
        "its messages are read less often, or it is ended: as `CpuBudget` says",
    ),
    field(
        (TIME, "idle"),
        "a plugin that nobody uses",
        Milliseconds,
        |limits| limits.idle.and_then(milliseconds),
        "it rests: it has no process until it is used again",
    ),
    field(
        (CALLS, "in_flight"),
        "calls in flight, in each direction",
        Count,
        |limits| Some(limits.in_flight.into()),
        "a call of the plugin waits in its own process; a call to it ends with `CallError::Busy`, and one that another plugin makes does so earlier: none takes more room than is left free",
    ),
    field(
        (CALLS, "queued_calls"),
        "calls of the plugin that wait for that room",
        Count,
        |limits| Some(limits.queued_calls.into()),
        "the call throws with the code `E_QUEUE_FULL`",
    ),
    field(
        (CALLS, "queued_bytes"),
        "arguments of these",
        Bytes,
        |limits| Some(limits.queued_bytes),
        "the call throws with the code `E_QUEUE_FULL`",
    ),
    fixed(
        (CALLS, "nested_turns"),
        "calls inside of each other while the plugin waits in a blocking call",
        Count,
        |_| Some(limits::NESTED_TURNS.into()),
        "the call throws with the code `E_DEPTH`",
    ),
    fixed(
        (CALLS, "chain"),
        "calls made while serving each other, across plugins",
        Count,
        |_| count(limits::CHAIN),
        "the call ends with `CallError::Depth`, in a plugin with the code `E_DEPTH`",
    ),
    fixed(
        (CALLS, "serving"),
        "arguments that the application works on for one plugin",
        Bytes,
        |_| count(limits::SERVING),
        "the call throws with the code `E_BUSY`",
    ),
    fixed(
        (CALLS, "unread"),
        "what waits for a plugin that does not read",
        Bytes,
        |_| count(limits::OUTBOX),
        "calls to it end with `CallError::Busy`; at twice as much the process is killed: `KillReason::Protocol`",
    ),
    field(
        (VALUES, "message"),
        "one message",
        Bytes,
        |limits| count(limits.message),
        "the call throws in the plugin that makes it, or ends with `CallError::Arguments`",
    ),
    fixed(
        (VALUES, "depth"),
        "nesting of arrays and objects",
        Count,
        |_| count(limits::DEPTH),
        "the call throws in the plugin that makes it, or ends with `CallError::Arguments`",
    ),
    fixed(
        (VALUES, "nodes"),
        "elements of the values of one message",
        Count,
        |_| count(limits::NODES),
        "the call throws in the plugin that makes it, or ends with `CallError::Arguments`",
    ),
    fixed(
        (VALUES, "members"),
        "methods and accessors of one object that travels by reference",
        Count,
        |_| count(limits::OBJECT_MEMBERS),
        "the first ones travel, the others are not there",
    ),
    fixed(
        (VALUES, "error_text"),
        "an error's message and its stack, each",
        Bytes,
        |_| count(limits::ERROR_TEXT),
        "the rest is cut",
    ),
    fixed(
        (VALUES, "state"),
        "what a process leaves to the next one",
        Bytes,
        |_| count(limits::STATE),
        "`Event::StateLost`; the next process starts without it",
    ),
    field(
        (HELD, "references"),
        "functions and objects that are held across the border of the process, in each direction",
        Count,
        |limits| Some(limits.references.into()),
        "the call that would hand over one more throws, or ends with `CallError::References`; of one plugin's things another is given no more than it leaves room for",
    ),
    field(
        (HELD, "timers"),
        "timers that are set",
        Count,
        |limits| Some(limits.timers.into()),
        "`setTimeout` and its like throw a `RangeError`",
    ),
    fixed(
        (HELD, "streams"),
        "open streams, in each direction",
        Count,
        |_| count(limits::STREAMS),
        "the call that would hand over one more throws, or ends with `CallError::Arguments`",
    ),
    fixed(
        (HELD, "stream_window"),
        "chunks of one stream that nobody has read",
        Bytes,
        |_| count(limits::STREAM_WINDOW),
        "its writer waits",
    ),
    Limit {
        set_by: SetBy::Method("Registrations::at_most"),
        ..fixed(
            (HELD, "registrations"),
            "commands, listeners and the like in one table of the application",
            Count,
            |_| count(registrations::MOST),
            "the call that registers throws: `RegisterError::TooMany`",
        )
    },
    field(
        (DISK, "storage"),
        "what a plugin stores by key, each value counted 64 bytes longer",
        Bytes,
        |limits| Some(limits.storage),
        "`QuotaExceededError` is thrown with the code `E_QUOTA`, and nothing of the change is stored",
    ),
    field(
        (DISK, "files"),
        "the files in its data folder, each counted 4 KiB longer",
        Bytes,
        |limits| Some(limits.files),
        "`ENOSPC` is thrown",
    ),
    fixed(
        (DISK, "open_files"),
        "files that its process has open",
        Count,
        |_| count(files::OPEN),
        "`EMFILE` is thrown",
    ),
    fixed(
        (DISK, "read_file"),
        "what is read of a file at once",
        Bytes,
        |_| Some(files::READ),
        "`EFBIG` is thrown; more is read in parts or as a stream",
    ),
    field(
        (SAID, "log_rate"),
        "lines of the log",
        BytesPerSecond,
        |limits| Some(limits.log_rate),
        "lines are dropped, and the next one says how many; a plugin with too many waits",
    ),
    fixed(
        (SAID, "log_line"),
        "one line of the log",
        Bytes,
        |_| count(limits::LOG_LINE),
        "the rest is cut, and marked",
    ),
    field(
        (SAID, "message_rate"),
        "messages that are no calls, answers or releases",
        PerSecond,
        |limits| Some(limits.message_rate),
        "the process is killed: `KillReason::Protocol`; one that writes lines waits instead",
    ),
    fixed(
        (SAID, "events"),
        "events that wait for a slow reader",
        Count,
        |_| count(events::QUEUE),
        "the reader loses the oldest, and is told how many: `Event::Missed`",
    ),
    Limit {
        set_by: SetBy::Method("HostBuilder::restart"),
        ..fixed(
            (LIFE, "restarts"),
            "crashes within five minutes",
            Count,
            |_| Some(Backoff::default().give_up_after.into()),
            "it is not started again: `Event::Disabled`",
        )
    },
    fixed(
        (LIFE, "reports"),
        "reports in their folder",
        Count,
        |_| count(store::FILES),
        "the oldest is removed",
    ),
    fixed((LIFE, "report"), "one report", Bytes, |_| count(store::BYTES), "its longest parts are cut"),
    fixed(
        (LIFE, "unwritten_reports"),
        "reports of all plugins that wait for a slow disk",
        Count,
        |_| count(store::UNWRITTEN),
        "the next is not written: `Event::NotReported`",
    ),
];
