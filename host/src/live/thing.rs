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
}

/// What makes two things the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// The number of a function or object of the application.
    Own(u64),
    /// An event ID of a session. A plugin may claim that one ID is a function and an object: those are two things.
    Theirs { session: u64, id: u64, is_object: bool },
}

impl Thing {
    pub(crate) fn key(&self) -> Key {
        match self {
            Thing::Function(function) => Key::Own(function.id()),
            Thing::Object(object) => Key::Own(object.id()),
            Thing::Theirs(reference) => {
                let (session, id) = reference.key();
                Key::Theirs { session, id, is_object: reference.description().is_some() }
            }
        }
    }

    /// The value that describes it, if it is an object. The error says in words why it cannot be sent.
    pub(crate) fn description(&self) -> Result<Option<Vec<u8>>, String> {
        match self {
            Thing::Function(_) => Ok(None),
            Thing::Object(object) => object.description().map(Some),
            Thing::Theirs(reference) => Ok(reference.description().map(|description| description.to_value())),
        }
    }

    /// What has to be done once when its holder is gone, and not before.
    pub(crate) fn disposal(&self) -> Option<&Arc<Disposal>> {
        match self {
            Thing::Object(object) => object.disposal(),
            Thing::Function(_) | Thing::Theirs(_) => None,
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
            Thing::Theirs(_) => "a function of a plugin",
        }
    }
}
