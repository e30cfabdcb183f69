//! One end of one connection: the real tables, and the rules by which a host and a runner use them.

use crate::lanes::Lanes;
use crate::world::{Fault, Name};
use plughold_protocol::record::Released;
use plughold_wire::references::Full;
use plughold_wire::{Exports, Imports};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::{Rc, Weak};

/// Things that one end may hold of the other: few, so that the bound is met.
pub(crate) const MOST: usize = 24;

/// A function as a party has it in its hands.
#[derive(Clone)]
pub(crate) enum Value {
    /// One of its own.
    Own(Name),
    /// One of the other side of a connection.
    Held(Rc<Handle>),
    /// One of the other side that is not kept alive: only a [fault](Fault::ForgetForwarding) makes it.
    Forgotten(Weak<Handle>),
}

/// What a party holds of the other side. Dropping the last clone gives it back.
pub(crate) struct Handle {
    pub(crate) end: Rc<End>,
    pub(crate) id: u64,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.end.imports.borrow_mut().drop_handle(self.id);
    }
}

/// What a function is known by in a table of exports: the same function has the same key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Own(Name),
    /// The session of another connection, and the ID there.
    Foreign(u32, u64),
}

/// A reference as it travels.
#[derive(Clone, Copy)]
pub(crate) enum Sent {
    /// One of the sender's.
    Function(u64),
    /// One of the receiver's.
    Home(u64),
}

/// A message, with the names that its references have in the model: only checks look at them.
pub(crate) struct Message {
    pub(crate) body: Body,
    /// What may not be given back before the message is written.
    pub(crate) holds: Vec<Value>,
}

pub(crate) enum Body {
    /// Values, as in a notification.
    Values(Values),
    /// A call of the receiver's function with this ID, which has this name.
    Call(u64, u64, Name, Values),
    /// The answer of a call.
    Return(u64, Values),
    Release(Vec<Released>),
}

pub(crate) type Values = Vec<(Name, Sent)>;

/// A call that is not answered yet: it keeps its function alive, and may be made for another one.
pub(crate) struct Pending {
    pub(crate) _target: Value,
    pub(crate) behalf: Option<(Rc<End>, u64)>,
}

pub(crate) struct End {
    /// Unique among the connections of all processes.
    pub(crate) session: u32,
    /// 0 for the host, otherwise which plugin.
    pub(crate) party: usize,
    pub(crate) exports: RefCell<Exports<Key, Value>>,
    pub(crate) imports: RefCell<Imports<Weak<Handle>>>,
    pub(crate) out: RefCell<Lanes<Message>>,
    pub(crate) calls: RefCell<BTreeMap<u64, Pending>>,
    pub(crate) is_dead: Cell<bool>,
    next_call: Cell<u64>,
    peer: RefCell<Weak<End>>,
    issued: RefCell<Issued>,
    fault: Fault,
}

/// Every ID that was ever given out: the record that the tables are held against.
#[derive(Default)]
struct Issued {
    last: u64,
    names: HashMap<u64, Name>,
    ids: HashMap<Name, u64>,
}

impl End {
    /// Both ends of a new connection, the host's first.
    pub(crate) fn pair(session: u32, plugin: usize, fault: Fault) -> (Rc<End>, Rc<End>) {
        let end = |party| {
            Rc::new(End {
                session,
                party,
                exports: RefCell::default(),
                imports: RefCell::default(),
                out: RefCell::new(Lanes::new()),
                calls: RefCell::default(),
                is_dead: Cell::new(false),
                next_call: Cell::new(1),
                peer: RefCell::default(),
                issued: RefCell::default(),
                fault,
            })
        };
        let (host, plugin) = (end(0), end(plugin));
        *host.peer.borrow_mut() = Rc::downgrade(&plugin);
        *plugin.peer.borrow_mut() = Rc::downgrade(&host);
        (host, plugin)
    }

    pub(crate) fn peer(&self) -> Rc<End> {
        self.peer.borrow().upgrade().expect("both ends live as long as the world")
    }

    pub(crate) fn next_call(&self) -> u64 {
        self.next_call.replace(self.next_call.get() + 1)
    }

    /// Writes values for the other side: its own go home, others are exported. Gives what the message has to hold.
    pub(crate) fn encode(self: &Rc<End>, values: &[(Name, Value)]) -> Result<(Values, Vec<Value>), String> {
        let (mut sent, mut holds, mut exported) = (Vec::new(), Vec::new(), Vec::new());
        for (name, value) in values {
            match value {
                Value::Held(handle) if Rc::ptr_eq(&handle.end, self) => {
                    sent.push((*name, Sent::Home(handle.id)));
                    if self.fault != Fault::ReleaseOvertakes {
                        holds.push(value.clone());
                    }
                }
                _ => match self.export(value) {
                    Ok(id) => {
                        exported.push(id);
                        self.note_issued(id, *name)?;
                        sent.push((*name, Sent::Function(id)));
                    }
                    Err(Full(held)) if held < MOST => {
                        return Err(format!("function {name} cannot be sent beside only {held} others"));
                    }
                    Err(Full(_)) => {
                        // The whole message is refused: what it has exported so far is taken back.
                        for id in exported.drain(..) {
                            self.release(id, 1)?;
                        }
                        return Ok((Vec::new(), Vec::new()));
                    }
                },
            }
        }
        Ok((sent, holds))
    }

