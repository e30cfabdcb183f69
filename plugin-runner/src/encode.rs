//! JavaScript values to MessagePack, straight from the engine, without a tree between.
//!
//! The walk goes no deeper than the session allows, so it may recurse. Functions get an event ID on the way; when the
//! walk fails, the IDs that it gave are taken back.

use crate::engine::{Js, Kind, Thrown, Value};
use crate::refusal::{Unsendable, Why};
use crate::session::Session;
use crate::{stack, suggest, thrown};
use plughold_protocol::pack::Writer;
use plughold_protocol::{limits, value as form};

/// Encodes the arguments of a call, as one array value.
pub(crate) fn arguments(session: &Session, arguments: &[Value]) -> Js<Vec<u8>> {
    encode(session, "arguments", |walk, out| {
        walk.above.push(0);
        Writer::new(out).array(arguments.len());
        for (index, argument) in arguments.iter().enumerate() {
            walk.value(argument, out).map_err(|unsendable| unsendable.at_index(index))?;
        }
        Ok(())
    })
}

/// Encodes one value; `root` is its name in errors, such as `result`.
pub(crate) fn value(session: &Session, root: &str, value: &Value) -> Js<Vec<u8>> {
    encode(session, root, |walk, out| walk.value(value, out))
}

fn encode(
    session: &Session,
    root: &str,
    walk_all: impl FnOnce(&mut Walk, &mut Vec<u8>) -> Result<(), Unsendable>,
) -> Js<Vec<u8>> {
    let mut walk = Walk { session, above: Vec::new(), nodes: 0, exported: Vec::new(), causes: 0 };
    let mut out = session.take_buffer();
    match walk_all(&mut walk, &mut out) {
        Ok(()) => Ok(out),
        Err(unsendable) => {
            walk.take_back(0);
            session.give_buffer(out);
            Err(unsendable.into_thrown(root))
        }
    }
}

/// One walk over a value.
struct Walk<'s> {
    session: &'s Session,
    /// Where the objects live that are being walked, outermost first; an array of arguments counts as one.
    above: Vec<usize>,
    nodes: u32,
    /// Event IDs that were given.
    exported: Vec<u64>,
    /// How many causes of errors are being walked.
    causes: usize,
}

