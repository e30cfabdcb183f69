//! A real runner at the other end of a real socket, and a host that says what the test tells it to say.

pub(crate) use crate::show::show;

use crate::ledger::Ledger;
use plughold_protocol::exit::Cause;
use plughold_protocol::page::{Page, SIZE};
use plughold_protocol::record::{
    ApiFunction, ApiTable, ClockMode, Limits, Outcome, Released, Source, SourceKind, Target,
};
use plughold_protocol::{Message, limits, version};
use plughold_sandbox::{Level, Plan};
use plughold_wire::{Inbox, Outbox};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The functions of the application in most tests, by position.
pub(crate) const API: &[&str] = &["echo", "notes.search", "notes.get", "settings.get"];

/// A runner that hangs fails its test after this time; nothing waits for it otherwise.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a runner is started.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) memory: u64,
    pub(crate) limits: Limits,
    pub(crate) api: Vec<&'static str>,
    /// Those of them whose callers wait.
    pub(crate) blocking: &'static [&'static str],
    pub(crate) global: &'static str,
    pub(crate) clock: ClockMode,
    pub(crate) clock_start_us: u64,
    pub(crate) seed: u64,
    pub(crate) random: [u8; 32],
    pub(crate) plan: Plan,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            memory: limits::MEMORY,
            limits: Limits::default(),
            api: API.to_vec(),
            blocking: &[],
            global: "app",
            clock: ClockMode::Real,
            clock_start_us: 0,
            seed: 1,
            random: [9; 32],
            plan: Plan::at(level()),
        }
    }
}

/// How far runners are locked down: all the way, or as far as the environment says.
fn level() -> Level {
    let wanted = std::env::var("PLUGHOLD_TEST_SANDBOX").unwrap_or_default();
    wanted.chars().next().and_then(Level::from_letter).unwrap_or(Level::A)
}

/// A runner and the host's end of its socket.
pub(crate) struct Runner {
    pub(crate) child: Child,
    pub(crate) page: &'static Page,
    socket: UnixStream,
    inbox: Inbox,
    outbox: Outbox,
    last_call: u64,
    /// What the two sides hold of each other.
    pub(crate) ledger: Ledger,
}

/// A message that arrived, as bytes: decode it to look at it.
pub(crate) struct Received(Vec<u8>);

impl Received {
    pub(crate) fn message(&self) -> Message<'_> {
        Message::decode(&self.0).unwrap()
    }
}

impl Runner {
    /// A runner that waits for `Hello`.
    pub(crate) fn spawn(options: &Options) -> Runner {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let memory = rustix::fs::memfd_create("plughold", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
        rustix::fs::ftruncate(&memory, SIZE as u64).unwrap();
        let page = map(&memory);
        let runner = env!("CARGO_BIN_EXE_plughold-runner");
        let (mut command, parent) = match crate::locked::trace_file() {
            None => (Command::new(runner), std::process::id()),
            // The tracer is the runner's parent; 0 stands for one that the host does not know.
            Some(file) => {
                let mut command = Command::new("strace");
                command.args(["-f", "-e", "trace=all", "-o"]).arg(file).arg(runner);
                (command, 0)
            }
        };
        page.prepare(options.memory, parent);
        page.set_plan(options.plan.encode());
        let child = command
            .arg(plughold_runner::ARGUMENT)
            .env("PLUGHOLD_TEST_SECRET", "must not be seen")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(memory))
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        ours.set_read_timeout(Some(PATIENCE)).unwrap();
        Runner {
            child,
            page,
            socket: ours,
            inbox: Inbox::new(limits::MESSAGE),
            outbox: Outbox::new(),
            last_call: 0,
            ledger: Ledger::default(),
        }
    }

    /// A runner that is locked and waits for `Load`.
    pub(crate) fn start(options: &Options) -> Runner {
        let mut runner = Runner::spawn(options);
        let functions =
            options.api.iter().map(|path| ApiFunction { path, blocking: options.blocking.contains(path) });
        let functions = functions.collect();
        runner.send(&Message::Hello {
            protocol: version::CURRENT,
            features: features(),
            token: &[7; 16],
            plugin: "test",
            generation: 1,
            seed: options.seed,
            time_zone: Some("UTC"),
            clock: options.clock,
            clock_start_us: options.clock_start_us,
            api: ApiTable { global: options.global, functions },
            limits: options.limits.clone(),
            random: &options.random,
        });
        runner.expect("Welcome");
        runner.expect("Locked");
        runner
    }

