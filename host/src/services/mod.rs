//! What this library itself offers to plugins, whatever the application's API is: functions by name.
//!
//! - [`plugins`]: the exports of other plugins; [`changes`]: hearing of it when they go or come

mod changes;
pub(crate) mod plugins;

pub(crate) use changes::Watchers;

use crate::Thrown;
use crate::api::{Invocation, Running, run};
use crate::service::Registry;
use crate::value::Incoming;
use std::sync::Arc;

/// The services, for one plugin.
pub(crate) struct Services {
    plugins: Arc<Registry>,
}

/// What a service has to work with.
struct Request<'a> {
    plugins: &'a Arc<Registry>,
    invocation: Invocation,
    args: Incoming,
}

type Service = fn(Request) -> Result<Running, Thrown>;

const TABLE: &[(&str, Service)] = &[("plugins.get", plugins::get), ("plugins.onChange", changes::on_change)];

impl Services {
    pub(crate) fn new(plugins: Arc<Registry>) -> Services {
        Services { plugins }
    }

    /// Starts the service with this name; one that is not known throws an error with the code `E_UNKNOWN`.
    pub(crate) fn invoke(&self, name: &Arc<str>, invocation: Invocation, args: Incoming) {
        let service = TABLE.iter().find(|(known, _)| *known == &**name);
        run(invocation, name, |invocation| match service {
            Some((_, service)) => service(Request { plugins: &self.plugins, invocation, args }),
            None => Err(unknown()),
        });
    }
}

fn unknown() -> Thrown {
    let known = Vec::from_iter(TABLE.iter().map(|(name, _)| *name)).join(", ");
    Thrown::new("TypeError", format!("no such service; there are {known}")).with_code("E_UNKNOWN")
}