impl Walk<'_> {
    fn value(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        self.nodes += 1;
        if self.session.limits.nodes < self.nodes {
            return Err(Why::Bound(format!("more than {} values", self.session.limits.nodes)).into());
        }
        let mut writer = Writer::new(out);
        match value.kind() {
            Kind::Null => writer.nil(),
            Kind::Undefined => writer.extension(form::UNDEFINED, &[0]),
            Kind::Bool(value) => writer.bool(value),
            Kind::Int(number) => writer.integer(i64::from(number)),
            Kind::Float(number) => float(&mut writer, number),
            Kind::String => {
                writer.text(&value.text()?.to_str());
                self.check_length(out)?;
            }
            Kind::BigInt => {
                let payload = self.session.kit.bigint_payload(value)?;
                writer.extension(form::BIGINT, &payload);
            }
            Kind::Symbol => return Err(no_copy("a symbol")),
            Kind::Object => self.object(value, out)?,
        }
        Ok(())
    }

    fn check_length(&self, out: &[u8]) -> Result<(), Unsendable> {
        let most = self.session.limits.message as usize;
        if most < out.len() {
            return Err(Why::Bound(format!("more than {most} bytes")).into());
        }
        Ok(())
    }

    fn object(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        if value.class() == self.session.kit.object_class {
            return self.plain_or_instance(value, out);
        }
        if value.is_array() {
            return self.array(value, out);
        }
        if value.is_function() {
            return self.function(value, out);
        }
        let mut writer = Writer::new(out);
        match value.array_type() {
            Some(0) => {
                value.with_bytes(|bytes| writer.bytes(bytes))?;
                return self.check_length(out);
            }
            Some(number) => {
                let payload = value.with_bytes(|bytes| [&[number], bytes].concat())?;
                writer.extension(form::TYPED_ARRAY, &payload);
                return self.check_length(out);
            }
            None => {}
        }
        if value.is_array_buffer() {
            value.with_bytes(|bytes| writer.bytes(bytes))?;
            return self.check_length(out);
        }
        if value.is_date() {
            let milliseconds = self.session.kit.milliseconds_of(value)?;
            if milliseconds.is_nan() {
                return Err(no_copy("an invalid Date"));
            }
            writer.extension(form::TIMESTAMP, &form::timestamp(milliseconds as i64));
            return Ok(());
        }
        let class = value.class_name()?;
        match class.as_str() {
            "Error" | "DOMException" => self.nested(value, |walk| walk.error(value, out)),
            "Map" => self.parts_of(value, form::MAP, out),
            "Set" => self.parts_of(value, form::SET, out),
            "RegExp" => self.parts_of(value, form::REGEXP, out),
            "Arguments" => self.nested(value, |walk| walk.properties(value, out)),
            "Proxy" if self.session.kit.is_array(value)? => self.array(value, out),
            // A module's namespace is an object of the engine's own kind.
            "Proxy" | "Object" => self.plain_or_instance(value, out),
            _ => Err(instance_of(value, &class)),
        }
    }

    /// Walks an object's inside, unless it is inside itself or too deep.
    fn nested(
        &mut self,
        value: &Value,
        inside: impl FnOnce(&mut Self) -> Result<(), Unsendable>,
    ) -> Result<(), Unsendable> {
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

    fn plain_or_instance(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        let prototype = value.prototype()?;
        let is_plain = match prototype.kind() {
            Kind::Object => prototype.address() == self.session.kit.object_prototype,
            _ => true,
        };
        if is_plain {
            return self.nested(value, |walk| walk.properties(value, out));
        }
        Err(instance_of(value, "Object"))
    }

    fn properties(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        let keys = value.keys()?;
        Writer::new(out).map(keys.len());
        for key in keys.iter() {
            let name = key.text()?;
            let name = name.to_str();
            Writer::new(out).text(&name);
            let property = value.get_key(&key)?;
            self.value(&property, out).map_err(|unsendable| unsendable.at_key(&name))?;
        }
        Ok(())
    }

    fn array(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        self.nested(value, |walk| {
            let length = value.length()?;
            let most = walk.session.limits.nodes;
            let length = u32::try_from(length).ok().filter(|length| *length <= most);
            let Some(length) = length else {
                return Err(Why::Bound(format!("more than {most} values")).into());
            };
            Writer::new(out).array(length as usize);
            for index in 0..length {
                let element = value.get_index(index)?;
                walk.value(&element, out).map_err(|unsendable| unsendable.at_index(index as usize))?;
            }
            Ok(())
        })
    }

    fn function(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        let most = self.session.limits.references;
        let exported = self.session.exported.borrow_mut().export(value, most);
        let Some(id) = exported else {
            return Err(Why::Bound(format!("the host holds {most} functions of this plugin already")).into());
        };
        self.exported.push(id);
        Writer::new(out).extension(form::FUNCTION, &id.to_le_bytes());
        Ok(())
    }

    /// Maps, sets and regular expressions are arrays of their parts inside an extension.
    fn parts_of(&mut self, value: &Value, kind: i8, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        let mut payload = Vec::new();
        self.nested(value, |walk| {
            let parts = walk.session.kit.parts_of(value)?;
            walk.array(&parts, &mut payload)
        })?;
        Writer::new(out).extension(kind, &payload);
        self.check_length(out)
    }

    /// An error always gets through: what is not sendable of its own fields is left out.
    fn error(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Unsendable> {
        let mut payload = Vec::new();
        let mut fields = 0;
        let mut text = |name: &str, text: &str, payload: &mut Vec<u8>| {
            let text = &text[..text.floor_char_boundary(limits::ERROR_TEXT)];
            Writer::new(payload).text(name);
            Writer::new(payload).text(text);
            fields += 1;
        };
        text("name", &thrown::text_of(value, "name").unwrap_or_else(|| "Error".to_owned()), &mut payload);
        let mut message = thrown::text_of(value, "message").unwrap_or_default();
        message.push_str(&suggest::explain(self.session, value));
        text("message", &message, &mut payload);
        text("stack", &stack::of(self.session, value), &mut payload);

        if let Some(code) = value.get("code").ok().filter(|code| !code.is_undefined()) {
            fields += usize::from(self.field("code", &code, &mut payload));
        }
        if let Some(cause) = value.get("cause").ok().filter(|cause| !cause.is_undefined())
            && self.causes < limits::CAUSES
        {
            self.causes += 1;
            fields += usize::from(self.field("cause", &cause, &mut payload));
            self.causes -= 1;
        }
        if let Ok(keys) = value.keys() {
            for key in keys.iter() {
                let Ok(name) = key.text() else { continue };
                let name = name.to_str();
                if matches!(&*name, "name" | "message" | "stack" | "code" | "cause") {
                    continue;
                }
                let Ok(property) = value.get_key(&key) else { continue };
                fields += usize::from(self.field(&name, &property, &mut payload));
            }
        }
        let mut map = Vec::with_capacity(payload.len() + 5);
        Writer::new(&mut map).map(fields);
        map.extend_from_slice(&payload);
        Writer::new(out).extension(form::ERROR, &map);
        self.check_length(out)
    }

    /// Adds a field if its value can be sent.
    fn field(&mut self, name: &str, value: &Value, out: &mut Vec<u8>) -> bool {
        let (length, exported, depth) = (out.len(), self.exported.len(), self.above.len());
        Writer::new(out).text(name);
        if self.value(value, out).is_ok() {
            return true;
        }
        out.truncate(length);
        self.above.truncate(depth);
        self.take_back(exported);
        false
    }

    /// Takes back the event IDs that were given after the first `kept`.
    fn take_back(&mut self, kept: usize) {
        let mut exported = self.session.exported.borrow_mut();
        for id in self.exported.drain(kept..) {
            // It was just exported, so it is known.
            let _known = exported.release(id, 1);
        }
    }
}

fn float(writer: &mut Writer, number: f64) {
    let most = form::MAX_SAFE_INTEGER as f64;
    let is_whole = number.fract() == 0.0 && number.abs() <= most;
    let is_minus_zero = number == 0.0 && number.is_sign_negative();
    if is_whole && !is_minus_zero { writer.integer(number as i64) } else { writer.float(number) }
}

fn no_copy(what: &str) -> Unsendable {
    Why::NoCopy(format!("{what} has no copy")).into()
}

/// Names the class, as far as its constructor tells, else the engine's own word.
fn instance_of(value: &Value, class: &str) -> Unsendable {
    let constructor = value.get("constructor").ok().filter(Value::is_object);
    let name = constructor.and_then(|constructor| thrown::text_of(&constructor, "name"));
    match name.filter(|name| !name.is_empty() && name.len() <= limits::NAME) {
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
