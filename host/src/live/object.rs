//! An object of the application as a value.

use crate::api::{Erased, Handler, erase};
use crate::callback::Description;
use crate::live::{Disposal, Thing, next_id};
use crate::value::{extension, place, received};
use plughold_protocol::{limits, value};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// An object of the application, which plugins hold by reference: its methods and accessors run in the application.
///
/// In the plugin it is a frozen object with the name of its class, a method that gives a promise for each method, and a
/// property that gives a promise for each accessor. It is the same object there for as long as the plugin holds it, and
/// comes home as itself. A class is told apart by nothing but the name of its instances.
///
/// ```
/// use plughold::{Cx, Object, Thrown};
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// async fn add(cx: Cx<AtomicU32>, more: u32) -> Result<u32, Thrown> {
///     Ok(cx.state().fetch_add(more, Ordering::Relaxed) + more)
/// }
///
/// async fn count(cx: Cx<AtomicU32>) -> Result<u32, Thrown> {
///     Ok(cx.state().load(Ordering::Relaxed))
/// }
///
/// // In a plugin: `await counter.add(2); await counter.count`
/// let counter = Object::builder("Counter", AtomicU32::new(0)).method("add", add).accessor("count", count).build();
/// assert_eq!(counter.class(), "Counter");
/// ```
#[derive(Clone)]
pub struct Object {
    inner: Arc<Inner>,
}

struct Inner {
    id: u64,
    description: Description,
    /// In the order of their names in the description: first the methods, then the accessors.
    members: Vec<Member>,
    disposal: Option<Arc<Disposal>>,
}

/// One method or accessor.
struct Member {
    /// With the name of the class, for errors and traces.
    path: Arc<str>,
    handler: Erased,
}

/// What an [`Object`] is made of; from [`Object::builder`].
#[must_use = "build() makes the object"]
pub struct ObjectBuilder<S> {
    state: Arc<S>,
    class: String,
    methods: Vec<(String, Erased)>,
    accessors: Vec<(String, Erased)>,
    is_blocking: bool,
    disposal: Option<Arc<Disposal>>,
}

impl Object {
    /// An object of the class with this name, without methods and accessors yet. They all reach `state` through their
    /// [`Cx`](crate::Cx).
    pub fn builder<S: Send + Sync + 'static>(class: impl Into<String>, state: S) -> ObjectBuilder<S> {
        ObjectBuilder {
            state: Arc::new(state),
            class: class.into(),
            methods: Vec::new(),
            accessors: Vec::new(),
            is_blocking: false,
            disposal: None,
        }
    }

    /// The name of its class.
    pub fn class(&self) -> &str {
        &self.inner.description.class
    }

    pub(crate) fn id(&self) -> u64 {
        self.inner.id
    }

    pub(crate) fn disposal(&self) -> Option<&Arc<Disposal>> {
        self.inner.disposal.as_ref()
    }

    /// Whether there are other clones of it.
    pub(crate) fn is_held_elsewhere(&self) -> bool {
        1 < Arc::strong_count(&self.inner)
    }

    /// The value that describes it. The error says in words why it cannot be sent.
    pub(crate) fn description(&self) -> Result<Vec<u8>, String> {
        let Description { class, methods, accessors, .. } = &self.inner.description;
        let most = limits::OBJECT_MEMBERS;
        if most < methods.len() || most < accessors.len() {
            let members = methods.len().max(accessors.len());
            return Err(format!(
                "an object of the class {class} with {members} members; at most {most} are allowed"
            ));
        }
        let mut names = methods.iter().chain(accessors).chain([class]);
        if names.any(|name| name.is_empty() || limits::NAME < name.len()) {
            return Err(format!("an object with a name that is empty or longer than {} bytes", limits::NAME));
        }
        Ok(self.inner.description.to_value())
    }

    /// What serves a method.
    pub(crate) fn method(&self, name: &str) -> Option<(&Arc<str>, &Erased)> {
        let index = self.inner.description.methods.iter().position(|method| method == name)?;
        self.member(index)
    }

    /// What serves an accessor.
    pub(crate) fn accessor(&self, name: &str) -> Option<(&Arc<str>, &Erased)> {
        let Description { methods, accessors, .. } = &self.inner.description;
        let index = accessors.iter().position(|accessor| accessor == name)?;
        self.member(methods.len() + index)
    }

    /// The names of its methods and of its accessors.
    pub(crate) fn names(&self) -> (&[String], &[String]) {
        (&self.inner.description.methods, &self.inner.description.accessors)
    }

    fn member(&self, index: usize) -> Option<(&Arc<str>, &Erased)> {
        self.inner.members.get(index).map(|member| (&member.path, &member.handler))
    }
}

