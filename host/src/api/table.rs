//! The API as it is sent to the runner, and as it is looked up when a call arrives.

use crate::api::handler::{CatchPanic, Running};
use crate::api::{Api, Function, WhenGone};
use crate::permissions::guard::guarded;
use crate::session::cancellation::Cancellation;
use crate::session::serving::Weight;
use crate::session::{Link, Session};
use crate::value::{Encoded, Incoming, Thrown};
use crate::{BuildError, PluginId};
use plughold_package::{Package, Scope};
use plughold_protocol::limits;
use plughold_protocol::record::ApiFunction;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The functions of a host, checked and numbered.
pub(crate) struct Table {
    global: String,
    functions: Vec<Function>,
    /// The functions as plugins write them, for traces and errors: `app.notes.search`.
    names: Vec<Arc<str>>,
    /// What each function needs.
    permissions: Vec<Option<Arc<Scope>>>,
    when_gone: Vec<WhenGone>,
}

/// One call or notification on its way to its function.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) session: Arc<Session>,
    pub(crate) package: Arc<Package>,
    /// None for a notification.
    pub(crate) call: Option<u64>,
    /// What the arguments take.
    pub(crate) weight: Weight,
    /// Its place in the chain of calls that were made while serving each other.
    pub(crate) link: Arc<Link>,
    pub(crate) cancellation: Arc<Cancellation>,
}

/// The functions for one process of a plugin.
pub(crate) struct Functions {
    table: Arc<Table>,
    /// For each function the version of the decisions at which the plugin was found to have its permission.
    granted: Box<[AtomicU64]>,
}

impl Table {
    /// Checks the paths of an API.
    pub(crate) fn new<S: Send + Sync + 'static>(api: Api<S>) -> Result<Table, BuildError> {
        let (global, functions, when_gone) = api.into_parts();
        if limits::API_FUNCTIONS < functions.len() {
            return Err(BuildError::TooMany(functions.len()));
        }
        let mut paths: Vec<&str> = functions.iter().map(|function| &*function.path).collect();
        if let Some(wrong) = paths.iter().chain([&global.as_str()]).find(|path| !is_path(path)) {
            return Err(BuildError::Path((*wrong).to_owned()));
        }
        paths.sort_unstable();
        for pair in paths.windows(2) {
            if let [one, other] = pair
                && (one == other || other.strip_prefix(one).is_some_and(|rest| rest.starts_with('.')))
            {
                return Err(BuildError::Conflict((*one).to_owned(), (*other).to_owned()));
            }
        }
        let names = functions.iter().map(|function| format!("{global}.{}", function.path).into()).collect();
        let permission = |function: &Function| {
            let parsed = function.permission.as_deref().map(|text| {
                let malformed = |error| BuildError::Permission { permission: text.to_owned(), error };
                Scope::parse(text).map(Arc::new).map_err(malformed)
            });
            parsed.transpose()
        };
        let permissions = functions.iter().map(permission).collect::<Result<_, _>>()?;
        Ok(Table { global, functions, names, permissions, when_gone })
    }

    pub(crate) fn global(&self) -> &str {
        &self.global
    }

    /// The function `index` as plugins write it: `app.notes.search`.
    pub(crate) fn path(&self, index: usize) -> Option<&str> {
        self.names.get(index).map(|name| &**name)
    }

    pub(crate) fn entries(&self) -> Vec<ApiFunction<'_>> {
        let functions = self.functions.iter();
        functions.map(|each| ApiFunction { path: &each.path, blocking: each.blocking }).collect()
    }

    /// Runs the hooks of the platforms for a process that has ended.
    pub(crate) fn run_gone_hooks(&self, plugin: &PluginId, generation: u32) {
        for hook in &self.when_gone {
            // A hook that panics must not take the supervision of the plugin with it, nor the hooks after it.
            let _ = catch_unwind(AssertUnwindSafe(|| hook(plugin, generation)));
        }
    }
}

