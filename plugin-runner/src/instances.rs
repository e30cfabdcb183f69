//! Instances of the plugin's classes, which travel by reference: what they say of themselves, and what is called of them.
//!
//! Describing one runs no code of the plugin: getters are not called. Only the traps of a proxy run, since there is no
//! other way to look at one.

use crate::description::{Description, is_member};
use crate::engine::object::{Atom, Property, Slot};
use crate::engine::{Js, Value};
use crate::session::Session;
use crate::thrown;
use plughold_protocol::limits;

/// Prototypes that are looked through, so that a proxy that invents ever new ones comes to an end.
const PROTOTYPES: usize = 64;

/// The method that ends the use of an object, also under the names that the language has for it.
const DISPOSE: &str = "dispose";

/// What an instance says of itself. At most [`limits::OBJECT_MEMBERS`] members are named.
pub(crate) fn describe(session: &Session, instance: &Value) -> Js<Description> {
    let mut description = Description::default();
    let mut seen: Vec<String> = Vec::new();
    let parts = parts(session, instance)?;
    for (depth, part) in parts.iter().enumerate() {
        if 0 < depth && description.class.is_empty() {
            description.class = class_name(part);
        }
        for key in part.all_keys()?.iter() {
            let name = key.text()?;
            let name = name.cut(limits::NAME + 1);
            if !is_shown(&name) || seen.iter().any(|known| **known == *name) {
                continue;
            }
            if limits::OBJECT_MEMBERS <= seen.len() {
                break;
            }
            let Some(property) = shown(part, depth, &Atom::new(&name)?)? else { continue };
            match property.slot {
                Slot::Data(value) if value.is_function() => description.methods.push(name.to_string()),
                Slot::Getter(getter) if !getter.is_function() => {}
                Slot::Data(_) | Slot::Getter(_) => description.accessors.push(name.to_string()),
            }
            seen.push(name.into_owned());
        }
    }
    let has_dispose = seen.iter().any(|name| name == DISPOSE);
    if !has_dispose && seen.len() < limits::OBJECT_MEMBERS && disposer(session, &parts)?.is_some() {
        description.methods.push(DISPOSE.to_owned());
    }
    if description.class.is_empty() {
        description.class.push_str("Object");
    }
    Ok(description)
}

/// The method `name` of an instance.
pub(crate) fn method(session: &Session, instance: &Value, name: &str) -> Js {
    let parts = parts(session, instance)?;
    let found = match find(&parts, name)? {
        None if name == DISPOSE => disposer(session, &parts)?,
        Some(Property { slot: Slot::Data(value), .. }) => Some(value),
        _ => None,
    };
    found.filter(Value::is_function).ok_or_else(|| no_member(&parts, "method", name))
}

/// What the accessor or field `name` of an instance gives.
pub(crate) fn property(session: &Session, instance: &Value, name: &str) -> Js {
    let parts = parts(session, instance)?;
    match find(&parts, name)?.map(|property| property.slot) {
        Some(Slot::Data(value)) if !value.is_function() => Ok(value),
        Some(Slot::Getter(getter)) if getter.is_function() => getter.call(instance, &[]),
        _ => Err(no_member(&parts, "accessor", name)),
    }
}

/// The property `name` of an object, own or inherited but not of all objects, if it is there. A getter is run.
pub(crate) fn read(session: &Session, object: &Value, name: &str) -> Js<Option<Value>> {
    let key = Atom::new(name)?;
    for part in parts(session, object)? {
        let Some(property) = part.own_property(&key)? else { continue };
        return match property.slot {
            Slot::Data(value) => Ok(Some(value)),
            Slot::Getter(getter) if getter.is_function() => getter.call(object, &[]).map(Some),
            Slot::Getter(_) => Ok(None),
        };
    }
    Ok(None)
}

/// The instance and its prototypes, without the one that all objects have.
fn parts(session: &Session, instance: &Value) -> Js<Vec<Value>> {
    if instance.is_function() {
        return Err(thrown::type_error("a function of the plugin was used as an object"));
    }
    let mut parts = vec![instance.clone()];
    while let Some(last) = parts.last()
        && parts.len() < PROTOTYPES
    {
        let prototype = last.prototype()?;
        if !prototype.is_object() || prototype.address() == session.kit.object_prototype {
            break;
        }
        parts.push(prototype);
    }
    Ok(parts)
}

/// The nearest member with this name, as [`describe`] names it.
fn find(parts: &[Value], name: &str) -> Js<Option<Property>> {
    if !is_shown(name) {
        return Ok(None);
    }
    let key = Atom::new(name)?;
    for (depth, part) in parts.iter().enumerate() {
        if let Some(property) = shown(part, depth, &key)? {
            return Ok(Some(property));
        }
    }
    Ok(None)
}

/// The function for the end of an object's use, under the language's names.
fn disposer(session: &Session, parts: &[Value]) -> Js<Option<Value>> {
    for symbol in &session.kit.dispose_symbols {
        let key = Atom::of(symbol)?;
        for part in parts {
            if let Some(Property { slot: Slot::Data(value), .. }) = part.own_property(&key)?
                && value.is_function()
            {
                return Ok(Some(value));
            }
        }
    }
    Ok(None)
}

/// What an instance hides from loops is not shown to others either; what its class has is.
fn shown(part: &Value, depth: usize, key: &Atom) -> Js<Option<Property>> {
    let property = part.own_property(key)?;
    Ok(property.filter(|property| 0 < depth || property.is_enumerable))
}

/// Names with `_` in front are the plugin's own business.
fn is_shown(name: &str) -> bool {
    is_member(name) && !name.starts_with('_')
}

fn class_name(prototype: &Value) -> String {
    let constructor = prototype.own("constructor").filter(|constructor| !constructor.is_proxy());
    let name = constructor.and_then(|constructor| constructor.own("name"));
    name.and_then(|name| name.as_string(limits::NAME)).unwrap_or_default()
}

fn no_member(parts: &[Value], what: &str, name: &str) -> crate::engine::Thrown {
    let class = parts.get(1).map(class_name).filter(|class| !class.is_empty());
    let class = class.unwrap_or_else(|| "the object".to_owned());
    let name = &name[..name.floor_char_boundary(limits::NAME)];
    thrown::type_error(&format!("{class} has no {what} {name:?}"))
}
