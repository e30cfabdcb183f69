//! JavaScript values to MessagePack, straight from the engine, without a tree between.
//!
//! The walk goes no deeper than the session allows, so it may recurse. Functions get an event ID on the way; when the
//! walk fails, the IDs that it gave are taken back.

use crate::description::Description;
use crate::engine::remote::Handle;
use crate::engine::{Js, Kind, Value};
use crate::packed::Packed;
use crate::refusal::{self, KEY, Unsendable, Why};
use crate::session::Session;
use crate::{instances, streams};
use plughold_protocol::{limits, value as form};
use plughold_wire::scan;
use std::mem;

mod errors;

pub(crate) use errors::thrown_value;

/// The number of `DataView` in [`form::ARRAY_TYPES`].
const DATA_VIEW: u8 = 12;

/// The number of `ArrayBuffer` in [`form::ARRAY_TYPES`].
const ARRAY_BUFFER: u8 = 13;

/// Levels of a value inside of an extension: the extension's and the value's own.
const ENCLOSED: usize = 2;

/// Levels of an object by reference: the extension's, the description's, and that of a list of names.
const DESCRIBED: usize = 3;

/// The arguments of a call.
pub(crate) struct Arguments {
    /// One array value.
    pub(crate) bytes: Vec<u8>,
    /// The abort signals among them, with repetitions: each of them ends the call.
    pub(crate) signals: Vec<Value>,
    /// What comes home in them, alive until they are sent: its release has to stay behind them.
    _homes: Vec<Value>,
}

/// Encodes the arguments of a call.
pub(crate) fn arguments(session: &Session, arguments: &[Value]) -> Js<Arguments> {
    let (mut signals, mut homes) = (Vec::new(), Vec::new());
    let bytes = encode(session, "arguments", Some(&mut signals), |walk| {
        walk.above.push(0);
        walk.nodes += 1;
        walk.out.scalar(|out| out.array(arguments.len()))?;
        for (index, argument) in arguments.iter().enumerate() {
            walk.value(argument).map_err(|unsendable| unsendable.at_index(index))?;
        }
        homes = mem::take(&mut walk.homes);
        Ok(())
    })?;
    Ok(Arguments { bytes, signals, _homes: homes })
}

/// Encodes one value; `root` is its name in errors, such as `result`.
pub(crate) fn value(session: &Session, root: &str, value: &Value) -> Js<Vec<u8>> {
    encode(session, root, None, |walk| walk.value(value))
}

/// Encodes what a plugin leaves to its next generation: plain data, for nothing else outlives the process.
pub(crate) fn state(session: &Session, value: &Value) -> Js<Vec<u8>> {
    encode_within(session, "state", limits::STATE, None, |walk| {
        walk.is_plain = true;
        walk.value(value)
    })
}

/// Encodes a chunk of a stream: one value, of at most so many bytes.
pub(crate) fn chunk(session: &Session, value: &Value, most: usize) -> Js<Vec<u8>> {
    encode_within(session, "chunk", most, None, |walk| walk.value(value))
}

/// Takes back what an encoded value gave to the host: it will not be sent.
pub(crate) fn take_back(session: &Session, bytes: &[u8]) {
    // It was encoded within these bounds.
    let Ok(scan) = scan(bytes, &session.bounds()) else { return };
    for reference in scan.references {
        if matches!(reference.kind, form::FUNCTION | form::OBJECT) {
            take_back_one(session, reference.id);
        }
        if reference.kind == form::STREAM {
            streams::take_back(session, reference.id);
        }
    }
}

fn take_back_one(session: &Session, id: u64) {
    // It was just exported, so it is known. What was the last count of it is dropped while nothing is borrowed.
    let _known = session.exported.borrow_mut().release(id, 1);
}

fn encode(
    session: &Session,
    root: &str,
    signals: Option<&mut Vec<Value>>,
    walk_all: impl FnOnce(&mut Walk) -> Walked,
) -> Js<Vec<u8>> {
    let most = (session.limits.message as usize).saturating_sub(limits::ENVELOPE);
    encode_within(session, root, most, signals, walk_all)
}

