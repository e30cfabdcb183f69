//! The functions that an application offers to its plugins.

mod cx;
mod handler;
mod table;

pub use cx::{ActivationHold, Cx};
pub use handler::Handler;
pub(crate) use handler::{Erased, Running, erase};
pub(crate) use table::{Functions, Invocation, Table, run};

use crate::PluginId;
use std::fmt;
use std::sync::Arc;

/// The functions that an application offers to its plugins: a *platform*.
///
/// A function is any `async fn` whose first argument is a [`Cx`], and which gives a `Result` of something that can be
/// sent and of any error; the types of its arguments are taken from its signature, and own what they hold. In the
/// plugin it appears below the global object (`app`, or the name given to [`global`](Api::global)) and gives a promise.
///
/// ```
/// use plughold::{Api, Cx, Thrown};
/// use std::sync::Arc;
///
/// struct App {
///     greeting: String,
/// }
///
/// async fn greet(cx: Cx<Arc<App>>, name: String) -> Result<String, Thrown> {
///     Ok(format!("{}, {name}, says {}", cx.state().greeting, cx.plugin()))
/// }
///
/// let app = Arc::new(App { greeting: "Hello".into() });
/// let api = Api::new(app).function("greetings.greet", greet); // in a plugin: await app.greetings.greet("Ann")
/// # let _ = api;
/// ```
pub struct Api<S> {
    state: Arc<S>,
    global: String,
    functions: Vec<Function>,
    when_gone: Vec<WhenGone>,
}

/// One function, with its types erased.
pub(crate) struct Function {
    pub(crate) path: Arc<str>,
    /// As it was given; it is checked when the host is built.
    pub(crate) permission: Option<String>,
    pub(crate) blocking: bool,
    pub(crate) handler: Erased,
}

pub(crate) type WhenGone = Arc<dyn Fn(&PluginId, u32) + Send + Sync>;

impl<S: Send + Sync + 'static> Api<S> {
    /// An API without functions. Every function reaches `state` through its [`Cx`].
    pub fn new(state: S) -> Api<S> {
        Api { state: Arc::new(state), global: "app".to_owned(), functions: Vec::new(), when_gone: Vec::new() }
    }

    /// The name of the global object that holds the functions in the plugin; `app` unless it is changed.
    pub fn global(mut self, name: impl Into<String>) -> Api<S> {
        self.global = name.into();
        self
    }

    /// Adds the function `path`, such as `"notes.search"`. Takes up to eight arguments besides the [`Cx`].
    ///
    /// An argument that the plugin leaves out is `undefined`, so that an `Option` is `None`; one too many is ignored, as
    /// JavaScript does (`list.map(app.notes.open)` passes three); one of a wrong type throws a
    /// `TypeError` in the plugin which says where. What the function returns as an error is thrown in the plugin with
    /// its message and the chain of its sources.
    pub fn function<A, H: Handler<S, A>>(mut self, path: impl Into<String>, handler: H) -> Api<S> {
        let handler = handler::erase(self.state.clone(), handler);
        self.functions.push(Function {
            path: path.into().into(),
            permission: None,
            blocking: false,
            handler,
        });
        self
    }

    /// Guards the function that was added last: a plugin needs this permission, asked for by its manifest and granted
    /// by [`HostBuilder::grants`](crate::HostBuilder::grants), by whoever is [asked](crate::HostBuilder::ask) or by
    /// [`Plugin::grant`](crate::Plugin::grant). Without both the call throws a `PermissionDenied` with the code `E_DENIED`
    /// and the field `permission`, whose message says what to do. A permission that was revoked ends the calls that are in
    /// flight, and functions and objects that the plugin got only from here are refused.
    ///
    /// What a permission is for may stand behind a colon, as in `"fs.read:data/**"`; when that depends on the arguments,
    /// the function asks by [`Cx::require`](crate::Cx::require).
    pub fn requires(mut self, permission: impl Into<String>) -> Api<S> {
        if let Some(function) = self.functions.last_mut() {
            function.permission = Some(permission.into());
        }
        self
    }

    /// Makes the function that was added last a blocking one: in the plugin it returns its result and throws its error,
    /// instead of giving a promise. The plugin waits, and meanwhile serves nothing but calls that are made on behalf of this
    /// one by [`Cx::call`]; its timers and everything else wait with it.
    ///
    /// For functions that are quick, and for platforms whose plugins expect it.
    pub fn blocking(mut self) -> Api<S> {
        if let Some(function) = self.functions.last_mut() {
            function.blocking = true;
        }
        self
    }

    /// Adds everything of `other`, which may have another state: how a platform contributes what only it has.
    pub fn extend<T>(mut self, other: Api<T>) -> Api<S> {
        self.functions.extend(other.functions);
        self.when_gone.extend(other.when_gone);
        self
    }

    /// Calls `hook` when a process of a plugin has ended, with the plugin and the generation: the place to put in order what
    /// it leaves behind. What plugins register is better kept in [`Registrations`](crate::Registrations), which need no
    /// hook. While a plugin is reloaded, its next process runs already when the hook is called for the one before.
    pub fn when_gone(mut self, hook: impl Fn(&S, &PluginId, u32) + Send + Sync + 'static) -> Api<S> {
        let state = self.state.clone();
        self.when_gone.push(Arc::new(move |plugin, generation| hook(&state, plugin, generation)));
        self
    }

    pub(crate) fn into_parts(self) -> (String, Vec<Function>, Vec<WhenGone>) {
        (self.global, self.functions, self.when_gone)
    }
}

impl<S> fmt::Debug for Api<S> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self.functions.iter().map(|function| &function.path);
        to.debug_struct("Api")
            .field("global", &self.global)
            .field("functions", &Vec::from_iter(paths))
            .finish()
    }
}
