//! A real runner, spoken to by hand: a host of its own for one order.
//!
//! A [`plughold::Host`] gives its runners the plans that make sense. Here they are given any.

use plughold_protocol::message::Message;
use plughold_protocol::page::{MAGIC, SIZE, TEXT};
use plughold_protocol::record::{ApiTable, ClockMode, Limits, Outcome, Source, SourceKind, Target};
use plughold_protocol::{limits, version};
use plughold_sandbox::{Layer, Plan};
use plughold_tests::{PATIENCE, program};
use plughold_wire::testing::{PeerError, ScriptedPeer};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What is loaded: an order is the numbers that are given to `Math.cbrt`, and the last result is the answer.
pub(crate) const PLUGIN: &str = "
export const order = (...numbers) => {
    Math.cbrt(-Infinity);
    return String(numbers.map((number) => Math.cbrt(number)).at(-1));
};
";

/// How often a runner that does not answer is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Where the fields of the host are on the control page.
const MAGIC_AT: u64 = 0;
const PARENT_AT: u64 = 4;
const MEMORY_AT: u64 = 8;
const PLAN_AT: u64 = 80;

/// Where the last words of a runner are.
const WORDS_AT: u64 = 120 + TEXT as u64;

/// A runner that is locked and loaded.
pub(crate) struct Runner {
    child: Child,
    peer: ScriptedPeer<UnixStream>,
    page: File,
}

/// What comes of an order.
#[derive(Debug)]
pub(crate) enum Reply {
    /// It was carried out, and this is the answer.
    Answer(f64),
    /// The process has ended.
    Ended(ExitStatus),
    /// The process is stopped, and would never say anything again.
    Frozen,
}

impl Runner {
    /// Starts a runner with this plan, from the thread that stays alive until it is over. The error is the runner's words
    /// when it could not be locked.
    pub(crate) fn start(plan: &Plan) -> Result<Runner, String> {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_read_timeout(Some(LOOK)).unwrap();
        let page = page(plan);
        let child = Command::new(program("attacking-runner"))
            .arg(plughold_runner::ARGUMENT)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(page.try_clone().unwrap()))
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut runner = Runner { child, peer: ScriptedPeer::new(ours), page };
        runner.greet(plan)?;
        runner.load();
        Ok(runner)
    }

    /// Gives an order, and ends the runner if that has not.
    pub(crate) fn order(mut self, numbers: &[f64]) -> Reply {
        let mut args = vec![0x90 | numbers.len() as u8];
        numbers.iter().for_each(|number| {
            args.push(0xcb);
            args.extend(number.to_be_bytes());
        });
        let target = Target::Export("order");
        let (deadline_us, parent, trace) = (None, None, None);
        let call = Message::Call { id: 1, target, args: &args, deadline_us, parent, blocking: false, trace };
        self.peer.send(&call).unwrap();
        loop {
            match self.receive() {
                Ok(Some(message)) => {
                    if let Message::Return { outcome, .. } = Message::decode(&message).unwrap() {
                        return Reply::Answer(number(&outcome));
                    }
                }
                Ok(None) => return Reply::Ended(self.child.wait().unwrap()),
                Err(Stopped) => return Reply::Frozen,
            }
        }
    }

    /// What the kernel says of the process.
    pub(crate) fn status(&self) -> String {
        fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap()
    }

    fn greet(&mut self, plan: &Plan) -> Result<(), String> {
        let hello = Message::Hello {
            protocol: version::CURRENT,
            features: vec![],
            token: &[7; 16],
            plugin: "attacker",
            generation: 1,
            seed: 0,
            time_zone: None,
            clock: ClockMode::Real,
            clock_start_us: 0,
            api: ApiTable { global: "app", functions: vec![] },
            limits: Limits::default(),
            random: &[7; 32],
        };
        self.peer.send(&hello).unwrap();
        let Some(locked) = self.receive_until("Locked") else {
            let status = self.child.wait().unwrap();
            return Err(format!("{status}: {}", self.words()));
        };
        let Message::Locked { layers, .. } = Message::decode(&locked).unwrap() else { panic!("not Locked") };
        assert_eq!(layers, plan.outcome().layers, "the layers that it claims");
        // Some attacks would harm a machine whose administrator tries them. So no runner of his hears of one unless the
        // kernel says that its calls are filtered.
        let is_filtered = self.status().lines().any(|line| line == "Seccomp:\t2");
        assert_eq!(is_filtered, plan.layers().contains(Layer::Filter), "what the kernel says of the filter");
        assert!(is_filtered || !rustix::process::geteuid().is_root(), "no attack of an administrator");
        Ok(())
    }

    fn load(&mut self) {
        let source = Source { name: "attacker.mjs", kind: SourceKind::Module, text: PLUGIN };
        const EMPTY_MAP: &[u8] = &[0x80];
        let load =
            Message::Load { prelude: "native", source, manifest: EMPTY_MAP, grants: vec![], state: None };
        self.peer.send(&load).unwrap();
        assert!(self.receive_until("Ready").is_some(), "loading: {}", self.words());
    }

    fn receive_until(&mut self, name: &str) -> Option<Vec<u8>> {
        loop {
            let message = self.receive().unwrap_or_else(|Stopped| panic!("stopped before {name}"))?;
            match Message::decode(&message).unwrap() {
                Message::Failed { error, .. } => panic!("{}", String::from_utf8_lossy(error)),
                Message::Reject { text, .. } => panic!("{text}"),
                decoded if decoded.name() == name => return Some(message),
                _ => {}
            }
        }
    }

    /// The next message, or none when the runner has closed the socket.
    fn receive(&mut self) -> Result<Option<Vec<u8>>, Stopped> {
        let begun = Instant::now();
        loop {
            match self.peer.receive() {
                Ok(message) => return Ok(message),
                Err(PeerError::Io(error)) if error.kind() == ErrorKind::ConnectionReset => return Ok(None),
                Err(PeerError::Io(error)) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("{error:?}"),
            }
            if self.status().contains("State:\tT") {
                return Err(Stopped);
            }
            assert!(begun.elapsed() < PATIENCE, "the runner says nothing: {}", self.status());
        }
    }

    fn words(&self) -> String {
        let mut bytes = [0; TEXT];
        self.page.read_exact_at(&mut bytes, WORDS_AT).unwrap();
        String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned()
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        // One that has ended is none the worse.
        let _has_ended = self.child.kill();
        let _is_waited_for = self.child.wait();
    }
}

/// The process is stopped by a signal.
struct Stopped;

/// A control page with a plan on it, as a host prepares it.
fn page(plan: &Plan) -> File {
    let memory = rustix::fs::memfd_create("plughold", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
    let page = File::from(memory);
    page.set_len(SIZE as u64).unwrap();
    page.write_all_at(&std::process::id().to_ne_bytes(), PARENT_AT).unwrap();
    page.write_all_at(&limits::MEMORY.to_ne_bytes(), MEMORY_AT).unwrap();
    page.write_all_at(&plan.encode().to_ne_bytes(), PLAN_AT).unwrap();
    page.write_all_at(&MAGIC.to_ne_bytes(), MAGIC_AT).unwrap();
    page
}

/// The number in an answer: it comes as a short text.
fn number(outcome: &Outcome) -> f64 {
    let Outcome::Returned([_, text @ ..]) = outcome else { panic!("{outcome:?}") };
    std::str::from_utf8(text).unwrap().parse().unwrap()
}