fn encode_within(
    session: &Session,
    root: &str,
    most: usize,
    signals: Option<&mut Vec<Value>>,
    walk_all: impl FnOnce(&mut Walk) -> Walked,
) -> Js<Vec<u8>> {
    let out = Packed::new(session.take_buffer(), most);
    let (above, exported, homes) = (Vec::new(), Vec::new(), Vec::new());
    let is_plain = false;
    let mut walk = Walk { session, out, above, nodes: 0, exported, homes, causes: 0, signals, is_plain };
    let result = walk_all(&mut walk).and_then(|()| Ok(walk.out.check_message()?));
    if let Err(unsendable) = result {
        walk.take_back(0);
        session.give_buffer(walk.out.into_bytes());
        return Err(unsendable.into_thrown(root));
    }
    Ok(walk.out.into_bytes())
}

/// One walk over a value. It counts levels and nodes as the receiver's scan does.
struct Walk<'s> {
    session: &'s Session,
    /// What is encoded so far.
    out: Packed,
    /// Where the objects live that are being walked, outermost first; 0 for a level without an object of its own.
    above: Vec<usize>,
    nodes: u32,
    /// Event IDs that were given, and streams that were opened.
    exported: Vec<Given>,
    /// What comes home to the host: it must not be given back before the value is sent.
    homes: Vec<Value>,
    /// How many causes of errors are being walked.
    causes: usize,
    /// The abort signals so far; none where the value is not the arguments of a call.
    signals: Option<&'s mut Vec<Value>>,
    /// Whether nothing may travel that is a reference.
    is_plain: bool,
}

/// What a value gives to the host.
#[derive(Clone, Copy)]
enum Given {
    /// One count of a function or object.
    Reference(u64),
    /// A stream.
    Stream(u64),
}

type Walked = Result<(), Unsendable>;