    fn export(&self, value: &Value) -> Result<u64, Full> {
        let key = match value {
            Value::Own(name) => Key::Own(*name),
            Value::Held(handle) => Key::Foreign(handle.end.session, handle.id),
            Value::Forgotten(_) => return Err(Full(MOST)),
        };
        let thing = || match value {
            Value::Held(handle) if self.fault == Fault::ForgetForwarding => {
                Value::Forgotten(Rc::downgrade(handle))
            }
            value => value.clone(),
        };
        self.exports.borrow_mut().export(key, thing, MOST)
    }

    fn note_issued(&self, id: u64, name: Name) -> Result<(), String> {
        let mut issued = self.issued.borrow_mut();
        match issued.names.get(&id) {
            Some(known) if *known == name => Ok(()),
            Some(known) => {
                Err(format!("the ID {id:#x} of function {known} is used again for function {name}"))
            }
            None if id <= issued.last => Err(format!("the new ID {id:#x} is not above {:#x}", issued.last)),
            None => {
                issued.last = id;
                issued.names.insert(id, name);
                issued.ids.insert(name, id);
                Ok(())
            }
        }
    }

    /// The ID under which a function was sent last, if it ever was.
    pub(crate) fn last_id_of(&self, name: Name) -> Option<u64> {
        self.issued.borrow().ids.get(&name).copied()
    }

    /// Reads one reference. `refuse` says that nobody wants it: then there is no handle.
    pub(crate) fn decode(
        self: &Rc<End>,
        name: Name,
        sent: Sent,
        refuse: bool,
    ) -> Result<Option<Value>, String> {
        let value = match sent {
            Sent::Home(id) => {
                let own = self.exports.borrow().get(id).cloned();
                own.ok_or_else(|| format!("function {name} comes home as {id:#x} and is gone"))?
            }
            Sent::Function(id) => {
                let known = self.imports.borrow_mut().receive(id).map(Weak::upgrade);
                match known {
                    Some(Some(handle)) => Value::Held(handle),
                    Some(None) => return Err(format!("the handle of function {name} is dead and known")),
                    None if refuse => {
                        if self.fault != Fault::KeepRefused {
                            self.imports.borrow_mut().give_back(id);
                        }
                        return Ok(None);
                    }
                    None => {
                        let handle = Rc::new(Handle { end: self.clone(), id });
                        self.imports.borrow_mut().insert(id, Rc::downgrade(&handle));
                        Value::Held(handle)
                    }
                }
            }
        };
        value.check_is(name)?;
        Ok(Some(value))
    }

    /// What the other side gives back.
    pub(crate) fn release(&self, id: u64, count: u32) -> Result<(), String> {
        let mut given_back =
            self.exports.borrow_mut().release(id, count).map_err(|error| error.to_string())?;
        if self.fault == Fault::FlagForCount {
            while given_back.is_none() {
                given_back = self.exports.borrow_mut().release(id, 1).map_err(|error| error.to_string())?;
            }
        }
        drop(given_back);
        Ok(())
    }

    /// Sends what was dropped since the last time, as one message.
    pub(crate) fn flush(&self) {
        let dropped = self.imports.borrow_mut().take_dropped();
        if !dropped.is_empty() {
            let message = Message { body: Body::Release(dropped), holds: Vec::new() };
            self.out.borrow_mut().push(message, false);
        }
    }

    /// The process is gone: nothing is sent or served any more. Gives the calls that nobody will answer.
    pub(crate) fn die(&self) -> Vec<Pending> {
        self.is_dead.set(true);
        let lost = self.out.borrow_mut().take_all();
        drop(lost);
        let exported = self.exports.borrow_mut().take_all();
        drop(exported);
        std::mem::take(&mut *self.calls.borrow_mut()).into_values().collect()
    }

    /// Whether nothing is on its way from here.
    pub(crate) fn is_quiet(&self) -> bool {
        self.out.borrow().is_empty() && !self.imports.borrow().has_dropped() && self.calls.borrow().is_empty()
    }
}

impl Value {
    /// Follows the references to the owner, whose function must have this name. A process that is dead owns nothing.
    pub(crate) fn check_is(&self, name: Name) -> Result<(), String> {
        match self {
            Value::Own(own) if *own == name => Ok(()),
            Value::Own(own) => Err(format!("function {own} poses as function {name}")),
            Value::Forgotten(handle) => match handle.upgrade() {
                Some(handle) => Value::Held(handle).check_is(name),
                None => Err(format!("function {name} is not held for whom it was passed on to")),
            },
            Value::Held(handle) if handle.end.is_dead.get() => Ok(()),
            Value::Held(handle) => match handle.end.peer().exports.borrow().get(handle.id) {
                Some(value) => value.check_is(name),
                None => Err(format!("function {name} is held and was released by its owner")),
            },
        }
    }
}
