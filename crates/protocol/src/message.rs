//! The one enum of messages for both directions.
//!
//! It is symmetric: what differs between the two sides is who may send what, and [`Message::sender`] says it. Each
//! message is an array: its number, then its fields by position. Byte fields that hold values (arguments, results)
//! are opaque here, so that an envelope is read without touching them.

use crate::field::{self, DecodeError, Field};
use crate::pack::{Reader, Token, Writer};
use crate::record::{
    ApiTable, ClockMode, Level, Limits, LogLevel, Outcome, Place, Refusal, Released, Source, Stage, Target,
    Unwanted,
};

/// A side of the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The application.
    Host,
    /// The process that runs one plugin.
    Runner,
}

/// Who may send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// Only this side.
    Only(Role),
    /// Both sides.
    Both,
}

/// What is known of a kind of message without an instance of it, for documents and tests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kind {
    /// Its number, the first element of the array.
    pub number: u64,
    /// Its name.
    pub name: &'static str,
    /// Who may send it.
    pub sender: Sender,
    /// Its fields by position: name and type.
    pub fields: &'static [(&'static str, &'static str)],
}

macro_rules! messages {
    ($($(#[$doc:meta])* $number:literal $name:ident from $sender:ident {
        $($(#[$field_doc:meta])* $field:ident : $type:ty),* $(,)?
    })*) => {
        /// Everything that a host and a runner can say. Each message says who sends it, what answers it, and what
        /// happens when the other process dies first.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Message<'a> {
            $($(#[$doc])* $name { $($(#[$field_doc])* $field: $type),* }),*
        }

        impl<'a> Message<'a> {
            /// Every kind of message.
            pub const KINDS: &'static [Kind] = &[$(Kind {
                number: $number,
                name: stringify!($name),
                sender: sender!($sender),
                fields: &[$((stringify!($field), stringify!($type))),*],
            }),*];

            /// The message's name, for errors, traces and tests.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Message::$name { .. } => stringify!($name)),*
                }
            }

            /// Who may send it.
            pub fn sender(&self) -> Sender {
                match self {
                    $(Message::$name { .. } => sender!($sender)),*
                }
            }

            /// Appends the message to `out`.
            pub fn encode(&self, out: &mut Vec<u8>) {
                let out = &mut Writer::new(out);
                match self {
                    $(Message::$name { $($field),* } => {
                        out.array(1 + [$(stringify!($field)),*].len() as usize);
                        out.unsigned($number);
                        $(Field::write($field, out);)*
                    }),*
                }
            }

            /// Reads one message. The result borrows its text and bytes from `bytes`.
            ///
            /// Returns a [`DecodeError`] that names the message and field when the bytes are not exactly one known
            /// message. Beside the lists in it, whose lengths are bounded,
            /// it allocates nothing.
            pub fn decode(bytes: &'a [u8]) -> Result<Message<'a>, DecodeError> {
                let from = &mut Reader::new(bytes);
                let head = field::token(from, "message")?;
                let Token::Array(mut left) = head else {
                    return Err(field::mismatch("message", "an array", &head));
                };
                let number: u64 = field::next(&mut left, from, "message number")?;
                let message = match number {
                    $($number => Message::$name {
                        $($field: field::next(&mut left, from, concat!(stringify!($name), ".", stringify!($field)))?),*
                    },)*
                    unknown => return Err(DecodeError::Unknown(unknown)),
                };
                field::skip(left, from, "message")?;
                match from.remaining() {
                    0 => Ok(message),
                    trailing => Err(DecodeError::Trailing(trailing)),
                }
            }
        }
    };
}

macro_rules! sender {
    (host) => {
        Sender::Only(Role::Host)
    };
    (runner) => {
        Sender::Only(Role::Runner)
    };
    (both) => {
        Sender::Both
    };
}

impl Message<'_> {
    /// Whether `role` may send this message. The other side ends the session when it may not.
    pub fn may_send(&self, role: Role) -> bool {
        match self.sender() {
            Sender::Only(only) => only == role,
            Sender::Both => true,
        }
    }

    /// The message as bytes of its own.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }
}