/// Names of letters, digits, `_` and `$` that do not begin with a digit, separated by dots.
fn is_path(path: &str) -> bool {
    let is_name = |name: &str| {
        name.chars().next().is_some_and(|first| !first.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
            && !matches!(name, "then" | "toJSON" | "__proto__" | "constructor" | "prototype")
    };
    path.len() <= limits::NAME && path.split('.').all(is_name)
}

impl Functions {
    pub(crate) fn new(table: Arc<Table>) -> Functions {
        let granted = table.functions.iter().map(|_| AtomicU64::new(0)).collect();
        Functions { table, granted }
    }

    pub(crate) fn len(&self) -> usize {
        self.table.functions.len()
    }

    /// The function `index` as plugins write it: `app.notes.search`.
    pub(crate) fn name(&self, index: usize) -> Option<&Arc<str>> {
        self.table.names.get(index)
    }

    /// Starts the function `index`. What is not done at once goes on in a task; the answer is sent by itself.
    pub(crate) fn invoke(&self, index: usize, invocation: Invocation, args: Incoming) {
        let Some(function) = self.table.functions.get(index) else { return };
        let start = |invocation| match self.table.permissions.get(index) {
            Some(Some(scope)) => {
                let (handler, path) = (function.handler.clone(), function.path.clone());
                let start = move |invocation| handler(invocation, args).map_err(|thrown| thrown.at(&path));
                guarded(scope, self.granted.get(index), invocation, start)
            }
            _ => (function.handler)(invocation, args),
        };
        run(invocation, &function.path, start);
    }
}

/// Starts whatever serves a call or notification, and sees to it that it is answered. It is polled once right here; what
/// is not done then goes on in a task.
pub(crate) fn run(
    invocation: Invocation,
    path: &Arc<str>,
    start: impl FnOnce(Invocation) -> Result<Running, Thrown>,
) {
    let (session, call) = (invocation.session.clone(), invocation.call.ok_or(invocation.weight));
    let cancellation = invocation.cancellation.clone();
    let mut running = match start(invocation) {
        Ok(running) => CatchPanic { running, path: path.clone() },
        Err(thrown) => return respond(&session, call, Err(thrown.at(path).to_value())),
    };
    match Pin::new(&mut running).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => respond(&session, call, under(&cancellation, outcome)),
        Poll::Pending => {
            let runtime = session.runtime().clone();
            runtime.spawn(finish(session, call, cancellation, running));
        }
    }
}

async fn finish(
    session: Arc<Session>,
    call: Result<u64, Weight>,
    cancellation: Arc<Cancellation>,
    mut running: CatchPanic,
) {
    let linger = session.limits().linger;
    let unwanted = async {
        cancellation.cancelled().await;
        session.sleep(linger).await;
    };
    let outcome = tokio::select! {
        biased;
        outcome = &mut running => outcome,
        () = unwanted => Err(dropped(linger).to_value()),
    };
    // First the answer: what a function drops is the application's, and may panic.
    respond(&session, call, under(&cancellation, outcome));
}

/// What a call of the plugin throws whose function did not look whether it is still wanted. Mostly it is answered already.
fn dropped(linger: Duration) -> Thrown {
    let words = format!("the application's function went on for {linger:?} when nobody wanted it any more");
    Thrown::new("Error", words).with_code("E_CANCELLED")
}

/// What a function gives that needs a permission rests on that too.
fn under(cancellation: &Cancellation, mut outcome: Result<Encoded, Vec<u8>>) -> Result<Encoded, Vec<u8>> {
    if let (Ok(encoded), Some(scope)) = (&mut outcome, cancellation.resting.needed()) {
        encoded.exports.iter_mut().for_each(|exported| exported.under(scope));
    }
    outcome
}

/// Answers a call, or notes that the work on a notification of this weight is done.
fn respond(session: &Session, call: Result<u64, Weight>, outcome: Result<Encoded, Vec<u8>>) {
    match call {
        Ok(id) => session.respond(id, outcome),
        Err(weight) => session.serving.close_notification(weight),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cx;

    async fn nothing(_: Cx<()>) -> Result<(), Thrown> {
        Ok(())
    }

    #[track_caller]
    fn refused(paths: &[&str], expected: &str) {
        let api = paths.iter().fold(Api::new(()), |api, path| api.function(*path, nothing));
        assert_eq!(Table::new(api).err().unwrap().to_string(), expected);
    }

    #[test]
    fn paths_are_checked_when_a_host_is_built() {
        refused(&["a.b", "a.b"], "the API has a.b and a.b; one of them hides the other");
        refused(&["a.b.c", "a.b"], "the API has a.b and a.b.c; one of them hides the other");
        for wrong in ["", "a..b", "a.then", "1a", "a b"] {
            let expected = format!(
                "{wrong:?} is no path of an API function; write names separated by dots, such as notes.search"
            );
            refused(&[wrong], &expected);
        }
        let api = Api::new(()).function("a.b", nothing).function("a.bc", nothing).function("$a._1", nothing);
        assert!(Table::new(api).is_ok());
    }
}
