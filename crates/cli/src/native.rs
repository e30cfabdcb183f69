//! The platform of the command's own: a small application whose plugins add commands to it.
//!
//! | in a plugin | what it does |
//! |---|---|
//! | `app.commands.register({ name, label, execute })` | adds a command; `label` may be left out |
//! | `app.commands.execute(name, args)` | executes any plugin's command with an array of arguments |
//! | `app.commands.list()` | gives `{ name, label, plugin }` of every command |
//! | `app.host.info()` | gives `{ name, version, platform }` |
//!
//! A command belongs to the process that registered it and goes with it.

use crate::platform::{ExecuteError, Executing, Platform};
use plughold::{Api, CallError, Callback, Cx, Json, PluginId, Thrown};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The longest name of a command, in bytes: it stands in a table and on a command line.
const NAME: usize = 128;

/// The longest label of a command, in bytes: it stands on one line of a menu.
const LABEL: usize = 1_024;

/// The most commands of one plugin. Real plugins have a few dozen at most.
const COMMANDS: usize = 1_000;

/// The application. Cheap to clone; clones are one application.
#[derive(Clone, Default)]
pub(crate) struct Native {
    commands: Arc<Mutex<BTreeMap<String, Command>>>,
}

/// A command of a plugin.
#[derive(Clone)]
struct Command {
    label: String,
    execute: Execute,
}

type Execute = Callback<Vec<Json>, Json>;

impl Native {
    /// What the application offers to its plugins.
    pub(crate) fn api(&self) -> Api<Native> {
        Api::new(self.clone())
            .function("commands.register", register)
            .function("commands.execute", execute)
            .function("commands.list", list)
            .function("host.info", info)
            .when_gone(Native::forget)
    }

    fn add(&self, registration: Registration) -> Result<(), Thrown> {
        let Registration { name, label, execute } = registration;
        check_name(&name)?;
        let label = label.unwrap_or_else(|| name.clone());
        if LABEL < label.len() {
            let words = format!("the label of {name} has {} bytes; at most {LABEL} are allowed", label.len());
            return Err(Thrown::new("RangeError", words));
        }
        let mut commands = self.lock();
        if let Some(other) = commands.get(&name) {
            let words = format!("the command {name} is registered already, by {}", other.execute.plugin());
            return Err(Thrown::new("Error", words).with_code("E_EXISTS"));
        }
        let owned = commands.values().filter(|command| command.execute.plugin() == execute.plugin()).count();
        if COMMANDS <= owned {
            let words = format!("{owned} commands are registered already; no plugin may have more");
            return Err(Thrown::new("RangeError", words));
        }
        commands.insert(name, Command { label, execute });
        Ok(())
    }

    fn find(&self, name: &str) -> Option<Execute> {
        self.lock().get(name).map(|command| command.execute.clone())
    }

    /// Drops the commands of a process that has ended.
    fn forget(&self, plugin: &PluginId, generation: u32) {
        let is_of_the_living =
            |execute: &Execute| execute.plugin() != plugin || execute.generation() != generation;
        self.lock().retain(|_, command| is_of_the_living(&command.execute));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Command>> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Platform for Native {
    fn commands(&self, plugin: &PluginId) -> Vec<String> {
        let commands = self.lock();
        let owned = commands.iter().filter(|(_, command)| command.execute.plugin() == plugin);
        owned.map(|(name, _)| name.clone()).collect()
    }

    fn execute<'a>(&'a self, name: &'a str, args: Vec<Json>) -> Executing<'a> {
        Box::pin(async move {
            let command = self.find(name).ok_or(ExecuteError::Unknown)?;
            command.call(args).await.map_err(ExecuteError::Call)
        })
    }
}

/// What a plugin passes to `app.commands.register`.
#[derive(Deserialize)]
struct Registration {
    name: String,
    label: Option<String>,
    execute: Execute,
}

/// What `app.commands.list` tells of a command.
#[derive(Serialize)]
struct Listed {
    name: String,
    label: String,
    plugin: String,
}

/// What `app.host.info` tells.
#[derive(Serialize)]
struct Info {
    name: &'static str,
    version: &'static str,
    platform: &'static str,
}

/// It is done when it returns, not when it is awaited: a plugin's commands are there before the plugin is active, also
/// if the plugin does not wait for the answer.
fn register(cx: Cx<Native>, registration: Registration) -> Ready<Result<(), Thrown>> {
    ready(cx.state().add(registration))
}

async fn execute(cx: Cx<Native>, name: String, args: Option<Vec<Json>>) -> Result<Json, Thrown> {
    let command = cx.state().find(&name).ok_or_else(|| {
        Thrown::new("Error", format!("there is no command {name:?}")).with_code("E_NOT_FOUND")
    })?;
    cx.call(&command, args.unwrap_or_default()).await.map_err(thrown)
}

async fn list(cx: Cx<Native>) -> Result<Vec<Listed>, Thrown> {
    let commands = cx.state().lock();
    let listed = commands.iter().map(|(name, command)| Listed {
        name: name.clone(),
        label: command.label.clone(),
        plugin: command.execute.plugin().to_string(),
    });
    Ok(listed.collect())
}

async fn info(_cx: Cx<Native>) -> Result<Info, Thrown> {
    Ok(Info { name: "plughold", version: env!("CARGO_PKG_VERSION"), platform: "native" })
}

/// A name is shown in tables and typed in shells.
fn check_name(name: &str) -> Result<(), Thrown> {
    let is_short = !name.is_empty() && name.len() <= NAME;
    let is_plain =
        name.chars().all(|found| found.is_ascii_alphanumeric() || matches!(found, '.' | '_' | '-' | ':'));
    if is_short && is_plain {
        return Ok(());
    }
    let words = format!(
        "{name:.200?} is no name of a command; expected 1 to {NAME} letters, digits, dots, colons, dashes and underscores"
    );
    Err(Thrown::new("TypeError", words))
}

/// Why a command gave no result, for the plugin that executed it: what it threw, or else an error whose code tells the
/// reasons apart.
fn thrown(error: CallError) -> Thrown {
    let code = match &error {
        CallError::Thrown(thrown) => return (**thrown).clone(),
        CallError::Gone { .. } => "E_GONE",
        CallError::Deadline { .. } => "E_DEADLINE",
        CallError::Busy { .. } => "E_BUSY",
        _ => "E_CALL",
    };
    Thrown::from(error).with_code(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn names() {
        for name in ["hello.greet", "a", "x:y-z_1", &"n".repeat(NAME)] {
            assert_eq!(check_name(name), Ok(()));
        }
        for name in ["", "two words", "a\u{1b}[2J", "ä", &"n".repeat(NAME + 1)] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert_eq!(
            check_name("a b").unwrap_err().message,
            "\"a b\" is no name of a command; expected 1 to 128 letters, digits, dots, colons, dashes and underscores"
        );
    }

    #[test]
    fn reasons_have_codes_and_what_was_thrown_stays_as_it_is() {
        let own = Thrown::new("RangeError", "too many");
        assert_eq!(thrown(CallError::Thrown(Box::new(own.clone()))), own);
        let late = thrown(CallError::Deadline { after: Duration::from_secs(5) });
        assert_eq!(
            (late.message.as_str(), late.code.as_deref()),
            ("no answer within 5s", Some("E_DEADLINE"))
        );
    }
}