impl Walk<'_> {
    fn value(&mut self, value: &Value) -> Walked {
        self.count(1)?;
        match value.kind() {
            Kind::Null => self.out.scalar(|out| out.nil())?,
            Kind::Undefined => self.out.extension(form::UNDEFINED, &[0])?,
            Kind::Bool(value) => self.out.scalar(|out| out.bool(value))?,
            Kind::Int(number) => self.out.scalar(|out| out.integer(i64::from(number)))?,
            Kind::Float(number) => self.float(number)?,
            Kind::String => self.out.string(&value.text()?)?,
            Kind::BigInt => {
                let payload = self.session.kit.bigint_payload(value)?;
                self.out.extension(form::BIGINT, &payload)?;
            }
            Kind::Symbol => return Err(no_copy("a symbol")),
            Kind::Object => self.object(value)?,
        }
        Ok(())
    }

    #[inline]
    fn count(&mut self, nodes: usize) -> Walked {
        let most = self.session.limits.nodes;
        if (most.saturating_sub(self.nodes) as usize) < nodes {
            return Err(Why::Bound(format!("more than {most} values")).into());
        }
        self.nodes += nodes as u32;
        Ok(())
    }

    fn float(&mut self, number: f64) -> Walked {
        let most = form::MAX_SAFE_INTEGER as f64;
        let is_whole = number.fract() == 0.0 && number.abs() <= most;
        let is_minus_zero = number == 0.0 && number.is_sign_negative();
        if is_whole && !is_minus_zero {
            self.out.scalar(|out| out.integer(number as i64))?;
        } else {
            self.out.scalar(|out| out.float(number))?;
        }
        Ok(())
    }

    fn object(&mut self, value: &Value) -> Walked {
        if value.class() == self.session.kit.object_class {
            return self.plain_or_instance(value);
        }
        if value.is_array() {
            return self.array(value);
        }
        if value.is_function() {
            return self.function(value);
        }
        let out = &mut self.out;
        match value.array_type() {
            Some(0) => return Ok(value.with_bytes(|bytes| out.bytes(bytes))??),
            Some(number) => {
                let write = |bytes: &[u8]| out.extension_with(form::TYPED_ARRAY, number, bytes);
                return Ok(value.with_bytes(write)??);
            }
            None => {}
        }
        if value.is_array_buffer() {
            let write = |bytes: &[u8]| out.extension_with(form::TYPED_ARRAY, ARRAY_BUFFER, bytes);
            return Ok(value.with_bytes(write)??);
        }
        if let Some(handle) = value.handle() {
            return self.home(value, handle);
        }
        if value.is_date() {
            let milliseconds = self.session.kit.milliseconds_of(value)?;
            if milliseconds.is_nan() {
                return Err(no_copy("an invalid Date"));
            }
            return Ok(self.out.extension(form::TIMESTAMP, &form::timestamp(milliseconds as i64))?);
        }
        self.of_class(value, &value.class_name()?)
    }

    /// An object that the engine has a name for.
    fn of_class(&mut self, value: &Value, class: &str) -> Walked {
        match class {
            "Error" | "DOMException" => self.nested(value, ENCLOSED, |walk| walk.error(value)),
            "Map" => self.parts_of(value, form::MAP),
            "Set" => self.parts_of(value, form::SET),
            "RegExp" => self.parts_of(value, form::REGEXP),
            "DataView" => self.view(value),
            "AsyncGenerator" => self.stream(value),
            "Boolean" | "Number" | "String" | "BigInt" => {
                let primitive = self.session.kit.unboxed(value, class)?;
                self.nodes -= 1;
                self.value(&primitive)
            }
            "Arguments" => self.nested(value, 1, |walk| walk.properties(value)),
            "Proxy" if self.session.kit.is_array(value)? => self.array(value),
            // A module's namespace is an object of the engine's own kind.
            "Proxy" | "Object" | "Module" => self.plain_or_instance(value),
            class => Err(Why::NoCopy(refusal::words_for(class)).into()),
        }
    }

    /// Walks an object's inside, which is so many levels deeper, unless it is inside itself or too deep.
    fn nested(&mut self, value: &Value, levels: usize, inside: impl FnOnce(&mut Self) -> Walked) -> Walked {
        let address = value.address();
        if self.above.contains(&address) {
            return Err(Why::Ancestor.into());
        }
        let depth = self.above.len();
        self.check_depth(levels)?;
        self.above.push(address);
        self.above.resize(depth + levels, 0);
        let result = inside(self);
        self.above.truncate(depth);
        result
    }

    /// Refuses what travels as a reference where there may be none.
    fn check_mortal(&self, what: &'static str) -> Walked {
        if self.is_plain { Err(Why::Mortal(what).into()) } else { Ok(()) }
    }

    fn check_depth(&self, levels: usize) -> Walked {
        let most = self.session.limits.depth;
        if (most as usize) < self.above.len() + levels {
            return Err(Why::Depth(most).into());
        }
        Ok(())
    }

    fn plain_or_instance(&mut self, value: &Value) -> Walked {
        let prototype = value.prototype()?;
        let is_plain = match prototype.kind() {
            Kind::Object => prototype.address() == self.session.kit.object_prototype,
            _ => true,
        };
        if streams::is_source(self.session, value, is_plain)? {
            return self.stream(value);
        }
        match is_plain {
            true => self.nested(value, 1, |walk| walk.properties(value)),
            false => self.instance(value),
        }
    }

    /// An instance of a class stays where it is: what travels is a reference to it, with what it says of itself.
    fn instance(&mut self, value: &Value) -> Walked {
        if self.session.kit.is_abort_signal(value)? {
            return self.signal(value);
        }
        self.check_mortal("an instance of a class")?;
        self.check_depth(DESCRIBED)?;
        let Description { class, methods, accessors, .. } = instances::describe(self.session, value)?;
        self.count(4 + methods.len() + accessors.len())?;
        let id = self.export(value)?;
        let start = self.out.length();
        self.out.raw(&id.to_le_bytes())?;
        self.out.scalar(|out| out.array(3))?;
        self.out.text(&class)?;
        for names in [methods, accessors] {
            self.out.scalar(|out| out.array(names.len()))?;
            for name in names {
                self.out.text(&name)?;
            }
        }
        Ok(self.out.wrap(form::OBJECT, start)?)
    }

    /// A signal ends the call in whose arguments it stands, and has no other use on the other side.
    fn signal(&mut self, value: &Value) -> Walked {
        let Some(signals) = &mut self.signals else {
            return Err(no_copy("an AbortSignal outside of the arguments of a call"));
        };
        signals.push(value.clone());
        Ok(self.out.extension(form::SIGNAL, &[0])?)
    }

    fn properties(&mut self, value: &Value) -> Walked {
        let keys = value.keys()?;
        self.count(keys.len())?;
        self.out.scalar(|out| out.map(keys.len()))?;
        for key in keys.iter() {
            let name = key.text()?;
            self.out.string(&name)?;
            let property = value.get_key(&key)?;
            self.value(&property).map_err(|unsendable| unsendable.at_key(&name.cut(KEY)))?;
        }
        Ok(())
    }

    fn array(&mut self, value: &Value) -> Walked {
        self.nested(value, 1, |walk| {
            let length = value.length()?;
            let most = walk.session.limits.nodes;
            let length = u32::try_from(length).ok().filter(|length| *length <= most);
            let Some(length) = length else {
                return Err(Why::Bound(format!("more than {most} values")).into());
            };
            walk.out.scalar(|out| out.array(length as usize))?;
            for index in 0..length {
                let element = value.get_index(index)?;
                walk.value(&element).map_err(|unsendable| unsendable.at_index(index as usize))?;
            }
            Ok(())
        })
    }

    /// A source of chunks is read by the host, as far as it wants.
    fn stream(&mut self, value: &Value) -> Walked {
        self.check_mortal("a stream")?;
        let id = streams::open(self.session, value)?;
        self.exported.push(Given::Stream(id));
        Ok(self.out.extension(form::STREAM, &id.to_le_bytes())?)
    }

    fn function(&mut self, value: &Value) -> Walked {
        if let Some(handle) = value.handle() {
            return self.home(value, handle);
        }
        self.check_mortal("a function")?;
        let id = self.export(value)?;
        Ok(self.out.extension(form::FUNCTION, &id.to_le_bytes())?)
    }

    /// What is the host's comes home to it.
    fn home(&mut self, value: &Value, handle: &Handle) -> Walked {
        self.check_mortal("a reference to the application")?;
        // A getter that is still to be run may drop it.
        self.homes.push(value.clone());
        Ok(self.out.extension(form::HOME, &handle.id.to_le_bytes())?)
    }

    /// Gives the host one count of a function or object.
    fn export(&mut self, value: &Value) -> Result<u64, Unsendable> {
        let most = self.session.limits.references;
        let exported = self.session.exported.borrow_mut().export(value, most);
        let Ok(id) = exported else {
            let words = format!("the host holds {most} functions and objects of this plugin already");
            return Err(Why::Bound(words).into());
        };
        self.exported.push(Given::Reference(id));
        Ok(id)
    }

    fn view(&mut self, value: &Value) -> Walked {
        let (buffer, start, length) = self.session.kit.view_parts(value)?;
        let out = &mut self.out;
        let write = |bytes: &[u8]| {
            let seen = bytes.get(start..start.saturating_add(length)).unwrap_or_default();
            out.extension_with(form::TYPED_ARRAY, DATA_VIEW, seen)
        };
        Ok(buffer.with_bytes(write)??)
    }

    /// Maps, sets and regular expressions are arrays of their parts inside an extension.
    fn parts_of(&mut self, value: &Value, kind: i8) -> Walked {
        let start = self.out.length();
        self.nested(value, 1, |walk| {
            let parts = walk.session.kit.parts_of(value)?;
            walk.count(1)?;
            walk.array(&parts)
        })?;
        Ok(self.out.wrap(kind, start)?)
    }

    /// Takes back the event IDs that were given after the first `kept`.
    fn take_back(&mut self, kept: usize) {
        for given in self.exported.drain(kept..) {
            match given {
                Given::Reference(id) => take_back_one(self.session, id),
                Given::Stream(id) => streams::take_back(self.session, id),
            }
        }
    }
}

fn no_copy(what: &str) -> Unsendable {
    Why::NoCopy(refusal::no_copy(what)).into()
}
