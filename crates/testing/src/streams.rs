//! The counter of open streams.

use plughold::{OpenStreams, Plugin};

/// The streams between an application and one of its plugins that are open.
///
/// One that the plugin sends is open until its source has ended, which it does when the application drops it. A counter
/// of more than zero at the end of a test is a leak: something keeps a `Stream` that nobody will read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LiveStreams {
    /// Those that the plugin sends: to the application, or through it to another plugin.
    pub from_plugin: u32,
    /// Those that the plugin is sent. It may keep them as long as it lives.
    pub to_plugin: u32,
}

impl LiveStreams {
    /// None is open.
    pub const NONE: LiveStreams = LiveStreams { from_plugin: 0, to_plugin: 0 };

    /// Those that are open now. One that was introduced by a message on its way is not open yet, and one that was dropped
    /// is open until the plugin has confirmed it.
    pub fn of(plugin: &Plugin) -> LiveStreams {
        let OpenStreams { from_plugin, to_plugin } = plugin.info().streams;
        LiveStreams { from_plugin, to_plugin }
    }
}
