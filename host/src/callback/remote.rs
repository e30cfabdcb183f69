//! A plugin's object as an async Rust object.

use crate::PluginId;
use crate::callback::{Call, Reference, Target};
use crate::live::Thing;
use crate::session::Link;
use crate::value::extension;
use crate::value::{place, received};
use plughold_protocol::value;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A plugin's object, known by reference: an instance of one of its classes.
///
/// It may stand wherever a [`Callback`](crate::Callback) may, and lives as one does: clones share one reference, the
/// plugin's side is released when the last clone is dropped, and calls give [`CallError::Gone`](crate::CallError::Gone)
/// when the plugin's process has died.
///
/// ```
/// use plughold::{CallError, Remote};
///
/// async fn close_all(documents: Vec<Remote>) -> Result<(), CallError> {
///     for document in documents {
///         let title: String = document.get("title").await?;
///         println!("closing {title}, a {} of {}", document.class(), document.plugin());
///         document.call::<_, ()>("close", (true,)).await?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Remote {
    reference: Arc<Reference>,
}

impl Remote {
    /// Of a reference that has a description.
    pub(crate) fn new(reference: Arc<Reference>) -> Remote {
        Remote { reference }
    }

    /// The name of its class, as the plugin says.
    pub fn class(&self) -> &str {
        self.reference.description().map_or("", |description| &description.class)
    }

    /// The names of its methods.
    pub fn methods(&self) -> &[String] {
        self.reference.description().map_or(&[], |description| &description.methods)
    }

    /// The names of the properties that [`get`](Remote::get) reads.
    pub fn accessors(&self) -> &[String] {
        self.reference.description().map_or(&[], |description| &description.accessors)
    }

    /// Calls a method, with a tuple or `Vec` of arguments. As [`Callback::call`](crate::Callback::call) otherwise.
    pub fn call<A: Serialize, R: DeserializeOwned>(&self, method: &str, args: A) -> Call<R> {
        self.call_with(method, args, None)
    }

    /// Reads a property.
    pub fn get<R: DeserializeOwned>(&self, accessor: &str) -> Call<R> {
        self.get_with(accessor, None)
    }

    /// Calls its method `dispose`, as JavaScript's `using` does: of a disposable object that the plugin has given.
    pub fn dispose(&self) -> Call<()> {
        self.call("dispose", ())
    }

    /// As [`call`](Remote::call), on behalf of `parent`.
    pub(crate) fn call_with<A: Serialize, R: DeserializeOwned>(
        &self,
        method: &str,
        args: A,
        parent: Option<Arc<Link>>,
    ) -> Call<R> {
        let target = Target::Method(self.reference.clone(), method.to_owned());
        Call::new(self.reference.session().clone(), target, &args, parent)
    }

    /// As [`get`](Remote::get), on behalf of `parent`.
    pub(crate) fn get_with<R: DeserializeOwned>(&self, accessor: &str, parent: Option<Arc<Link>>) -> Call<R> {
        let target = Target::Property(self.reference.clone(), accessor.to_owned());
        Call::new(self.reference.session().clone(), target, &(), parent)
    }

    /// Whose object it is.
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

impl fmt::Debug for Remote {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Remote({} {} #{})", self.plugin(), self.class(), self.reference.id())
    }
}

/// Two are equal when they are the same object of the same process.
impl PartialEq for Remote {
    fn eq(&self, other: &Self) -> bool {
        self.reference.key() == other.reference.key()
    }
}

impl Eq for Remote {}

impl Hash for Remote {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.reference.key().hash(hasher);
    }
}

impl<'de> Deserialize<'de> for Remote {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "an instance of a class (no plain object)";
        let (kind, payload) = extension::take(from, &[value::OBJECT, value::HOME], EXPECTED)?;
        match received(kind, &payload).map_err(D::Error::custom)? {
            Thing::Theirs(reference) if reference.description().is_some() => Ok(Remote { reference }),
            other => Err(D::Error::custom(format_args!("expected {EXPECTED}, found {}", other.words()))),
        }
    }
}

/// It goes home as itself. To another plugin it goes as a reference to the host, which passes calls on.
impl Serialize for Remote {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        place(to, &Thing::Theirs(self.reference.clone()))
    }
}
