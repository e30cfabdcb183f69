//! What this library itself offers to plugins, whatever the application's API is: functions by name.
//!
//! - [`plugins`]: the exports of other plugins; [`changes`]: hearing of it when they go or come
//! - [`files`]: the plugin's data folder, its package, and what permissions open of the machine
//! - [`storage`]: what it stores by key; [`databases`]: its own databases
//! - [`settings`]: hearing of it when its settings change
//! - [`room`]: where that is on the disk; [`worker`]: the thread that waits for it

mod changes;
#[cfg(feature = "storage")]
pub(crate) mod databases;
pub(crate) mod files;
pub(crate) mod plugins;
pub(crate) mod room;
pub(crate) mod settings;
#[cfg(feature = "storage")]
pub(crate) mod storage;
mod worker;

pub(crate) use changes::Watchers;
pub(crate) use room::{Desk, Rooms};

use crate::Thrown;
use crate::api::{Invocation, Running, run};
use crate::service::Registry;
use crate::value::Incoming;
use std::sync::Arc;

/// The services, for one plugin.
pub(crate) struct Services {
    plugins: Arc<Registry>,
    desk: Arc<Desk>,
}

/// What a service has to work with.
struct Request<'a> {
    plugins: &'a Arc<Registry>,
    /// What the plugin has on the disk.
    desk: &'a Arc<Desk>,
    invocation: Invocation,
    args: Incoming,
}

type Service = fn(Request) -> Result<Running, Thrown>;

/// Starts one of many services by what stands behind their common beginning.
type Family = fn(&str, Request) -> Result<Running, Thrown>;

const TABLE: &[(&str, Service)] = &[
    ("plugins.get", plugins::get),
    ("plugins.onChange", changes::on_change),
    ("settings.onChange", settings::on_change),
];

const FAMILIES: &[(&str, Family)] = &[
    ("files.", files::serve),
    #[cfg(feature = "storage")]
    ("databases.", databases::serve),
    #[cfg(feature = "storage")]
    ("storage.", storage::serve),
];

impl Services {
    pub(crate) fn new(plugins: Arc<Registry>, desk: Arc<Desk>) -> Services {
        Services { plugins, desk }
    }

    /// Of a plugin that is the only one, and has no place for data.
    #[cfg(test)]
    pub(crate) fn alone(package: &Arc<plughold_package::Package>, generation: u32) -> Services {
        let room = Rooms::new(None, &crate::Limits::default()).of(&package.id);
        Services::new(Arc::default(), Desk::new(room, generation, package.clone()))
    }

    /// Starts the service with this name; one that is not known throws an error with the code `E_UNKNOWN`.
    pub(crate) fn invoke(&self, name: &Arc<str>, invocation: Invocation, args: Incoming) {
        run(invocation, name, |invocation| {
            let request = Request { plugins: &self.plugins, desk: &self.desk, invocation, args };
            if let Some((_, service)) = TABLE.iter().find(|(known, _)| *known == &**name) {
                return service(request);
            }
            let family = FAMILIES.iter().find_map(|(begin, serve)| Some((name.strip_prefix(begin)?, serve)));
            family.map_or_else(|| Err(unknown()), |(rest, serve)| serve(rest, request))
        });
    }
}

fn unknown() -> Thrown {
    let families = FAMILIES.iter().map(|(begin, _)| format!("{begin}*"));
    let known = Vec::from_iter(TABLE.iter().map(|(name, _)| (*name).to_owned()).chain(families)).join(", ");
    Thrown::new("TypeError", format!("no such service; there are {known}")).with_code("E_UNKNOWN")
}