    /// A runner with a native script whose top level ran.
    pub(crate) fn with_script(text: &str) -> Runner {
        Runner::with_script_and(&Options::default(), text)
    }

    pub(crate) fn with_script_and(options: &Options, text: &str) -> Runner {
        let mut runner = Runner::start(options);
        runner.load("native", SourceKind::Script, text);
        runner.expect("Ready");
        runner
    }

    pub(crate) fn load(&mut self, prelude: &str, kind: SourceKind, text: &str) {
        // {"id": "test.plugin", "name": "Test", "version": "1.2.3"}
        let manifest = b"\x83\xa2id\xabtest.plugin\xa4name\xa4Test\xa7version\xa51.2.3";
        self.send(&Message::Load {
            prelude,
            source: Source { name: "main.js", kind, text },
            manifest,
            grants: vec!["notes.read"],
            state: None,
        });
    }

    pub(crate) fn send(&mut self, message: &Message) {
        self.ledger.sent(message);
        self.outbox.push(message);
        while !self.outbox.is_empty() {
            let count = self.socket.write(self.outbox.chunk()).unwrap();
            self.outbox.written(count);
        }
    }

    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).unwrap();
    }

    /// The next message, whatever it is.
    pub(crate) fn next(&mut self) -> Received {
        self.try_next().unwrap_or_else(|| panic!("the runner ended: {:?}", self.page.cause()))
    }

    /// The next message, or none when the runner has closed its socket. A `Release` goes to the ledger.
    pub(crate) fn try_next(&mut self) -> Option<Received> {
        loop {
            if let Some(body) = self.inbox.next().unwrap() {
                let received = Received(body.to_vec());
                self.ledger.received(&received.message());
                if received.message().name() == "Release" {
                    continue;
                }
                return Some(received);
            }
            match self.socket.read(self.inbox.spare()) {
                Ok(0) => return None,
                Ok(count) => self.inbox.filled(count),
                Err(error) => panic!("the runner says nothing: {error}"),
            }
        }
    }

    /// How many whole messages are read already.
    pub(crate) fn buffered(&mut self) -> usize {
        let mut count = 0;
        while self.inbox.next().unwrap().is_some() {
            count += 1;
        }
        count
    }

    /// What the runner says unasked: a `Ping` goes there, and whatever comes before its `Pong` is described.
    pub(crate) fn silence(&mut self) -> Option<String> {
        self.send(&Message::Ping { nonce: 99 });
        let received = self.next();
        if received.message().name() != "Pong" {
            return Some(describe(&received.message()));
        }
        self.expect("Stats");
        None
    }

    /// The next message, which must be of this kind.
    pub(crate) fn expect(&mut self, name: &str) -> Received {
        let received = self.next();
        assert_eq!(received.message().name(), name, "{}", describe(&received.message()));
        received
    }

    /// The next call of the plugin: its id, the function's position and its arguments.
    pub(crate) fn expect_call(&mut self) -> (u64, u32, Vec<u8>) {
        match self.expect("Call").message() {
            Message::Call { id, target: Target::Api(index), args, .. } => (id, index, args.to_vec()),
            other => panic!("{other:?}"),
        }
    }

    /// The next call, whatever it calls: its id, its target and arguments as text.
    pub(crate) fn any_call(&mut self) -> (u64, String) {
        match self.expect("Call").message() {
            Message::Call { id, target, args, .. } => (id, format!("{target:?} {}", show(args))),
            other => panic!("{other:?}"),
        }
    }

    /// Gives back all that the host holds.
    pub(crate) fn release_all(&mut self) {
        let all = self.ledger.borrowed.iter().map(|(id, count)| Released { id: *id, count: *count });
        let references = all.collect();
        self.send(&Message::Release { references });
    }

    /// Gives back all that the host holds, and checks that then neither side holds anything of the other.
    pub(crate) fn end_at_zero(mut self) {
        self.release_all();
        self.send(&Message::Ping { nonce: 0 });
        self.expect("Pong");
        match self.expect("Stats").message() {
            Message::Stats { exported, imported, .. } => assert_eq!((exported, imported), (0, 0)),
            other => panic!("{other:?}"),
        }
        // The last `Release` leaves behind the statistics.
        self.send(&Message::Ping { nonce: 0 });
        self.expect("Pong");
        assert!(self.ledger.lent.is_empty(), "never given back: {:?}", self.ledger.lent);
        let (code, _, words) = self.stop();
        assert_eq!(code, Some(0), "{words}");
    }

    /// The next call as text.
    pub(crate) fn call_text(&mut self) -> (u64, String) {
        let (id, index, args) = self.expect_call();
        (id, format!("{index}{}", show(&args)))
    }

    pub(crate) fn answer(&mut self, id: u64, value: &[u8]) {
        self.send(&Message::Return { id, outcome: Outcome::Returned(value), spent_us: 0 });
    }

    pub(crate) fn answer_error(&mut self, id: u64, error: &[u8]) {
        self.send(&Message::Return { id, outcome: Outcome::Threw(error), spent_us: 0 });
    }

    /// Calls something of the plugin; gives the call's id.
    pub(crate) fn call(&mut self, target: Target, args: &[u8]) -> u64 {
        self.call_with(target, args, None, None)
    }

    /// Calls something of the plugin in serving its call `parent`.
    pub(crate) fn call_for(&mut self, parent: u64, target: Target, args: &[u8]) -> u64 {
        self.call_with(target, args, Some(parent), None)
    }

    pub(crate) fn call_with(
        &mut self,
        target: Target,
        args: &[u8],
        parent: Option<u64>,
        deadline_us: Option<u64>,
    ) -> u64 {
        self.last_call += 1;
        let id = self.last_call;
        self.send(&Message::Call { id, target, args, deadline_us, parent, blocking: false, trace: None });
        id
    }

    /// Calls an export and gives how it ended, as text.
    pub(crate) fn call_export(&mut self, name: &str, args: &[u8]) -> String {
        let id = self.call(Target::Export(name), args);
        self.returned(id)
    }

    /// The next message, which must be the answer to this call.
    pub(crate) fn returned(&mut self, call: u64) -> String {
        match self.expect("Return").message() {
            Message::Return { id, outcome, .. } => {
                assert_eq!(id, call);
                outcome_text(&outcome)
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn release(&mut self, id: u64, count: u32) {
        self.send(&Message::Release { references: vec![Released { id, count }] });
    }

    /// Waits for the end; gives the exit code, the cause and its words.
    pub(crate) fn end(mut self) -> (Option<i32>, Cause, String) {
        let status = self.child.wait().unwrap();
        let (cause, words) = self.page.cause();
        (status.code(), cause, words)
    }

    /// Closes the host's end of the socket, then waits.
    pub(crate) fn hang_up(self) -> (Option<i32>, Cause, String) {
        self.socket.shutdown(std::net::Shutdown::Both).unwrap();
        self.end()
    }

    /// Stops the runner in order.
    pub(crate) fn stop(mut self) -> (Option<i32>, Cause, String) {
        self.send(&Message::Stop { grace_us: 1_000_000, want_state: false });
        while let Some(received) = self.try_next() {
            if received.message().name() == "Stopped" {
                break;
            }
        }
        self.end()
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        // Its own child only, and it may have ended already.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

pub(crate) fn outcome_text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Returned(value) => show(value),
        Outcome::Threw(error) => format!("threw {}", show(error)),
    }
}

/// A message as text, with its values readable.
pub(crate) fn describe(message: &Message) -> String {
    match message {
        Message::Uncaught { error, rejection } => {
            format!("Uncaught{} {}", if *rejection { " rejection" } else { "" }, show(error))
        }
        Message::Failed { stage, error } => format!("Failed {stage:?} {}", show(error)),
        Message::Return { id, outcome, .. } => format!("Return {id} {}", outcome_text(outcome)),
        Message::Log { level, text, place } => {
            let place = place
                .as_ref()
                .map_or(String::new(), |place| format!(" at {}:{}:{}", place.file, place.line, place.column));
            format!("{level:?} {text}{place}")
        }
        Message::Ready { exports, .. } => format!("Ready {}", exports.join(" ")),
        Message::WakeAfter { delay_us } => format!("WakeAfter {delay_us:?}"),
        other => format!("{other:?}"),
    }
}

#[allow(unsafe_code, reason = "the page is shared memory")]
fn map(memory: &OwnedFd) -> &'static Page {
    use rustix::mm::{MapFlags, ProtFlags, mmap};
    // SAFETY: the kernel chooses a free place; the file has `SIZE` bytes; the mapping is never undone, and the page
    // consists of atomics only.
    unsafe {
        let address =
            mmap(std::ptr::null_mut(), SIZE, ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED, memory, 0);
        &*address.unwrap().cast::<Page>()
    }
}

/// What a host can that wants to know nothing of where calls are made, and something that nobody has heard of.
fn features() -> Vec<&'static str> {
    let wanted = version::IMPLEMENTED.iter().filter(|feature| **feature != version::CALL_SITES);
    wanted.copied().chain(["telepathy"]).collect()
}
