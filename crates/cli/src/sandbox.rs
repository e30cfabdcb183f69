//! How far the plugins of a command are locked down.

use clap::ValueEnum;
use plughold::{HostBuilder, PluginInfo, Sandbox, SandboxLevel};

/// How far they shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SandboxWish {
    /// As far as this machine can, and at least level C
    Best,
    /// Exactly level A: every layer
    #[value(name = "A", alias = "a")]
    A,
    /// Exactly level B: no namespaces
    #[value(name = "B", alias = "b")]
    B,
    /// Exactly level C: system calls and limits only
    #[value(name = "C", alias = "c")]
    C,
    /// As best, and name the system call of a plugin that breaks its sandbox
    Log,
    /// Not at all: a plugin may do what you may
    None,
}

impl SandboxWish {
    /// Tells the builder of the host.
    pub(crate) fn apply<S: Send + Sync + 'static>(self, builder: HostBuilder<S>) -> HostBuilder<S> {
        let exactly = Sandbox::Exactly;
        match self {
            SandboxWish::Best => builder.sandbox(Sandbox::Best),
            SandboxWish::A => builder.sandbox(exactly(SandboxLevel::A)),
            SandboxWish::B => builder.sandbox(exactly(SandboxLevel::B)),
            SandboxWish::C => builder.sandbox(exactly(SandboxLevel::C)),
            SandboxWish::Log => builder.sandbox(Sandbox::Log),
            SandboxWish::None => builder.sandbox(exactly(SandboxLevel::D)).allow_unsandboxed(),
        }
    }
}

/// The layer of plugins that were loaded with `--sandbox=log`.
const TOLD: &str = "violations are told";

/// What a person should know when plugins run below the strongest level, or in the way that is for developers: how far they
/// are locked down. All plugins of a command are locked down alike.
pub(crate) fn remark_of(plugins: &[PluginInfo]) -> Option<String> {
    let remark = |info: &PluginInfo| in_words(info.sandbox?, &info.sandbox_layers);
    plugins.iter().find_map(remark)
}

fn in_words(level: SandboxLevel, layers: &[String]) -> Option<String> {
    let is_told = layers.iter().any(|layer| layer == TOLD);
    match level {
        SandboxLevel::D => Some("plugins run without a sandbox, and may do what you may".to_owned()),
        SandboxLevel::A if !is_told => None,
        level => Some(format!("plugins are locked down at level {}: {}", level.letter(), layers.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(level: SandboxLevel, layers: &[&str], expected: Option<&str>) {
        let layers: Vec<String> = layers.iter().map(|layer| (*layer).to_owned()).collect();
        assert_eq!(in_words(level, &layers).as_deref(), expected);
    }

    #[test]
    fn what_is_not_the_usual_sandbox_is_said() {
        check(SandboxLevel::A, &["limits", "three calls"], None);
        check(SandboxLevel::B, &["three calls"], Some("plugins are locked down at level B: three calls"));
        let told = "plugins are locked down at level A: three calls, violations are told";
        check(SandboxLevel::A, &["three calls", TOLD], Some(told));
        check(SandboxLevel::D, &[], Some("plugins run without a sandbox, and may do what you may"));
    }
}
