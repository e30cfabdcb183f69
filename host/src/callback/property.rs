//! A property of a plugin's object that may have to be asked for.

use crate::callback::Remote;
use crate::value::extension::{self, Kind, PROPERTY, Payload};
use crate::value::received_accessor;
use crate::{CallError, Cx};
use serde::de::{DeserializeOwned, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A field of a struct that takes plain objects and instances of classes alike.
///
/// A plain object brings the value along. An instance stays in the plugin, and its properties are asked for, by
/// [`read`](Property::read). Its methods need nothing of the kind: they are [`Callback`](crate::Callback)s at once.
///
/// ```
/// use plughold::{Callback, Cx, Property, Thrown};
/// use serde::Deserialize;
///
/// /// `{ name: 'hello', execute() { … } }`, or an instance of a class with these members.
/// #[derive(Deserialize)]
/// struct Command {
///     name: Property<String>,
///     #[serde(default)]
///     label: Property<Option<String>>,
///     execute: Callback<(), ()>,
/// }
///
/// async fn register(cx: Cx<()>, command: Command) -> Result<(), Thrown> {
///     let (name, label) = (command.name.read(&cx).await?, command.label.read(&cx).await?);
///     println!("{} is {}", name, label.unwrap_or_default());
///     Ok(cx.call(&command.execute, ()).await?)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Property<T> {
    origin: Origin<T>,
}

#[derive(Clone, Debug)]
enum Origin<T> {
    Given(T),
    Instance { object: Remote, name: Arc<str> },
}

impl<T> From<T> for Property<T> {
    fn from(value: T) -> Property<T> {
        Property { origin: Origin::Given(value) }
    }
}

/// A value that was given: of a field that is missing.
impl<T: Default> Default for Property<T> {
    fn default() -> Property<T> {
        T::default().into()
    }
}

impl<T: DeserializeOwned> Property<T> {
    /// The value. The plugin is asked for it on behalf of the call that `cx` belongs to, unless it was given.
    ///
    /// # Errors
    /// Those of [`Remote::get`], with the words for a value of another type.
    pub async fn read<S: Send + Sync + 'static>(self, cx: &Cx<S>) -> Result<T, CallError> {
        match self.origin {
            Origin::Given(value) => Ok(value),
            Origin::Instance { object, name } => cx.get(&object, &name).await.map_err(|error| match error {
                CallError::Result(words) => CallError::Result(format!("{name}: {words}")),
                other => other,
            }),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Property<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Property<T>, D::Error> {
        from.deserialize_newtype_struct(PROPERTY, GivenOrNot(PhantomData))
    }
}

struct GivenOrNot<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for GivenOrNot<T> {
    type Value = Property<T>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value or a property")
    }

    /// Whatever is data.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Property<T>, D::Error> {
        T::deserialize(from).map(Property::from)
    }

    /// The extension value for a property: no data comes here.
    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Property<T>, A::Error> {
        let refused = || A::Error::custom("expected a value or a property");
        let kind = parts.next_element::<Kind>()?.filter(|kind| kind.0 == extension::ACCESSOR);
        kind.ok_or_else(refused)?;
        let Payload(payload) = parts.next_element()?.ok_or_else(refused)?;
        let (object, name) = received_accessor(&payload).map_err(A::Error::custom)?;
        Ok(Property { origin: Origin::Instance { object: Remote::new(object), name } })
    }
}