impl<S: Send + Sync + 'static> ObjectBuilder<S> {
    /// Adds a method: the same kind of `async fn` as [`Api::function`](crate::Api::function) takes. One of the same name
    /// before it is replaced.
    pub fn method<A, H: Handler<S, A>>(self, name: impl Into<String>, handler: H) -> ObjectBuilder<S> {
        let handler = erase(self.state.clone(), handler);
        self.erased_method(name, handler)
    }

    /// Adds a property that can be read: an `async fn` without arguments besides the [`Cx`](crate::Cx). One of the same
    /// name before it is replaced.
    pub fn accessor<H: Handler<S, ()>>(mut self, name: impl Into<String>, handler: H) -> ObjectBuilder<S> {
        set(&mut self.accessors, name.into(), erase(self.state.clone(), handler));
        self
    }

    /// Makes all methods blocking: in the plugin they return their result and throw their error, as
    /// [`Api::blocking`](crate::Api::blocking) says.
    pub fn blocking(mut self) -> ObjectBuilder<S> {
        self.is_blocking = true;
        self
    }

    /// Adds a method that was made a handler already.
    pub(crate) fn erased_method(mut self, name: impl Into<String>, handler: Erased) -> ObjectBuilder<S> {
        set(&mut self.methods, name.into(), handler);
        self
    }

    pub(super) fn disposal(mut self, disposal: Arc<Disposal>) -> ObjectBuilder<S> {
        self.disposal = Some(disposal);
        self
    }

    /// The object. Names that are empty or longer than 1 KiB, and more than 256 methods or accessors, are refused when it
    /// is sent.
    pub fn build(self) -> Object {
        let ObjectBuilder { class, methods, accessors, is_blocking, disposal, .. } = self;
        let names = |members: &[(String, Erased)]| members.iter().map(|(name, _)| name.clone()).collect();
        let description =
            Description { class, methods: names(&methods), accessors: names(&accessors), is_blocking };
        let class = &description.class;
        let members = methods.into_iter().chain(accessors);
        let members = members
            .map(|(name, handler)| Member { path: format!("{class}.{name}").into(), handler })
            .collect();
        Object { inner: Arc::new(Inner { id: next_id(), description, members, disposal }) }
    }
}

fn set(members: &mut Vec<(String, Erased)>, name: String, handler: Erased) {
    members.retain(|(known, _)| *known != name);
    members.push((name, handler));
}

impl fmt::Debug for Object {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Object({} #{})", self.class(), self.id())
    }
}

impl<S> fmt::Debug for ObjectBuilder<S> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            |members: &[(String, Erased)]| Vec::from_iter(members.iter().map(|(name, _)| name.clone()));
        to.debug_struct("ObjectBuilder")
            .field("class", &self.class)
            .field("methods", &names(&self.methods))
            .field("accessors", &names(&self.accessors))
            .finish_non_exhaustive()
    }
}

/// Two are equal when one is a clone of the other, also if it went to a plugin and came home.
impl PartialEq for Object {
    fn eq(&self, other: &Object) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Object {}

impl Hash for Object {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.id().hash(hasher);
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        place(to, &Thing::Object(self.clone()))
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Object, D::Error> {
        const EXPECTED: &str = "an object of the application";
        let (kind, payload) = extension::take(from, &[value::HOME], EXPECTED)?;
        match received(kind, &payload).map_err(D::Error::custom)? {
            Thing::Object(object) => Ok(object),
            other => Err(D::Error::custom(format_args!("expected {EXPECTED}, found {}", other.words()))),
        }
    }
}
