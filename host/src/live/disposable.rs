//! Something that a plugin can end, and that ends with the plugin.

use crate::live::Object;
use crate::{Cx, Thrown};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// An object with the one method `dispose`, whose closure runs exactly once: when a plugin disposes it, or when the
/// process of a plugin that was given it is gone. That a plugin lets the garbage collector have it does not count.
///
/// In JavaScript `using` works with it, where the engine has that. One that is never sent to a plugin is disposed when
/// its last clone is dropped.
///
/// ```
/// use plughold::{Callback, Cx, Disposable, Thrown};
/// use std::sync::{Arc, Mutex};
///
/// type Listeners = Arc<Mutex<Vec<Callback<(), ()>>>>;
///
/// /// In a plugin: `const listening = await app.onSave(() => …); … listening.dispose()`
/// async fn on_save(cx: Cx<Listeners>, listener: Callback<(), ()>) -> Result<Disposable, Thrown> {
///     let listeners = cx.state().clone();
///     listeners.lock().unwrap().push(listener.clone());
///     Ok(Disposable::new(move || listeners.lock().unwrap().retain(|each| *each != listener)))
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Disposable {
    object: Object,
}

/// What is to be done once.
pub(crate) struct Disposal {
    run: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Disposable {
    /// `dispose` runs on whatever thread has the reason for it, and must not wait. A panic in it is swallowed.
    pub fn new(dispose: impl FnOnce() + Send + 'static) -> Disposable {
        let disposal = Arc::new(Disposal { run: Mutex::new(Some(Box::new(dispose))) });
        let object = Object::builder("Disposable", disposal.clone())
            .method("dispose", |cx: Cx<Arc<Disposal>>| {
                cx.state().run();
                ready(Ok::<_, Thrown>(()))
            })
            .disposal(disposal)
            .build();
        Disposable { object }
    }

    /// Disposes it now, if that has not happened yet.
    pub fn dispose(&self) {
        if let Some(disposal) = self.object.disposal() {
            disposal.run();
        }
    }

    /// Whether that has happened.
    pub fn is_disposed(&self) -> bool {
        self.object.disposal().is_none_or(|disposal| disposal.is_done())
    }
}

impl Disposal {
    /// Runs it, unless it has run. Outside of locks: it is the application's code.
    pub(crate) fn run(&self) {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(run) = run {
            // Whoever disposes has other things to do that must not be lost.
            let _ = catch_unwind(AssertUnwindSafe(run));
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.run.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

impl Drop for Disposal {
    fn drop(&mut self) {
        self.run();
    }
}

impl fmt::Debug for Disposable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Disposable").field("is_disposed", &self.is_disposed()).finish()
    }
}

impl Serialize for Disposable {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.object.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Disposable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Disposable, D::Error> {
        let object = Object::deserialize(from)?;
        if object.disposal().is_some() {
            return Ok(Disposable { object });
        }
        Err(serde::de::Error::custom("expected a Disposable of the application, found another object"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn it_runs_once() {
        let runs = Arc::new(AtomicU32::new(0));
        let counted = |runs: &Arc<AtomicU32>| {
            let runs = runs.clone();
            Disposable::new(move || {
                runs.fetch_add(1, Ordering::Relaxed);
            })
        };
        let disposable = counted(&runs);
        let clone = disposable.clone();
        drop(disposable);
        assert_eq!((runs.load(Ordering::Relaxed), clone.is_disposed()), (0, false));
        clone.dispose();
        clone.dispose();
        assert_eq!((runs.load(Ordering::Relaxed), clone.is_disposed()), (1, true));
        drop(clone);
        assert_eq!(runs.load(Ordering::Relaxed), 1);
        drop(counted(&runs));
        assert_eq!(runs.load(Ordering::Relaxed), 2, "never sent, it ends with its last clone");
        drop(Disposable::new(|| panic!("not thought out")));
    }
}
