//! JavaScript values to MessagePack, straight from the engine, without a tree between.
//!
//! The walk goes no deeper than the session allows, so it may recurse. Functions get an event ID on the way; when the
//! walk fails, the IDs that it gave are taken back.

use crate::engine::{Js, Kind, Thrown, Value};
use crate::packed::Packed;
use crate::refusal::{KEY, Unsendable, Why};
use crate::session::Session;
use crate::{stack, suggest, thrown};
use plughold_protocol::{limits, value as form};

/// Encodes the arguments of a call, as one array value.
pub(crate) fn arguments(session: &Session, arguments: &[Value]) -> Js<Vec<u8>> {
    encode(session, "arguments", |walk| {
        walk.above.push(0);
        walk.out.scalar(|out| out.array(arguments.len()))?;
        for (index, argument) in arguments.iter().enumerate() {
            walk.value(argument).map_err(|unsendable| unsendable.at_index(index))?;
        }
        Ok(())
    })
}

/// Encodes one value; `root` is its name in errors, such as `result`.
pub(crate) fn value(session: &Session, root: &str, value: &Value) -> Js<Vec<u8>> {
    encode(session, root, |walk| walk.value(value))
}

fn encode(
    session: &Session,
    root: &str,
    walk_all: impl FnOnce(&mut Walk) -> Result<(), Unsendable>,
) -> Js<Vec<u8>> {
    let most = (session.limits.message as usize).saturating_sub(limits::ENVELOPE);
    let out = Packed::new(session.take_buffer(), most);
    let mut walk = Walk { session, out, above: Vec::new(), nodes: 0, exported: Vec::new(), causes: 0 };
    let result = walk_all(&mut walk).and_then(|()| Ok(walk.out.check_message()?));
    if let Err(unsendable) = result {
        walk.take_back(0);
        session.give_buffer(walk.out.into_bytes());
        return Err(unsendable.into_thrown(root));
    }
    Ok(walk.out.into_bytes())
}

/// One walk over a value.
struct Walk<'s> {
    session: &'s Session,
    /// What is encoded so far.
    out: Packed,
    /// Where the objects live that are being walked, outermost first; an array of arguments counts as one.
    above: Vec<usize>,
    nodes: u32,
    /// Event IDs that were given.
    exported: Vec<u64>,
    /// How many causes of errors are being walked.
    causes: usize,
}

type Walked = Result<(), Unsendable>;

