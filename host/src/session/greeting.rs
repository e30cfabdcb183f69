//! From `Hello` to `Locked`: nothing of a plugin is sent before the runner has proved what it is.

use crate::api::Table;
use crate::{Limits, PluginId};
use plughold_protocol::message::Message;
use plughold_protocol::record::{ApiTable, ClockMode, Level, Limits as WireLimits, Refusal};
use plughold_protocol::version;
use plughold_sandbox::{Mismatch, Witness};

/// The bytes of a process that nobody can guess.
#[derive(Clone, Copy, Default)]
pub(crate) struct Secrets {
    /// What the runner repeats in its answer.
    pub(crate) token: [u8; 16],
    /// Seeds everything random of a session with a virtual clock.
    pub(crate) seed: [u8; 8],
    /// The source of the plugin's randomness.
    pub(crate) random: [u8; 32],
}

/// What the runner has said so far.
pub(crate) struct Greeting {
    secrets: Secrets,
    welcomed: bool,
    /// The process had ended when it was asked about. What it had still said is read to the end, and means nothing.
    is_gone: bool,
    /// Who asks the system about the process; none where nobody looks.
    proof: Option<Witness>,
}

/// The result of a message of the greeting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More is to come.
    Welcomed,
    /// The runner is locked, as it says.
    Locked { level: Level, layers: Vec<String> },
    /// The process has ended meanwhile: nothing is to be sent, and its socket will say so.
    Gone,
}

impl Greeting {
    pub(crate) fn new(secrets: Secrets) -> Greeting {
        Greeting { secrets, welcomed: false, is_gone: false, proof: None }
    }

    /// When the runner claims to be locked, the system is asked as well.
    pub(crate) fn with_proof(self, witness: Witness) -> Greeting {
        Greeting { proof: Some(witness), ..self }
    }

    pub(crate) fn hello<'a>(
        &'a self,
        plugin: &'a PluginId,
        generation: u32,
        api: &'a Table,
        limits: &Limits,
        wants_sites: bool,
    ) -> Message<'a> {
        let features = version::IMPLEMENTED.iter().copied();
        let features = features.filter(|feature| wants_sites || *feature != version::CALL_SITES).collect();
        Message::Hello {
            protocol: version::CURRENT,
            features,
            token: &self.secrets.token,
            plugin: plugin.as_str(),
            generation,
            seed: u64::from_le_bytes(self.secrets.seed),
            time_zone: None,
            clock: ClockMode::Real,
            clock_start_us: 0,
            api: ApiTable { global: api.global(), functions: api.entries() },
            limits: WireLimits {
                in_flight: limits.in_flight,
                stack: limits.stack,
                message: limits.message as u64,
                references: limits.references,
                queued_calls: limits.queued_calls,
                queued_bytes: limits.queued_bytes,
                timers: limits.timers,
                ..WireLimits::default()
            },
            random: &self.secrets.random,
        }
    }

    /// Takes one message of the runner. The error says in words what is wrong with it.
    pub(crate) fn take(&mut self, message: &Message) -> Result<Progress, (Refusal, String)> {
        match message {
            _ if self.is_gone => Ok(Progress::Gone),
            Message::Welcome { protocol, .. } if *protocol != version::CURRENT => Err((
                Refusal::Version,
                format!(
                    "the runner speaks version {protocol} of the protocol, the host version {}",
                    version::CURRENT
                ),
            )),
            Message::Welcome { token, .. } if *token != self.secrets.token => {
                Err((Refusal::Token, "the runner answers with the token of another session".to_owned()))
            }
            Message::Welcome { .. } if !self.welcomed => {
                self.welcomed = true;
                Ok(Progress::Welcomed)
            }
            Message::Locked { level, layers } if self.welcomed => {
                let layers: Vec<String> = layers.iter().map(|layer| (*layer).to_owned()).collect();
                match self.check_proof(*level, &layers) {
                    Ok(()) => Ok(Progress::Locked { level: *level, layers }),
                    Err(Mismatch::Gone) => {
                        self.is_gone = true;
                        Ok(Progress::Gone)
                    }
                    Err(mismatch) => Err((Refusal::Order, mismatch.to_string())),
                }
            }
            other => Err((Refusal::Order, format!("{} is out of order in the greeting", other.name()))),
        }
    }

    fn check_proof(&self, level: Level, layers: &[String]) -> Result<(), Mismatch> {
        let Some(witness) = &self.proof else { return Ok(()) };
        witness.verify(sandbox_level(level), layers)
    }
}

