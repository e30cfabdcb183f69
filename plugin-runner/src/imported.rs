//! Functions and objects of the host that the plugin holds, each under its event ID as one JavaScript value.
//!
//! The table does not keep the values alive. When the engine frees one, its finalizer notes the ID here; all that was
//! freed leaves in one `Release` with the next write.

use crate::calls_out::{self, How};
use crate::description::Description;
use crate::engine::remote::{Handle, Member};
use crate::engine::{self, Js, Value};
use crate::session::Session;
use crate::thrown;
use plughold_protocol::limits;
use plughold_protocol::record::Target;
use plughold_wire::Imports;
use std::collections::HashMap;
use std::mem;
use std::rc::Rc;

/// Kinds of objects whose prototypes are kept for the next object of the same kind.
const KINDS: usize = 64;

/// The longest description of a kind that is kept, in bytes.
const KEPT_DESCRIPTION: usize = 4 << 10;

/// What the plugin holds.
pub(crate) struct Imported {
    things: Imports<Rc<Handle>>,
    /// Prototypes by the description that they were made from.
    kinds: HashMap<Vec<u8>, Kind>,
}

/// What objects of one class of the host have in common.
#[derive(Clone)]
struct Kind {
    prototype: Value,
    is_blocking: bool,
}

impl Imported {
    /// Nothing.
    pub(crate) fn new() -> Imported {
        Imported { things: Imports::new(), kinds: HashMap::new() }
    }

    /// How many things the plugin holds.
    pub(crate) fn len(&self) -> usize {
        self.things.len()
    }
}

/// The host's function under this ID, which was received once more. After an error it was not received.
pub(crate) fn function(session: &Session, id: u64) -> Js {
    if let Some(value) = received_again(session, id) {
        return Ok(value);
    }
    check_room(session)?;
    let handle = Handle::new(id, false);
    let function = Value::host_function(&handle, &session.kit.function_prototype)?;
    function.define_fixed("name", Value::string("hostFunction")?)?;
    function.define_fixed("length", Value::number(0.0))?;
    function.prevent_extensions()?;
    session.imported.borrow_mut().things.insert(id, handle);
    Ok(function)
}

/// The host's object under this ID, which was received once more. After an error it was not received.
pub(crate) fn object(session: &Session, id: u64, description: &[u8]) -> Js {
    if let Some(value) = received_again(session, id) {
        return Ok(value);
    }
    check_room(session)?;
    let kind = kind(session, description)?;
    let handle = Handle::new(id, kind.is_blocking);
    let object = Value::host_object(&handle, &kind.prototype)?;
    object.prevent_extensions()?;
    session.imported.borrow_mut().things.insert(id, handle);
    Ok(object)
}

/// Gives back a reference that came in a message and for which no value was made.
pub(crate) fn give_back(session: &Session, id: u64) {
    session.imported.borrow_mut().things.give_back(id);
}

/// The engine frees the value of this ID. It may be in the middle of anything.
pub(crate) fn dropped(session: &Session, id: u64) {
    session.imported.borrow_mut().things.drop_handle(id);
}

/// Tells the host what the plugin dropped since the last time, in one message unless it is more than one may hold.
pub(crate) fn release_dropped(session: &Session) {
    let mut imported = session.imported.borrow_mut();
    if !imported.things.has_dropped() {
        return;
    }
    let dropped = imported.things.take_dropped();
    drop(imported);
    for references in dropped.chunks(limits::ELEMENTS as usize) {
        calls_out::release(session, references.to_vec());
    }
}

/// Calls the host's function.
pub(crate) fn call(session: &Session, function: &Handle, arguments: &[Value]) -> Js {
    calls_out::call_target(session, Target::Function(function.id), arguments, How::Promise)
}

/// Calls a method of the host's object `this`, or reads an accessor of it.
pub(crate) fn call_member(
    session: &Session,
    this: &Value,
    member: Member,
    name: &str,
    arguments: &[Value],
) -> Js {
    let Some(handle) = this.handle().filter(|_| !this.is_function()) else {
        let words = format!("{name} belongs to an object of the host, and was used without it");
        return Err(thrown::type_error(&words));
    };
    let (target, arguments) = match member {
        Member::Method => (Target::Method(handle.id, name), arguments),
        Member::Accessor => (Target::Property(handle.id, name), &[][..]),
    };
    let how = if handle.is_blocking { How::Block } else { How::Promise };
    calls_out::call_target(session, target, arguments, how)
}

/// The value of an ID, if there is one already, with one more receipt counted.
fn received_again(session: &Session, id: u64) -> Option<Value> {
    let handle = session.imported.borrow_mut().things.receive(id).cloned();
    handle.and_then(|handle| handle.value())
}

/// Whether the plugin may hold one thing more. What it holds only in circles is collected before it is refused.
fn check_room(session: &Session) -> Js<()> {
    let most = session.limits.references;
    let is_full = || most as usize <= session.imported.borrow().len();
    if is_full() {
        engine::collect();
    }
    if !is_full() {
        return Ok(());
    }
    Err(thrown::range_error(&format!("the plugin holds {most} functions and objects of the host already")))
}

fn kind(session: &Session, bytes: &[u8]) -> Js<Kind> {
    let known = session.imported.borrow().kinds.get(bytes).cloned();
    if let Some(kind) = known {
        return Ok(kind);
    }
    let description = Description::read(bytes)
        .ok_or_else(|| thrown::type_error("the host sent an object whose description makes no sense"))?;
    let kind = Kind {
        prototype: session.kit.host_prototype(
            &description.class,
            members(Member::Method, &description.methods)?,
            members(Member::Accessor, &description.accessors)?,
        )?,
        is_blocking: description.is_blocking,
    };
    if KEPT_DESCRIPTION < bytes.len() {
        return Ok(kind);
    }
    let mut imported = session.imported.borrow_mut();
    let forgotten =
        if imported.kinds.len() < KINDS { HashMap::new() } else { mem::take(&mut imported.kinds) };
    imported.kinds.insert(bytes.to_vec(), kind.clone());
    drop(imported);
    // Objects keep their prototypes; those without an object are freed here, while nothing is borrowed.
    drop(forgotten);
    Ok(kind)
}

/// Names and functions in turn, as an array.
fn members(member: Member, names: &[String]) -> Js {
    let mut pairs = Vec::with_capacity(2 * names.len());
    for name in names {
        pairs.push(Value::string(name)?);
        pairs.push(Value::member(member, name)?);
    }
    Value::array(pairs)
}
