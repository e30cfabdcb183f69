//! A function of the application as a value.

use crate::api::{Erased, Handler, erase};
use crate::live::{Thing, next_id};
use crate::value::{extension, place, received};
use plughold_protocol::value;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A function of the application as a value: anywhere in what a function of the API returns, or in the arguments of a
/// call to a plugin. In the plugin it is a function that gives a promise.
///
/// The same `Function` is the same function in the plugin for as long as that holds it, and comes home as itself, so that
/// `off(listener)` can be written. What it captures lives until the last clone is dropped and no plugin holds it.
///
/// ```
/// use plughold::{Api, Cx, Function, Thrown};
///
/// async fn add(cx: Cx<i64>, second: i64) -> Result<i64, Thrown> {
///     Ok(cx.state() + second)
/// }
///
/// /// In a plugin: `const add = await app.adder(2); await add(3)`
/// async fn adder(_: Cx<()>, first: i64) -> Result<Function, Thrown> {
///     Ok(Function::new(first, add))
/// }
///
/// let api = Api::new(()).function("adder", adder);
/// # let _ = api;
/// ```
#[derive(Clone)]
pub struct Function {
    id: u64,
    name: Arc<str>,
    handler: Erased,
}

impl Function {
    /// A function from the same kind of `async fn` as [`Api::function`](crate::Api::function) takes, with the state that
    /// it reaches through its [`Cx`](crate::Cx).
    pub fn new<S: Send + Sync + 'static, A, H: Handler<S, A>>(state: S, handler: H) -> Function {
        Function { id: next_id(), name: "function".into(), handler: erase(Arc::new(state), handler) }
    }

    /// The same with a name, under which errors and traces tell of it. It stays the same function.
    pub fn named(mut self, name: impl Into<String>) -> Function {
        self.name = name.into().into();
        self
    }

    /// Its name; `function` unless it was given one.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn path(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn handler(&self) -> &Erased {
        &self.handler
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Function({} #{})", self.name, self.id)
    }
}

/// Two are equal when one is a clone of the other, also if it went to a plugin and came home.
impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.id == other.id
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.id.hash(hasher);
    }
}

impl Serialize for Function {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        place(to, &Thing::Function(self.clone()))
    }
}

impl<'de> Deserialize<'de> for Function {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Function, D::Error> {
        const EXPECTED: &str = "a function of the application";
        let (kind, payload) = extension::take(from, &[value::HOME], EXPECTED)?;
        match received(kind, &payload).map_err(D::Error::custom)? {
            Thing::Function(function) => Ok(function),
            other => Err(D::Error::custom(format_args!("expected {EXPECTED}, found {}", other.words()))),
        }
    }
}
