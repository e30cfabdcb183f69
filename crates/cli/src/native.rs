//! The platform of the command's own: a small application whose plugins add commands to it.
//!
//! | in a plugin | what it does |
//! |---|---|
//! | `app.commands.register({ name, label, execute })` | adds a command; `label` may be left out |
//! | `app.commands.execute(name, args)` | executes any plugin's command with an array of arguments |
//! | `app.commands.list()` | gives `{ name, label, plugin }` of every command |
//! | `app.host.info()` | gives `{ name, version, platform }` |
//!
//! A command belongs to the process that registered it and goes with it. While a plugin is reloaded, its new process
//! registers the same commands again, and they take the place of the old ones when it takes over.

use crate::platform::{ExecuteError, Executing, Platform};
use plughold::{Api, CallError, Callback, Cx, Json, PluginId, RegisterError, Registrations, Thrown};
use serde::{Deserialize, Serialize};
use std::future::{Ready, ready};

/// The longest name of a command, in bytes: it stands in a table and on a command line.
const NAME: usize = 128;

/// The longest label of a command, in bytes: it stands on one line of a menu.
const LABEL: usize = 1_024;

/// The most commands of one plugin. Real plugins have a few dozen at most.
const COMMANDS: usize = 1_000;

/// The application. Cheap to clone; clones are one application.
#[derive(Clone)]
pub(crate) struct Native {
    commands: Registrations<Command>,
}

/// A command of a plugin.
struct Command {
    label: String,
    execute: Execute,
}

type Execute = Callback<Vec<Json>, Json>;

impl Default for Native {
    fn default() -> Native {
        Native { commands: Registrations::at_most(COMMANDS) }
    }
}

impl Native {
    /// What the application offers to its plugins.
    pub(crate) fn api(&self) -> Api<Native> {
        Api::new(self.clone())
            .function("commands.register", register)
            .function("commands.execute", execute)
            .function("commands.list", list)
            .function("host.info", info)
    }

    fn add(&self, cx: &Cx<Native>, registration: Registration) -> Result<(), Thrown> {
        let Registration { name, label, execute } = registration;
        check_name(&name)?;
        let label = label.unwrap_or_else(|| name.clone());
        if LABEL < label.len() {
            let words = format!("the label of {name} has {} bytes; at most {LABEL} are allowed", label.len());
            return Err(Thrown::new("RangeError", words));
        }
        let added = self.commands.insert_new(cx, name.clone(), Command { label, execute });
        added.map(drop).map_err(|error| refused(&name, error))
    }

    fn find(&self, name: &str) -> Option<Execute> {
        self.commands.get(name).map(|command| command.execute.clone())
    }
}

impl Platform for Native {
    fn commands(&self, plugin: &PluginId) -> Vec<String> {
        let mut names: Vec<String> =
            self.commands.of(plugin).iter().map(|command| command.key().clone()).collect();
        names.sort_unstable();
        names
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
    ready(cx.state().add(&cx, registration))
}

async fn execute(cx: Cx<Native>, name: String, args: Option<Vec<Json>>) -> Result<Json, Thrown> {
    let command = cx.state().commands.seen_by(&cx, &name).ok_or_else(|| {
        Thrown::new("Error", format!("there is no command {name:?}")).with_code("E_NOT_FOUND")
    })?;
    cx.call(&command.execute, args.unwrap_or_default()).await.map_err(thrown)
}

async fn list(cx: Cx<Native>) -> Result<Vec<Listed>, Thrown> {
    let listed = cx.state().commands.iter().map(|command| Listed {
        name: command.key().clone(),
        label: command.label.clone(),
        plugin: command.plugin().to_string(),
    });
    let mut listed: Vec<Listed> = listed.collect();
    listed.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(listed)
}

async fn info(_cx: Cx<Native>) -> Result<Info, Thrown> {
    Ok(Info { name: "plughold", version: env!("CARGO_PKG_VERSION"), platform: "native" })
}

/// Why a command was not registered, for the plugin that wanted it.
fn refused(name: &str, error: RegisterError) -> Thrown {
    match error {
        RegisterError::Taken { by } => {
            let words = format!("the command {name} is registered already, by {by}");
            Thrown::new("Error", words).with_code("E_EXISTS")
        }
        RegisterError::TooMany { most } => {
            let words = format!("{most} commands are registered already; no plugin may have more");
            Thrown::new("RangeError", words)
        }
        error => Thrown::from_error(&error),
    }
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
