//! The start of a runner, in order. Each step needs the ones before it, and nothing of the plugin is read in any.
#![allow(unsafe_code, reason = "activating the arena is a promise that the process has one thread")]

use crate::clock::Clock;
use crate::engine::{self, Thrown, module};
use crate::incoming::Violation;
use crate::kit::{self, Kit};
use crate::link::{Receiver, Sender};
use crate::session::{Api, Session, Terms};
use crate::{arena, control, ending, fault, lockdown, serve, system};
use plughold_protocol::exit::Cause;
use plughold_protocol::page::Page;
use plughold_protocol::record::{ApiTable, Refusal};
use plughold_protocol::{Message, limits, version};
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// The first descriptor that is not the runner's: below it are the socket, the control page and standard error.
const FIRST_FOREIGN: u32 = 3;

/// The length of the token in `Hello`, in bytes.
const TOKEN: usize = 16;

/// How much chance is in `Hello`, in bytes.
const RANDOM: usize = 32;

/// What is kept of `Hello`.
struct Hello {
    token: Vec<u8>,
    features: Vec<String>,
    time_zone: Option<String>,
    terms: Terms,
}

/// Becomes a runner. Nothing of the process's life before has happened yet.
pub(crate) fn become_runner() -> ! {
    let page = prepare();
    let mut receiver = Receiver::new();
    let mut sender = Sender::new();
    let hello = match receive_hello(&mut receiver) {
        Ok(hello) => hello,
        Err(violation) => {
            sender.send(&Message::Reject { why: violation.why, text: &violation.words });
            sender.flush();
            ending::end(Cause::Protocol, format_args!("{}", violation.words));
        }
    };
    system::warm_time_zone(hello.time_zone.as_deref());
    // The first hash map of a process asks the system for its seed.
    let _warmed = RandomState::new().hash_one(0);
    let session = start_engine(page, hello.terms, receiver, sender);

    let locked = lockdown::lockdown(page);
    let engine = engine::version();
    session.send(&Message::Welcome {
        protocol: version::CURRENT,
        features: hello.features.iter().map(String::as_str).collect(),
        token: &hello.token,
        engine: &engine,
        version: env!("CARGO_PKG_VERSION"),
    });
    session.send(&Message::Locked { level: lockdown::level(locked.level), layers: locked.layers });
    serve::serve(session)
}

/// The page and the memory of a runner.
fn prepare() -> &'static Page {
    system::close_from(FIRST_FOREIGN);
    let page = match control::map() {
        Ok(page) => page,
        Err(error) => ending::end(Cause::Setup, format_args!("the control page cannot be mapped: {error}")),
    };
    let Some((memory, parent)) = page.spawn_parameters() else {
        ending::end(Cause::Setup, format_args!("no host prepared the control page"));
    };
    die_with(parent);
    system::clear_environment();
    // SAFETY: nothing has started a thread, and nothing in a runner ever does.
    if let Err(error) = unsafe { arena::activate(memory as usize) } {
        ending::end(Cause::Setup, format_args!("{error}"));
    }
    fault::install();
    page
}

/// Tries out how far this process can be locked down, and ends it.
pub(crate) fn become_trial() -> ! {
    lockdown::try_out(prepare())
}

/// Dies when the host dies. The request is for the thread that started us, which the host keeps alive for this. Who may
/// look into the process is left to the lock-down: until the host has spoken, the system has to show it to the host.
fn die_with(parent: u32) {
    let signal = rustix::process::Signal::KILL;
    // Without it a runner still ends when its socket closes.
    let _second_line = rustix::process::set_parent_process_death_signal(Some(signal));
    if parent != 0 && std::os::unix::process::parent_id() != parent {
        ending::end(Cause::HostGone, format_args!("the host ended before its runner had started"));
    }
}

fn receive_hello(receiver: &mut Receiver) -> Result<Hello, Violation> {
    loop {
        match receiver.next() {
            Ok(None) => {}
            Ok(Some(body)) => return hello(body),
            Err(error) => return Err(Violation::malformed(format!("the host sent {error}"))),
        }
        receiver.wait();
    }
}

fn hello(body: &[u8]) -> Result<Hello, Violation> {
    let message = Message::decode(body).map_err(|error| Violation::malformed(error.to_string()))?;
    let Message::Hello {
        protocol,
        features,
        token,
        seed,
        time_zone,
        clock,
        clock_start_us,
        api,
        limits,
        random,
        ..
    } = message
    else {
        return Err(Violation::order(format!("expected Hello, found {}", message.name())));
    };
    if protocol != version::CURRENT {
        let words =
            format!("this runner speaks version {} of the protocol, the host {protocol}", version::CURRENT);
        return Err(Violation { why: Refusal::Version, words });
    }
    if token.len() != TOKEN {
        let words = format!("expected a token of {TOKEN} bytes, found {} bytes", token.len());
        return Err(Violation { why: Refusal::Token, words });
    }
    let Ok(random) = random.try_into() else {
        let words = format!("expected {RANDOM} random bytes, found {}", random.len());
        return Err(Violation::malformed(words));
    };
    check_api(&api)?;
    let features: Vec<String> = features
        .into_iter()
        .filter(|feature| version::IMPLEMENTED.contains(feature))
        .map(str::to_owned)
        .collect();
    let terms = Terms {
        limits,
        has_modules: features.iter().any(|feature| feature == version::MODULES),
        has_blocking: features.iter().any(|feature| feature == version::BLOCKING_CALLS),
        has_sites: features.iter().any(|feature| feature == version::CALL_SITES),
        api: Api::new(&api),
        clock: Clock::new(clock, clock_start_us, seed, random),
    };
    Ok(Hello { token: token.to_vec(), features, time_zone: time_zone.map(str::to_owned), terms })
}

fn check_api(api: &ApiTable) -> Result<(), Violation> {
    let limit = |words: String| Err(Violation { why: Refusal::Limit, words });
    if limits::API_FUNCTIONS < api.functions.len() {
        return limit(format!("an API of more than {} functions", limits::API_FUNCTIONS));
    }
    match api.functions.iter().find(|function| limits::NAME < function.path.len()) {
        Some(function) => limit(format!("an API path of {} bytes", function.path.len())),
        None => Ok(()),
    }
}

/// Makes the engine, our own JavaScript and the session.
fn start_engine(page: &'static Page, terms: Terms, receiver: Receiver, sender: Sender) -> &'static Session {
    let stack = terms.limits.stack.clamp(limits::STACK / 4, limits::STACK_MAX);
    if let Err(error) = engine::start(stack as usize) {
        ending::end(Cause::Setup, format_args!("the engine does not start: {error}"));
    }
    let kit = Kit::new(&terms.api).unwrap_or_else(|thrown| end_for_own_code(&thrown));
    module::install();
    let session = Session::install(page, terms, kit, receiver, sender);
    if session.clock.is_virtual() {
        session.kit.use_virtual_clock().unwrap_or_else(|thrown| end_for_own_code(&thrown));
    }
    session
}

fn end_for_own_code(thrown: &Thrown) -> ! {
    ending::end(Cause::Setup, format_args!("our own JavaScript fails: {}", kit::words_of(thrown)))
}
