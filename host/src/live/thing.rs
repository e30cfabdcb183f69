//! All that a plugin can hold of the host.

use crate::callback::Reference;
use crate::live::{Disposal, Function, Object};
use std::sync::Arc;

/// Something that a plugin can hold by reference. Clones are the same thing.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    /// A function of the application.
    Function(Function),
    /// An object of the application.
    Object(Object),
    /// A function or object of another plugin, to which the host passes calls on. Or of the plugin itself, on its way
    /// home.
    Theirs(Arc<Reference>),
    /// A method of a plugin's object as a function of its own. To every plugin it is one that the host passes calls on to.
    Method(Arc<Reference>, Arc<str>),
}

/// What makes two things the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// The number of a function or object of the application.
    Own(u64),
    /// An event ID of a session. A plugin may claim that one ID is a function and an object: those are two things.
    Theirs { session: u64, id: u64, is_object: bool },
    /// A method of the object with this event ID of a session.
    Method { session: u64, id: u64, name: Arc<str> },
}

impl Thing {
    pub(crate) fn key(&self) -> Key {
        match self {
            Thing::Function(function) => Key::Own(function.id()),
            Thing::Object(object) => Key::Own(object.id()),
            Thing::Method(object, name) => {
                let (session, id) = object.key();
                Key::Method { session, id, name: name.clone() }
            }
            Thing::Theirs(reference) => {
                let (session, id) = reference.key();
                Key::Theirs { session, id, is_object: reference.description().is_some() }
            }
        }
    }

    /// The plugin's thing behind it, if it is a plugin's.
    pub(crate) fn owner(&self) -> Option<&Arc<Reference>> {
        match self {
            Thing::Theirs(reference) | Thing::Method(reference, _) => Some(reference),
            Thing::Function(_) | Thing::Object(_) => None,
        }
    }

    /// The value that describes it, if it is an object. The error says in words why it cannot be sent.
    pub(crate) fn description(&self) -> Result<Option<Vec<u8>>, String> {
        match self {
            Thing::Function(_) | Thing::Method(..) => Ok(None),
            Thing::Object(object) => object.description().map(Some),
            Thing::Theirs(reference) => Ok(reference.description().map(|description| description.to_value())),
        }
    }

    /// What has to be done once when its holder is gone, and not before.
    pub(crate) fn disposal(&self) -> Option<&Arc<Disposal>> {
        match self {
            Thing::Object(object) => object.disposal(),
            Thing::Function(_) | Thing::Theirs(_) | Thing::Method(..) => None,
        }
    }

    /// What it is to a plugin's author.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Thing::Function(_) => "a function of the application",
            Thing::Object(_) => "an object of the application",
            Thing::Theirs(reference) if reference.description().is_some() => {
                "an object of a plugin, by reference"
            }
            Thing::Theirs(_) | Thing::Method(..) => "a function of a plugin",
        }
    }
}