/// A level of the protocol as the one that the host speaks of.
pub(crate) fn sandbox_level(level: Level) -> plughold_sandbox::Level {
    match level {
        Level::A => plughold_sandbox::Level::A,
        Level::B => plughold_sandbox::Level::B,
        Level::C => plughold_sandbox::Level::C,
        Level::D => plughold_sandbox::Level::D,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plughold_sandbox::Plan;
    use std::process::Command;

    fn welcome(protocol: u32, token: &[u8]) -> Message<'_> {
        Message::Welcome { protocol, features: vec![], token, engine: "", version: "" }
    }

    fn greeting() -> Greeting {
        Greeting::new(Secrets { token: [7; 16], ..Secrets::default() })
    }

    #[test]
    fn a_runner_says_welcome_then_locked() {
        let mut greeting = greeting();
        assert_eq!(greeting.take(&welcome(version::CURRENT, &[7; 16])), Ok(Progress::Welcomed));
        let locked = Message::Locked { level: Level::D, layers: vec!["none"] };
        let progress = Progress::Locked { level: Level::D, layers: vec!["none".into()] };
        assert_eq!(greeting.take(&locked), Ok(progress));
    }

    #[test]
    fn nobody_is_locked_who_only_says_so() {
        let level = plughold_sandbox::Level::C;
        let layers = Plan::at(level).outcome().layers;
        let claim = |level, layers: &[&'static str]| {
            let witness = Witness::new(std::process::id(), Plan::at(plughold_sandbox::Level::C)).unwrap();
            let mut greeting = greeting().with_proof(witness);
            greeting.take(&welcome(version::CURRENT, &[7; 16])).unwrap();
            greeting.take(&Message::Locked { level, layers: layers.to_vec() }).unwrap_err().1
        };
        let expected = "a runner at level C was asked for, and it reports level D";
        assert_eq!(claim(Level::D, &[]), expected);
        let words = claim(Level::C, &layers);
        assert!(words.starts_with("it reports level C, but the system says `"), "{words}");
    }

    #[test]
    fn one_that_ended_meanwhile_has_broken_no_rule() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let plan = Plan::at(plughold_sandbox::Level::C);
        let mut greeting = greeting().with_proof(Witness::new(child.id(), plan).unwrap());
        greeting.take(&welcome(version::CURRENT, &[7; 16])).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let locked = Message::Locked { level: Level::C, layers: plan.outcome().layers };
        assert_eq!(greeting.take(&locked), Ok(Progress::Gone));
        // It may have been asked to stop meanwhile, and have answered before it ended.
        let stopped = Message::Stopped { state: None, leaked: 0, error: None };
        assert_eq!(greeting.take(&stopped), Ok(Progress::Gone));
    }

    #[test]
    fn the_bounds_in_force_are_told() {
        let api = Table::new(crate::Api::new(())).unwrap();
        let limits = Limits {
            message: 1 << 20,
            in_flight: 7,
            stack: 1 << 17,
            references: 6,
            queued_calls: 5,
            queued_bytes: 4,
            timers: 3,
            ..Limits::default()
        };
        let plugin = PluginId::native("p").unwrap();
        let greeting = greeting();
        let Message::Hello { limits, .. } = greeting.hello(&plugin, 1, &api, &limits, false) else {
            unreachable!()
        };
        assert_eq!((limits.message, limits.in_flight, limits.stack), (1 << 20, 7, 1 << 17));
        let told = (limits.references, limits.queued_calls, limits.queued_bytes, limits.timers);
        assert_eq!(told, (6, 5, 4, 3));
    }

    #[test]
    fn everything_else_is_refused() {
        let refused = |message: &Message| greeting().take(message).unwrap_err().0;
        assert_eq!(refused(&welcome(99, &[7; 16])), Refusal::Version);
        assert_eq!(refused(&welcome(version::CURRENT, &[8; 16])), Refusal::Token);
        assert_eq!(refused(&Message::Locked { level: Level::A, layers: vec![] }), Refusal::Order);
        assert_eq!(refused(&Message::Ping { nonce: 1 }), Refusal::Order);
        let mut twice = greeting();
        assert!(twice.take(&welcome(version::CURRENT, &[7; 16])).is_ok());
        assert_eq!(twice.take(&welcome(version::CURRENT, &[7; 16])).unwrap_err().0, Refusal::Order);
    }
}
