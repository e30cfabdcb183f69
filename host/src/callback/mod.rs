//! A plugin's functions and objects as async Rust ones.
//!
//! - [`Callback`]: a function; [`remote`]: an object
//! - [`property`]: what is data in a plain object and has to be asked for in an instance
//! - [`reference`]: the counted handle behind both; [`description`]: what an object tells of itself
//! - [`call`]: a call in flight; [`routed`]: one of an export, on its way to the process that is the plugin by then

mod call;
mod description;
mod property;
mod reference;
mod remote;
mod routed;

pub use call::Call;
pub(crate) use call::Target;
pub(crate) use description::Description;
pub use property::Property;
pub(crate) use reference::Reference;
pub use remote::Remote;

use crate::live::Thing;
use crate::session::Link;
use crate::value::{encode_arguments, extension, place, received};
use crate::{CallError, PluginId};
use plughold_protocol::value;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

/// A plugin's function, callable as an `async` Rust function.
///
/// It may stand anywhere in the arguments of an API function, or in what a call returns. Clones share one reference.
/// The plugin's side is released when the last clone is dropped; dropping never blocks. When the plugin's process
/// dies, every call gives [`CallError::Gone`](crate::CallError::Gone), also after the plugin was restarted: a
/// reference belongs to one generation.
///
/// Where a struct or map of callbacks is expected, a plugin may also pass an instance of a class: its methods are the
/// fields, and each callback calls its method on that object. Properties that are no methods are missing from a map; a
/// struct that has a field for one is refused, unless that is a [`Property`]: they can only be asked for.
///
/// ```
/// use plughold::Callback;
/// use serde::Deserialize;
///
/// /// What a plugin passes to `app.commands.register`.
/// #[derive(Deserialize)]
/// struct Command {
///     name: String,
///     execute: Callback<(String,), Option<String>>,
/// }
///
/// async fn run(command: &Command) -> Result<(), plughold::CallError> {
///     let reply = command.execute.call(("now".to_owned(),)).await?;
///     println!("{} said {reply:?}", command.name);
///     Ok(())
/// }
/// ```
pub struct Callback<A, R> {
    reference: Arc<Reference>,
    /// Which method it is, if the reference is one to an object.
    method: Option<Arc<str>>,
    signature: PhantomData<fn(A) -> R>,
}

impl<A: Serialize, R: DeserializeOwned> Callback<A, R> {
    /// Calls the plugin. Nothing is sent before the result is polled; dropping it cancels the call.
    ///
    /// Without [`within`](Call::within) it ends after [`Limits::call`](crate::Limits::call).
    pub fn call(&self, args: A) -> Call<R> {
        self.call_with(args, None)
    }

    /// As [`call`](Callback::call), on behalf of `parent`.
    pub(crate) fn call_with(&self, args: A, parent: Option<Arc<Link>>) -> Call<R> {
        Call::new(self.reference.session().clone(), self.target(), &args, parent)
    }

    /// Calls without wanting an answer. What the function throws becomes an [`Event::Uncaught`](crate::Event::Uncaught).
    ///
    /// Returns an error when the arguments cannot be sent, the plugin is gone, or too much waits for it already. A
    /// notification is lost when the plugin ends before it has read it.
    pub fn notify(&self, args: A) -> Result<(), CallError> {
        let session = self.reference.session();
        let args = encode_arguments(&args, session.exports())?;
        session.notify(self.target(), args)
    }
}

impl<A, R> Callback<A, R> {
    /// Of a reference without a description.
    pub(crate) fn new(reference: Arc<Reference>) -> Callback<A, R> {
        Callback { reference, method: None, signature: PhantomData }
    }

    /// Of an object that has this method.
    pub(crate) fn of_method(object: Arc<Reference>, method: Arc<str>) -> Callback<A, R> {
        Callback { reference: object, method: Some(method), signature: PhantomData }
    }

    fn target(&self) -> Target {
        match &self.method {
            None => Target::Function(self.reference.clone()),
            Some(method) => Target::Method(self.reference.clone(), (**method).to_owned()),
        }
    }

    /// What makes it the same as another one.
    fn key(&self) -> ((u64, u64), Option<&str>) {
        (self.reference.key(), self.method.as_deref())
    }

    /// The process that it belongs to.
    #[cfg(test)]
    pub(crate) fn session(&self) -> &Arc<crate::session::Session> {
        self.reference.session()
    }

    /// Whose function it is.
    pub fn plugin(&self) -> &PluginId {
        self.reference.plugin()
    }

    /// The generation of the plugin's process that it belongs to.
    pub fn generation(&self) -> u32 {
        self.reference.session().generation()
    }

    /// False once the plugin has stopped, crashed or been restarted.
    pub fn is_live(&self) -> bool {
        self.reference.session().is_live()
    }

    /// Completes once the plugin's process is gone.
    pub async fn gone(&self) {
        self.reference.session().gone().await;
    }
}

impl<A, R> Clone for Callback<A, R> {
    fn clone(&self) -> Self {
        Callback { reference: self.reference.clone(), method: self.method.clone(), signature: PhantomData }
    }
}

impl<A, R> fmt::Debug for Callback<A, R> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Callback({} #{}", self.reference.plugin(), self.reference.id())?;
        self.method.iter().try_for_each(|method| write!(to, ".{method}"))?;
        to.write_str(")")
    }
}

/// Two callbacks are equal when they are the same function, or the same method of the same object, of the same process.
impl<A, R> PartialEq for Callback<A, R> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<A, R> Eq for Callback<A, R> {}

impl<A, R> Hash for Callback<A, R> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.key().hash(hasher);
    }
}

impl<'de, A, R> Deserialize<'de> for Callback<A, R> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "a function";
        let (kind, payload) =
            extension::take(from, &[value::FUNCTION, value::HOME, extension::METHOD], EXPECTED)?;
        match received(kind, &payload).map_err(D::Error::custom)? {
            Thing::Theirs(reference) if reference.description().is_none() => Ok(Callback::new(reference)),
            Thing::Method(object, name) => Ok(Callback::of_method(object, name)),
            other => Err(D::Error::custom(format_args!(
                "expected a function of a plugin, found {}",
                other.words()
            ))),
        }
    }
}

/// A function goes home as itself. To another plugin it goes as a reference to the host, which passes calls on.
impl<A, R> Serialize for Callback<A, R> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let reference = self.reference.clone();
        place(
            to,
            &match &self.method {
                None => Thing::Theirs(reference),
                Some(method) => Thing::Method(reference, method.clone()),
            },
        )
    }
}
