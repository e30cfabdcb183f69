//! What a host offers over its control socket.

use crate::{CallError, Json, PluginId};
use plughold_control::{Folder, Right};
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

/// What a host offers to other programs of the same user; for [`HostBuilder::control`](crate::HostBuilder::control).
///
/// Programs connect by `plughold_control::Client`, as the command `plughold` does. Whoever runs as the same user can do what
/// is offered here: it is a convenience for people, and no border between programs of one user.
///
/// ```no_run
/// use plughold::{Api, Control, Host};
///
/// # fn example() -> Result<(), plughold::BuildError> {
/// let host = Host::builder(Api::new(())).control(Control::read().name("notes")).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Control {
    pub(super) right: Right,
    pub(super) name: Option<String>,
    pub(super) folder: Option<PathBuf>,
    pub(super) commands: Commands,
    pub(super) execute: Option<Execute>,
}

/// The commands that a plugin has registered with the application.
pub(super) type Commands = Arc<dyn Fn(&PluginId) -> Vec<String> + Send + Sync>;

/// Executes one of them.
pub(super) type Execute = Arc<dyn Fn(String, Vec<Json>) -> Executing + Send + Sync>;

type Executing = Pin<Box<dyn Future<Output = Result<Json, CommandError>> + Send>>;

/// Why a command of the application gave no result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CommandError {
    /// Nobody has it.
    #[error("there is no such command")]
    Unknown,
    /// It was executed: it threw, gave no answer in time, or its plugin is gone.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl Control {
    /// Others may see what there is and what happens.
    pub fn read() -> Control {
        Control::with(Right::Read)
    }

    /// Others may start, stop, call and grant as well, over a socket of its own.
    pub fn full() -> Control {
        Control::with(Right::Control)
    }

    /// The same, and what developers need who try things out. Not for an application in the hands of its users.
    pub fn developer() -> Control {
        Control::with(Right::Develop)
    }

    /// What the application calls itself. Without it, it is the name of its program.
    pub fn name(mut self, name: impl Into<String>) -> Control {
        self.name = Some(name.into());
        self
    }

    /// The folder of the register and the sockets, which is made if there is none. It has to belong to the user alone.
    /// Without it, it is `plughold` in `$XDG_RUNTIME_DIR`, and `/tmp/plughold-UID` where there is none; others find the
    /// host only there.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Control {
        self.folder = Some(folder.into());
        self
    }

    /// Which commands a plugin has registered with the application, for those who want to know.
    pub fn commands(mut self, of: impl Fn(&PluginId) -> Vec<String> + Send + Sync + 'static) -> Control {
        self.commands = Arc::new(of);
        self
    }

    /// Executes a command by its name. Only who may steer can ask for it.
    pub fn execute<F>(mut self, execute: impl Fn(String, Vec<Json>) -> F + Send + Sync + 'static) -> Control
    where
        F: Future<Output = Result<Json, CommandError>> + Send + 'static,
    {
        self.execute = Some(Arc::new(move |name, args| Box::pin(execute(name, args))));
        self
    }

    fn with(right: Right) -> Control {
        Control { right, name: None, folder: None, commands: Arc::new(|_| Vec::new()), execute: None }
    }

    /// The folder, checked.
    pub(super) fn open_folder(&self) -> Result<Folder, plughold_control::FolderError> {
        match &self.folder {
            Some(folder) => Folder::at(folder),
            None => Folder::of_this_user(),
        }
    }

    pub(super) fn name_or_program(&self) -> String {
        let program = || {
            let path = std::env::current_exe().ok()?;
            Some(path.file_name()?.to_string_lossy().into_owned())
        };
        self.name.clone().or_else(program).unwrap_or_else(|| "unnamed".to_owned())
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Control")
            .field("right", &self.right)
            .field("name", &self.name)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}
