//! The application of a simulated host: functions that do with what plugins pass whatever applications do.

use crate::session::Session;
use crate::{Api, Callback, Cx, Function, Source, Stream, Thrown, Value};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// What a function is called with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    Function,
    Stream,
    Anything,
}

/// The functions, by number.
pub(super) const API: &[(&str, Needs)] = &[
    ("give", Needs::Function),
    ("take", Needs::Anything),
    ("function", Needs::Anything),
    ("call", Needs::Function),
    ("callAnother", Needs::Anything),
    ("wait", Needs::Anything),
    ("read", Needs::Stream),
    ("source", Needs::Anything),
    ("echo", Needs::Anything),
    ("fail", Needs::Anything),
];

/// The number of `give`.
pub(super) const GIVE: u32 = 0;

/// The number of `wait`.
pub(super) const WAIT: u32 = 5;

/// Callbacks that are kept; the oldest is dropped for one more.
const KEPT: usize = 6;

/// A function of a plugin as the application keeps it.
pub(super) type Theirs = Callback<Vec<Value>, Value>;

/// What the functions share with whoever looks on.
#[derive(Clone, Default)]
pub(super) struct Application(Arc<Mutex<Shelf>>);

/// What the application keeps.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) callbacks: VecDeque<Theirs>,
    pub(super) streams: Vec<Stream<Value>>,
    /// Functions that wait until they are told to go on, with whom they wait for.
    waiting: VecDeque<(oneshot::Sender<()>, Arc<Session>)>,
    pub(super) functions: Vec<Function>,
    turn: usize,
}

impl Application {
    pub(super) fn new() -> Application {
        let application = Application::default();
        application.lock().functions =
            (0..3).map(|_| Function::new((), async |_: Cx<()>| Ok::<_, Thrown>(()))).collect();
        application
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets one function go on that waits.
    pub(super) fn let_go_on(&self) {
        let first = self.lock().waiting.pop_front();
        if let Some((sender, _)) = first {
            // It may have been cancelled.
            let _ = sender.send(());
        }
    }

    /// Lets all of them go on, and drops everything that is kept.
    pub(super) fn clear(&self) {
        let (callbacks, streams, waiting) = {
            let mut shelf = self.lock();
            let callbacks = std::mem::take(&mut shelf.callbacks);
            (callbacks, std::mem::take(&mut shelf.streams), std::mem::take(&mut shelf.waiting))
        };
        for (sender, _) in waiting {
            let _ = sender.send(());
        }
        drop((callbacks, streams));
    }

    /// Whether a function goes on for a process that is gone.
    pub(super) fn works_for_nobody(&self) -> bool {
        let is_in_vain = |(sender, session): &(oneshot::Sender<()>, Arc<Session>)| {
            !sender.is_closed() && !session.is_live()
        };
        self.lock().waiting.iter().any(is_in_vain)
    }

    fn next(&self) -> Option<Theirs> {
        let mut shelf = self.lock();
        shelf.turn += 1;
        let count = shelf.callbacks.len();
        if count == 0 { None } else { shelf.callbacks.get(shelf.turn % count).cloned() }
    }

    /// The functions as plugins see them.
    pub(super) fn api(&self) -> Api<Application> {
        Api::new(self.clone())
            .function("give", async |cx: Cx<Application>, callback: Theirs| {
                let mut shelf = cx.state().lock();
                shelf.callbacks.push_back(callback);
                let dropped = if KEPT < shelf.callbacks.len() { shelf.callbacks.pop_front() } else { None };
                drop(shelf);
                drop(dropped);
                Ok::<_, Thrown>(())
            })
            .function("take", async |cx: Cx<Application>| Ok::<_, Thrown>(cx.state().next()))
            .function("function", async |cx: Cx<Application>| {
                let mut shelf = cx.state().lock();
                shelf.turn += 1;
                let which = shelf.turn % shelf.functions.len();
                Ok::<_, Thrown>(shelf.functions[which].clone())
            })
            .function("call", async |cx: Cx<Application>, callback: Theirs| {
                cx.call::<_, Value>(&callback, vec![Value::Number(0.0)])
                    .await
                    .map_err(|error| error.to_thrown())
            })
            .function("callAnother", async |cx: Cx<Application>| {
                let Some(callback) = cx.state().next() else { return Ok(Value::Null) };
                cx.call::<_, Value>(&callback, vec![Value::Number(0.0)])
                    .await
                    .map_err(|error| error.to_thrown())
            })
            .function("wait", async |cx: Cx<Application>| {
                let (sender, receiver) = oneshot::channel();
                cx.state().lock().waiting.push_back((sender, cx.session().clone()));
                // Whoever looks on lets it go on; a call that nobody wants any more ends by itself.
                tokio::select! {
                    biased;
                    _ = receiver => {}
                    () = cx.cancelled() => {}
                }
                Ok::<_, Thrown>(())
            })
            .function("read", async |cx: Cx<Application>, stream: Stream<Value>| {
                cx.state().lock().streams.push(stream);
                Ok::<_, Thrown>(())
            })
            .function("source", async |_: Cx<Application>| {
                Ok::<_, Thrown>(Source::from_items(
                    (0..5).map(|number: u32| "x".repeat(number as usize * 7_000)),
                ))
            })
            .function("echo", async |_: Cx<Application>, value: Value| Ok::<_, Thrown>(value))
            .function("fail", async |_: Cx<Application>| Err::<(), _>(Thrown::new("Error", "no")))
    }
}