impl Walk<'_> {
    fn value(&mut self, value: &Value) -> Walked {
        self.nodes += 1;
        if self.session.limits.nodes < self.nodes {
            return Err(Why::Bound(format!("more than {} values", self.session.limits.nodes)).into());
        }
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
            return Ok(value.with_bytes(|bytes| out.bytes(bytes))??);
        }
        if value.is_date() {
            let milliseconds = self.session.kit.milliseconds_of(value)?;
            if milliseconds.is_nan() {
                return Err(no_copy("an invalid Date"));
            }
            return Ok(self.out.extension(form::TIMESTAMP, &form::timestamp(milliseconds as i64))?);
        }
        let class = value.class_name()?;
        match class.as_str() {
            "Error" | "DOMException" => self.nested(value, |walk| walk.error(value)),
            "Map" => self.parts_of(value, form::MAP),
            "Set" => self.parts_of(value, form::SET),
            "RegExp" => self.parts_of(value, form::REGEXP),
            "Arguments" => self.nested(value, |walk| walk.properties(value)),
            "Proxy" if self.session.kit.is_array(value)? => self.array(value),
            // A module's namespace is an object of the engine's own kind.
            "Proxy" | "Object" => self.plain_or_instance(value),
            _ => Err(instance_of(value, &class)),
        }
    }

    /// Walks an object's inside, unless it is inside itself or too deep.
    fn nested(&mut self, value: &Value, inside: impl FnOnce(&mut Self) -> Walked) -> Walked {
        let address = value.address();
        if self.above.contains(&address) {
            return Err(Why::Ancestor.into());
        }
        let most = self.session.limits.depth;
        if most as usize <= self.above.len() {
            return Err(Why::Depth(most).into());
        }
        self.above.push(address);
        let result = inside(self);
        self.above.pop();
        result
    }

    fn plain_or_instance(&mut self, value: &Value) -> Walked {
        let prototype = value.prototype()?;
        let is_plain = match prototype.kind() {
            Kind::Object => prototype.address() == self.session.kit.object_prototype,
            _ => true,
        };
        if is_plain {
            return self.nested(value, |walk| walk.properties(value));
        }
        Err(instance_of(value, "Object"))
    }

    fn properties(&mut self, value: &Value) -> Walked {
        let keys = value.keys()?;
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
        self.nested(value, |walk| {
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

    fn function(&mut self, value: &Value) -> Walked {
        let most = self.session.limits.references;
        let exported = self.session.exported.borrow_mut().export(value, most);
        let Ok(id) = exported else {
            return Err(Why::Bound(format!("the host holds {most} functions of this plugin already")).into());
        };
        self.exported.push(id);
        Ok(self.out.extension(form::FUNCTION, &id.to_le_bytes())?)
    }

    /// Maps, sets and regular expressions are arrays of their parts inside an extension.
    fn parts_of(&mut self, value: &Value, kind: i8) -> Walked {
        let start = self.out.length();
        self.nested(value, |walk| {
            let parts = walk.session.kit.parts_of(value)?;
            walk.array(&parts)
        })?;
        Ok(self.out.wrap(kind, start)?)
    }

    /// An error gets through if there is room for its name, message and stack: what is not sendable of its own fields is
    /// left out.
    fn error(&mut self, value: &Value) -> Walked {
        let start = self.out.length();
        let name = thrown::text_of(value, "name", limits::ERROR_TEXT).unwrap_or_else(|| "Error".to_owned());
        let mut message = thrown::text_of(value, "message", limits::ERROR_TEXT).unwrap_or_default();
        message.push_str(&suggest::explain(self.session, value));
        message.truncate(message.floor_char_boundary(limits::ERROR_TEXT));
        let stack = stack::of(self.session, value);
        let mut fields = 0;
        for (name, text) in [("name", name), ("message", message), ("stack", stack)] {
            self.out.text(name)?;
            self.out.text(&text)?;
            fields += 1;
        }
        if let Some(code) = value.get("code").ok().filter(|code| !code.is_undefined()) {
            fields += usize::from(self.field("code", &code));
        }
        if let Some(cause) = value.get("cause").ok().filter(|cause| !cause.is_undefined())
            && self.causes < limits::CAUSES
        {
            self.causes += 1;
            fields += usize::from(self.field("cause", &cause));
            self.causes -= 1;
        }
        if let Ok(keys) = value.keys() {
            for key in keys.iter() {
                let Ok(name) = key.text() else { continue };
                let is_long = limits::NAME < name.len();
                let name = name.cut(limits::NAME);
                if is_long || matches!(&*name, "name" | "message" | "stack" | "code" | "cause") {
                    continue;
                }
                let Ok(property) = value.get_key(&key) else { continue };
                fields += usize::from(self.field(&name, &property));
            }
        }
        self.out.wrap_map(fields, start)?;
        Ok(self.out.wrap(form::ERROR, start)?)
    }

    /// Adds a field if its value can be sent.
    fn field(&mut self, name: &str, value: &Value) -> bool {
        let (length, exported, depth) = (self.out.length(), self.exported.len(), self.above.len());
        if self.out.text(name).is_ok() && self.value(value).is_ok() {
            return true;
        }
        self.out.truncate(length);
        self.above.truncate(depth);
        self.take_back(exported);
        false
    }

    /// Takes back the event IDs that were given after the first `kept`.
    fn take_back(&mut self, kept: usize) {
        for id in self.exported.drain(kept..) {
            // It was just exported, so it is known.
            let _known = self.session.exported.borrow_mut().release(id, 1);
        }
    }
}

fn no_copy(what: &str) -> Unsendable {
    Why::NoCopy(format!("{what} has no copy")).into()
}

/// Names the class, as far as its constructor tells, else the engine's own word.
fn instance_of(value: &Value, class: &str) -> Unsendable {
    let constructor = value.get("constructor").ok().filter(Value::is_object);
    let name = constructor.and_then(|constructor| thrown::text_of(&constructor, "name", limits::NAME));
    match name.filter(|name| !name.is_empty()) {
        Some(name) if name == "Object" => {
            Why::NoCopy("an object with a prototype of its own has no copy and no reference yet".to_owned())
        }
        Some(name) => Why::NoCopy(format!("an instance of {name} has no copy and no reference yet")),
        None => Why::NoCopy(format!("an instance of {class} has no copy and no reference yet")),
    }
    .into()
}

/// Encodes what was thrown. Whatever it is, the result is a value.
pub(crate) fn thrown_value(session: &Session, thrown: &Thrown) -> Vec<u8> {
    match value(session, "error", &thrown.0) {
        Ok(encoded) => encoded,
        Err(_) => {
            let text = session.kit.inspect(&thrown.0);
            thrown::plain("Error", &format!("thrown: {text}"), "")
        }
    }
}
