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

/// What a person should know when plugins run below the strongest level: how far they are locked down. All plugins of a
/// command are locked down alike.
pub(crate) fn remark_of(plugins: &[PluginInfo]) -> Option<String> {
    let of_level = |info: &PluginInfo| info.sandbox.filter(|level| *level != 'A');
    let (info, level) = plugins.iter().find_map(|info| Some((info, of_level(info)?)))?;
    if level == 'D' {
        return Some("plugins run without a sandbox, and may do what you may".to_owned());
    }
    Some(format!("plugins are locked down at level {level}: {}", info.sandbox_layers.join(", ")))
}
