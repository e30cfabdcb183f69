//! Errors to MessagePack. They have more than what their class keeps, and nothing of it may keep them from being told.

use super::{Walk, Walked, value};
use crate::engine::{Thrown, Value};
use crate::session::Session;
use crate::{instances, stack, suggest, thrown};
use plughold_protocol::{limits, value as form};

/// Encodes what was thrown. Whatever it is, the result is a value.
pub(crate) fn thrown_value(session: &Session, thrown: &Thrown) -> Vec<u8> {
    let encoded = match is_instance(session, &thrown.0) {
        // Who hears of it wants to know what it was, not to hold it.
        true => None,
        false => value(session, "error", &thrown.0).ok(),
    };
    match encoded {
        Some(encoded) => encoded,
        None => {
            let text = session.kit.inspect(&thrown.0);
            thrown::plain("Error", &format!("thrown: {text}"), "")
        }
    }
}

impl Walk<'_> {
    /// An error gets through if there is room for its name, message and stack: what is not sendable of its own fields is
    /// left out.
    pub(super) fn error(&mut self, value: &Value) -> Walked {
        let start = self.out.length();
        let name = self.error_text(value, "name").unwrap_or_else(|| "Error".to_owned());
        let mut message = self.error_text(value, "message").unwrap_or_default();
        message.push_str(&suggest::explain(self.session, value));
        message.truncate(message.floor_char_boundary(limits::ERROR_TEXT));
        let stack = stack::reported(self.session, value);
        self.count(1)?;
        let mut fields = 0;
        for (name, text) in [("name", name), ("message", message), ("stack", stack)] {
            self.count(2)?;
            self.out.text(name)?;
            self.out.text(&text)?;
            fields += 1;
        }
        if let Some(code) = self.inherited(value, "code").filter(|code| !code.is_undefined()) {
            fields += usize::from(self.field("code", &code));
        }
        if let Some(cause) = self.inherited(value, "cause").filter(|cause| !cause.is_undefined())
            && self.causes < limits::CAUSES
        {
            self.causes += 1;
            fields += usize::from(self.field("cause", &cause));
            self.causes -= 1;
        }
        if let Some(errors) = value.own("errors").filter(Value::is_array) {
            fields += usize::from(self.field("errors", &errors));
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
                if name == "errors" && property.is_array() {
                    continue;
                }
                fields += usize::from(self.field(&name, &property));
            }
        }
        self.out.wrap_map(fields, start)?;
        Ok(self.out.wrap(form::ERROR, start)?)
    }

    fn error_text(&self, error: &Value, name: &str) -> Option<String> {
        thrown::text(&self.inherited(error, name)?, limits::ERROR_TEXT)
    }

    /// The property `name`, own or of a class, but not of all objects: those are not about errors. One that cannot be read
    /// is not there.
    fn inherited(&self, error: &Value, name: &str) -> Option<Value> {
        let is_exception = error.class_name().is_ok_and(|class| class == "DOMException");
        if is_exception && let Some(part) = self.session.kit.exception_part(error, name) {
            return Some(part);
        }
        instances::read(self.session, error, name).ok().flatten()
    }

    /// Adds a field if its value can be sent.
    fn field(&mut self, name: &str, value: &Value) -> bool {
        let (length, exported, depth, nodes) =
            (self.out.length(), self.exported.len(), self.above.len(), self.nodes);
        let signals = self.signals.as_ref().map_or(0, |signals| signals.len());
        if self.count(1).is_ok() && self.out.text(name).is_ok() && self.value(value).is_ok() {
            return true;
        }
        self.out.truncate(length);
        self.above.truncate(depth);
        self.nodes = nodes;
        if let Some(found) = &mut self.signals {
            found.truncate(signals);
        }
        self.take_back(exported);
        false
    }
}

/// Whether it would travel as a reference to an object.
fn is_instance(session: &Session, value: &Value) -> bool {
    let prototype = value.prototype().ok().filter(|_| value.class() == session.kit.object_class);
    prototype
        .is_some_and(|prototype| prototype.is_object() && prototype.address() != session.kit.object_prototype)
}
