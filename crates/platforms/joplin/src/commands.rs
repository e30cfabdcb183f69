//! `joplin.commands.*`: what plugins register and execute.
//!
//! Names are global, for plugins execute each other's commands. Nobody takes a name that another plugin or the application has.

use plughold::{Api, CallError, Cx, Json, PluginId, Property, RegisterError, Thrown};
use plughold_protocol::text::is_disruptive;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::{Failure, check_length, not_registered, shown};
use crate::limits::{COMMAND, MAX_NAME_BYTES, MAX_SMALL_BYTES};
use crate::{Joplin, PluginFunction, app_commands};

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    api.function("commands.register", register).function("commands.execute", execute)
}

/// A command as its plugin describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The name under which it is executed.
    pub name: String,
    /// What a menu shows; may be empty.
    pub label: String,
    /// The icon of a button, as `fas fa-music`; may be empty.
    pub icon_name: String,
    /// When it may be used, in Joplin's own small language; may be empty. It is not evaluated: it speaks of windows.
    pub enabled_condition: String,
}

/// A command, by its name, and the function that executes it.
#[derive(Debug)]
pub(crate) struct RegisteredCommand {
    command: Command,
    execute: PluginFunction,
}

impl Joplin {
    /// The names of the commands that a plugin has registered, sorted.
    pub fn commands(&self, plugin: &PluginId) -> Vec<String> {
        let commands = self.registered_commands().of(plugin);
        let mut names: Vec<String> = commands.iter().map(|command| command.key().clone()).collect();
        names.sort_unstable();
        names
    }

    /// The command with this name, if a plugin has registered it.
    pub fn command(&self, name: &str) -> Option<Command> {
        self.registered_commands().get(name).map(|registered| registered.command.clone())
    }

    /// Executes a command of a plugin or of the application, and gives what it returned.
    ///
    /// # Errors
    ///
    /// [`ExecuteError::Unknown`] if there is no such command; otherwise [`ExecuteError::Call`]: it threw, its plugin is gone, or it
    /// did not answer within [`COMMAND`].
    pub async fn execute(&self, name: &str, arguments: Vec<Json>) -> Result<Json, ExecuteError> {
        self.execute_for(None, name, arguments).await
    }

    async fn execute_for(
        &self,
        caller: Option<&Cx<Self>>,
        name: &str,
        arguments: Vec<Json>,
    ) -> Result<Json, ExecuteError> {
        if let Some(run) = app_commands::find(name) {
            let plugin = caller.map(|cx| cx.plugin().clone());
            let work = {
                let plugin = plugin.clone();
                move |joplin: &Self| run(joplin, plugin.as_ref(), &arguments)
            };
            let done = self.in_turn(plugin.as_ref(), work).await;
            return done.map_err(|failure| CallError::Thrown(Box::new(Thrown::from(failure))).into());
        }
        let commands = self.registered_commands();
        let unknown = || ExecuteError::Unknown { name: shown(name) };
        let call = match caller {
            Some(cx) => {
                let registered = commands.seen_by(cx, name).ok_or_else(unknown)?;
                cx.call(&registered.execute, arguments)
            }
            None => commands.get(name).ok_or_else(unknown)?.execute.call(arguments),
        };
        Ok(call.within(COMMAND).await?)
    }
}

/// Why a command gave no result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ExecuteError {
    /// Neither the application nor a plugin has it. The words are Joplin's.
    #[error("Command not found: {name}")]
    Unknown {
        /// The name, cut to what helps in a message.
        name: String,
    },
    /// It was executed: it threw, or its plugin could not answer.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// What a plugin registers: an object, or an instance of a class.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Declaration {
    name: Property<String>,
    #[serde(default)]
    label: Property<Option<String>>,
    #[serde(default)]
    icon_name: Property<Option<String>>,
    #[serde(default)]
    enabled_condition: Property<Option<String>>,
    execute: PluginFunction,
}

