//! A plugin's function as an async Rust function.

mod call;
mod reference;

pub use call::Call;
pub(crate) use call::Target;
pub(crate) use reference::Reference;

use crate::value::{ExtensionVisitor, note_home, with_reference};
use crate::{CallError, PluginId};
use plughold_protocol::value;
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
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
    signature: PhantomData<fn(A) -> R>,
}

impl<A: Serialize, R: DeserializeOwned> Callback<A, R> {
    /// Calls the plugin. Nothing is sent before the result is polled; dropping it cancels the call.
    ///
    /// Without [`within`](Call::within) it ends after [`Limits::call`](crate::Limits::call).
    pub fn call(&self, args: A) -> Call<R> {
        self.call_with(args, None)
    }

    /// Whether it belongs to the session with this key.
    pub(crate) fn is_of(&self, session: u64) -> bool {
        self.reference.session_key() == session
    }

    /// As [`call`](Callback::call), while serving `parent`.
    pub(crate) fn call_with(&self, args: A, parent: Option<u64>) -> Call<R> {
        let target = Target::Function(self.reference.clone());
        Call::new(self.reference.session().clone(), target, &args, parent)
    }

    /// Calls without wanting an answer. What the function throws becomes an [`Event::Uncaught`](crate::Event::Uncaught).
    ///
    /// Returns an error when the arguments cannot be sent, the plugin is gone, or too much waits for it already. A
    /// notification is lost when the plugin ends before it has read it.
    pub fn notify(&self, args: A) -> Result<(), CallError> {
        self.reference.session().notify(&self.reference, &args)
    }
}

impl<A, R> Callback<A, R> {
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
        Callback { reference: self.reference.clone(), signature: PhantomData }
    }
}

impl<A, R> fmt::Debug for Callback<A, R> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Callback({} #{})", self.reference.plugin(), self.reference.id())
    }
}

/// Two callbacks are equal when they are the same function of the same process.
impl<A, R> PartialEq for Callback<A, R> {
    fn eq(&self, other: &Self) -> bool {
        self.reference.key() == other.reference.key()
    }
}

impl<A, R> Eq for Callback<A, R> {}

impl<A, R> Hash for Callback<A, R> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.reference.key().hash(hasher);
    }
}

impl<'de, A, R> Deserialize<'de> for Callback<A, R> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let payload = ExtensionVisitor { kind: value::FUNCTION, expected: "a function" }.take(from)?;
        let id = payload.as_slice().try_into().map(u64::from_le_bytes).map_err(D::Error::custom)?;
        let reference = with_reference(id).map_err(D::Error::custom)?;
        Ok(Callback { reference, signature: PhantomData })
    }
}

/// The form in which rmp-serde writes an extension value.
#[derive(Serialize)]
#[serde(rename = "_ExtStruct")]
struct Extension((i8, serde_bytes::ByteBuf));

/// A function goes home as itself; on its way to another plugin it is refused.
impl<A, R> Serialize for Callback<A, R> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        note_home(&self.reference).map_err(S::Error::custom)?;
        let id = self.reference.id().to_le_bytes();
        Extension((value::HOME, serde_bytes::ByteBuf::from(id))).serialize(to)
    }
}