messages! {
    // -- Session ------------------------------------------------------------------------------------------------

    /// The first message of a host. Answered by `Welcome` or `Reject`; without an answer in time the host kills the
    /// runner.
    1 Hello from host {
        /// The protocol's version that the host speaks.
        protocol: u32,
        /// What the host can do beyond the base, by name. Only what both name is used.
        features: Vec<&'a str>,
        /// Sixteen random bytes, repeated in `Welcome`: an answer belongs to this session.
        token: &'a [u8],
        /// The plugin's id, for messages to a person only. Who a runner is, is told by its socket.
        plugin: &'a str,
        /// Counts the plugin's processes; references of an older generation are dead.
        generation: u32,
        /// Seeds everything random in a session with a virtual clock.
        seed: u64,
        /// The value of `TZ` to use, or none for the machine's own zone.
        time_zone: Option<&'a str>,
        /// Where time comes from.
        clock: ClockMode,
        /// The start of the virtual clock, in microseconds since 1970.
        clock_start_us: u64,
        /// The application's functions.
        api: ApiTable<'a>,
        /// The bounds of this session.
        limits: Limits,
        /// Thirty-two random bytes: the source of the plugin's cryptographic randomness in a session with a real clock.
        random: &'a [u8],
    }

    /// The runner's answer to `Hello`.
    2 Welcome from runner {
        /// The protocol's version that the runner speaks.
        protocol: u32,
        /// The features that both can do.
        features: Vec<&'a str>,
        /// The token of `Hello`.
        token: &'a [u8],
        /// The engine and its version, such as `quickjs-ng 0.16.2`.
        engine: &'a str,
        /// The version of the runner's crate.
        version: &'a str,
    }

    /// Says why the sender ends the session. The last message of its sender; nothing answers it.
    3 Reject from both {
        /// The reason.
        why: Refusal,
        /// Words for a person: what was expected and what was found.
        text: &'a str,
    }

    /// The runner has given up its rights. What it says is a claim.
    4 Locked from runner {
        /// How far.
        level: Level,
        /// The layers that are in force, by name.
        layers: Vec<&'a str>,
    }

    // -- Code ---------------------------------------------------------------------------------------------------

    /// The plugin, once. Nothing of it was read before. Answered by `Ready` or `Failed`; without an answer within
    /// the start limit the host kills the runner.
    8 Load from host {
        /// Which prelude prepares the globals: `native`, `joplin`, …
        prelude: &'a str,
        /// The entry file.
        source: Source<'a>,
        /// The facts that a plugin may know of itself, a map value.
        manifest: &'a [u8],
        /// The permissions that are granted.
        grants: Vec<&'a str>,
        /// What `suspend` gave in the generation before, a value.
        state: Option<&'a [u8]>,
    }

    /// The engine needs a file of the package: a module, or the map of its lines. The runner waits for `Module` and
    /// serves nothing meanwhile.
    9 ModuleRequest from runner {
        /// Chosen by the runner, grows, is never used again.
        id: u64,
        /// What stands in the `import`; `plughold:///` with a name behind it means the file of that name.
        specifier: &'a str,
        /// The virtual name of the file that imports.
        referrer: &'a str,
        /// The most bytes of text that the runner has room for; a longer file is answered with an error.
        longest: Option<u64>,
    }

    /// The answer to `ModuleRequest`.
    10 Module from host {
        /// The request's id.
        id: u64,
        /// The module, or none with a reason.
        source: Option<Source<'a>>,
        /// Why there is none: words for a person.
        error: Option<&'a str>,
    }

    /// The plugin is loaded: its top level ran and its `activate` settled.
    11 Ready from runner {
        /// The names of the functions that it exports.
        exports: Vec<&'a str>,
        /// Microseconds to compile.
        compile_us: u64,
        /// Microseconds of its top level.
        evaluate_us: u64,
        /// Microseconds until `activate` settled.
        activate_us: u64,
    }

    /// The plugin could not be loaded. The runner stays alive until the host stops it.
    12 Failed from runner {
        /// What it was doing.
        stage: Stage,
        /// What was thrown, a value.
        error: &'a [u8],
    }

    // -- Calls --------------------------------------------------------------------------------------------------

    /// A call. Answered by exactly one `Return`, also after `Cancel`; when the callee dies first, its caller's
    /// library answers with `Gone`.
    16 Call from both {
        /// Chosen by the sender, grows, is never used again.
        id: u64,
        /// What is called.
        target: Target<'a>,
        /// An array value of the arguments.
        args: &'a [u8],
        /// Microseconds until the caller gives up.
        deadline_us: Option<u64>,
        /// The call of the receiver that the sender was serving when it made this one.
        parent: Option<u64>,
        /// The sender's thread waits; it serves only calls whose chain of parents contains this call.
        blocking: bool,
        /// A W3C trace context, for the tools.
        trace: Option<&'a str>,
    }

    /// A call that wants no answer. Lost when the callee dies.
    17 Notify from both {
        /// What is called.
        target: Target<'a>,
        /// An array value of the arguments.
        args: &'a [u8],
        /// As in `Call`.
        parent: Option<u64>,
    }

    /// The only answer to a `Call`.
    18 Return from both {
        /// The call's id.
        id: u64,
        /// How it ended.
        outcome: Outcome<'a>,
        /// Microseconds that the callee spent on it in turns of its own.
        spent_us: u64,
    }

    /// The caller no longer wants the answer. The callee sees an aborted signal and still sends its `Return`.
    19 Cancel from both {
        /// The call's id.
        id: u64,
        /// Why; `Dropped` unless it says otherwise.
        why: Option<Unwanted>,
    }

    /// Where the plugin makes the call with this id, which comes soon: sent for some of its calls, if both can `call-sites`.
    20 Site from runner {
        /// The call's id.
        id: u64,
        /// The JavaScript stack.
        stack: &'a str,
    }

    // -- References ---------------------------------------------------------------------------------------------

    /// The sender no longer holds these references of the receiver. When a side dies, all that it held are released.
    24 Release from both {
        /// Each with its count.
        references: Vec<Released>,
    }

    // -- Streams ------------------------------------------------------------------------------------------------

    /// A chunk of a stream of the sender. Sent while the stream has credit, which it has once somebody reads.
    32 StreamData from both {
        /// The stream.
        id: u64,
        /// The chunk: one value, of at most `STREAM_WINDOW` bytes.
        data: &'a [u8],
    }

    /// The writer is done. When the writer dies, the reader's library ends the stream with `Gone`.
    33 StreamEnd from both {
        /// The stream.
        id: u64,
        /// What went wrong, a value.
        error: Option<&'a [u8]>,
    }

    /// The reader lost interest: the writer ends its source and answers `StreamEnd`.
    34 StreamStop from both {
        /// The stream.
        id: u64,
    }

    /// Room for more. A `Return` gives back the room of its call by itself.
    35 Credit from both {
        /// The stream, or none for calls.
        stream: Option<u64>,
        /// Bytes of the stream, or calls.
        amount: u64,
    }

    // -- Time ---------------------------------------------------------------------------------------------------

    /// The runner wants a `Wake` after this time; it replaces what was asked before. A runner has no clock that
    /// could wake it.
    40 WakeAfter from runner {
        /// Microseconds from now, or none to want no wake-up any more.
        delay_us: Option<u64>,
    }

    /// The time asked for has come.
    41 Wake from host {
        /// The virtual clock, in microseconds since 1970; none with a real clock.
        now_us: Option<u64>,
    }

    // -- Health -------------------------------------------------------------------------------------------------

    /// Wants a `Pong` from the JavaScript loop.
    48 Ping from both {
        /// Comes back.
        nonce: u64,
    }

    /// The answer to `Ping`.
    49 Pong from both {
        /// The nonce of the `Ping`.
        nonce: u64,
    }

    /// What the runner uses; sent when it changed much, and with `Pong`.
    50 Stats from runner {
        /// Bytes in use by the engine.
        engine_bytes: u64,
        /// Bytes in use in the arena.
        arena_bytes: u64,
        /// The most that was ever in use in the arena.
        arena_peak: u64,
        /// Functions and objects that the host holds.
        exported: u32,
        /// Functions and objects of the host that the plugin holds.
        imported: u32,
        /// Calls that wait for room in the window.
        queued: u32,
        /// Timers that are set.
        timers: u32,
    }

    /// A line of the plugin's console.
    51 Log from runner {
        /// How important.
        level: LogLevel,
        /// The rendered line.
        text: &'a str,
        /// Where it was written.
        place: Option<Place<'a>>,
    }

    /// An error that nobody caught, or a promise that was rejected without a handler.
    52 Uncaught from runner {
        /// What was thrown, a value.
        error: &'a [u8],
        /// True for a rejected promise.
        rejection: bool,
    }

    // -- Ending -------------------------------------------------------------------------------------------------

    /// Finish: run `deactivate`, send what waits, answer `Stopped`, exit with 0. Killed after the grace.
    56 Stop from host {
        /// Microseconds of grace.
        grace_us: u64,
        /// Whether `suspend` is asked for the state before that, which may take half of the grace.
        want_state: bool,
    }

    /// The last message of a runner.
    57 Stopped from runner {
        /// What `suspend` gave, a value without references of at most `STATE` bytes.
        state: Option<&'a [u8]>,
        /// References that the host still holds.
        leaked: u32,
        /// Why there is no state although `suspend` was asked for it, a value.
        error: Option<&'a [u8]>,
    }

    /// Wants the state for the next generation, while the plugin goes on. Answered by exactly one `Suspended`; when the
    /// runner dies first, the next generation gets no state.
    58 Suspend from host {
        /// Chosen by the host, grows, is never used again.
        id: u64,
    }

    /// The answer to `Suspend`. With neither state nor error the plugin has no `suspend`, or that gave nothing.
    59 Suspended from runner {
        /// The id of the `Suspend`.
        id: u64,
        /// What `suspend` gave, a value without references of at most `STATE` bytes.
        state: Option<&'a [u8]>,
        /// Why there is no state: what `suspend` threw, or what cannot be handed over, a value.
        error: Option<&'a [u8]>,
    }
}

#[cfg(test)]
mod tests;