async fn register(cx: Cx<Joplin>, declaration: Declaration) -> Result<(), Failure> {
    let Declaration { name, label, icon_name, enabled_condition, execute } = declaration;
    let name = name.read(&cx).await?;
    let command = Command {
        name: name.clone(),
        label: label.read(&cx).await?.unwrap_or_default(),
        icon_name: icon_name.read(&cx).await?.unwrap_or_default(),
        enabled_condition: enabled_condition.read(&cx).await?.unwrap_or_default(),
    };
    check_name(&name)?;
    for (what, text) in [
        ("label", &command.label),
        ("iconName", &command.icon_name),
        ("enabledCondition", &command.enabled_condition),
    ] {
        check_length(what, text, MAX_SMALL_BYTES)?;
    }
    if app_commands::find(&name).is_some() {
        return Err(Failure::new(format!("the command {name} belongs to the application")));
    }
    let commands = cx.state().registered_commands();
    let registered = commands.insert(&cx, name.clone(), RegisteredCommand { command, execute });
    registered.map(drop).map_err(|error| match error {
        RegisterError::Taken { by } => Failure::new(format!("the command {name} belongs to the plugin {by}")),
        error => not_registered("commands", &error),
    })
}

#[allow(
    clippy::too_many_arguments,
    reason = "an API function takes up to eight arguments, and this one takes as many as it can"
)]
async fn execute(
    cx: Cx<Joplin>,
    name: String,
    a: Option<Json>,
    b: Option<Json>,
    c: Option<Json>,
    d: Option<Json>,
    e: Option<Json>,
    f: Option<Json>,
    g: Option<Json>,
) -> Result<Json, Failure> {
    let arguments = given([a, b, c, d, e, f, g]);
    Ok(cx.state().execute_for(Some(&cx), &name, arguments).await?)
}

/// A name is shown in menus and terminals, and typed.
fn check_name(name: &str) -> Result<(), Failure> {
    check_length("name", name, MAX_NAME_BYTES)?;
    match name.chars().find(|found| is_disruptive(*found)) {
        Some(found) => Err(Failure::type_error(format!(
            "name: expected only characters that can be shown, found {}",
            found.escape_unicode()
        ))),
        None => Ok(()),
    }
}

/// The arguments up to the last that is not null: one that is left out shall be undefined in the other plugin as well, where it may
/// have a default.
fn given<const N: usize>(arguments: [Option<Json>; N]) -> Vec<Json> {
    let count = arguments.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    arguments.into_iter().take(count).map(|argument| argument.unwrap_or(Json(Value::Null))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names() {
        let check = |name: &str, expected: Result<(), &str>| {
            let checked = check_name(name).map_err(|failure| Thrown::from(failure).to_string());
            assert_eq!(checked, expected.map_err(str::to_string), "{name:?}");
        };
        check("editor.joinLines", Ok(()));
        check("Überschrift 1: 日本", Ok(()));
        let found =
            |code: &str| format!("TypeError: name: expected only characters that can be shown, found {code}");
        check("a\u{1b}[2Jb", Err(&found("\\u{1b}")));
        check("two\nlines", Err(&found("\\u{a}")));
        check("a\u{202e}b", Err(&found("\\u{202e}")));
        check(&"n".repeat(257), Err("TypeError: name: expected at most 256 bytes, found 257"));
    }

    #[test]
    fn arguments_that_were_left_out() {
        let check = |arguments: [Value; 3], expected: Value| {
            let arguments = arguments.map(|value| (!value.is_null()).then_some(Json(value)));
            assert_eq!(json!(given(arguments)), expected);
        };
        check([json!(null), json!(null), json!(null)], json!([]));
        check([json!(1), json!(null), json!(null)], json!([1]));
        check([json!(null), json!("b"), json!(null)], json!([null, "b"]));
        check([json!(1), json!(2), json!(false)], json!([1, 2, false]));
    }
}
