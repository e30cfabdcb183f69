//! From one plugin's bytes to another's, without decoding: only the references in them are written anew.
//!
//! What is the receiver's own goes home; everything else is exported to it, and the host passes calls of it on.

use crate::api::{Invocation, Running};
use crate::callback::{Call, Target};
use crate::live::Thing;
use crate::session::{ExportTable, Exported, Session};
use crate::stream::relay;
use crate::value::{EncodeError, Encoded, Incoming, Scope, Thrown};
use plughold_protocol::pack::{PackError, Reader, Token, Writer};
use plughold_protocol::{limits, value};
use plughold_wire::{Bounds, scan};
use std::borrow::Cow;
use std::future::ready;
use std::sync::Arc;

/// Passes a call of one plugin on to another one: its arguments, its result, its end. The plugin's cancellation and
/// deadline hold for it, as for every call that is made on behalf of another.
pub(crate) fn call(
    to: &Arc<Session>,
    target: Target,
    invocation: Invocation,
    args: Incoming,
) -> Result<Running, Thrown> {
    let encoded = rewrite(args, to.exports()).map_err(|error| Thrown::new("TypeError", error.to_string()))?;
    if invocation.call.is_none() {
        let sent = to.notify(target, encoded).map(|()| Encoded::default());
        return Ok(Box::pin(ready(sent.map_err(|error| error.to_thrown().to_value()))));
    }
    let back = invocation.session.exports().clone();
    let call = Call::<()>::prepared(to.clone(), target, encoded, Some(invocation.link.clone()));
    Ok(Box::pin(async move {
        let answer = call.raw().await.map_err(|error| error.to_thrown().to_value())?;
        if answer.is_thrown() {
            return Err(without_references(&answer.into_parts().0).into_owned());
        }
        rewrite(answer, &back).map_err(|error| {
            Thrown::new("TypeError", format!("the result cannot be sent: {error}")).to_value()
        })
    }))
}

/// The value as the plugin with this table has to get it.
///
/// In place where that is possible: only an object that is introduced to another plugin takes more room than before.
pub(crate) fn rewrite(value: Incoming, to: &Arc<ExportTable>) -> Result<Encoded, EncodeError> {
    let (mut bytes, scope) = value.into_parts();
    if scope.is_empty() {
        return Ok(Encoded { bytes, ..Encoded::default() });
    }
    let mut rewriting = Rewriting { to, scope: &scope, edits: Vec::new(), encoded: Encoded::default() };
    each_reference(&bytes, |kind, payload, at| rewriting.edit(kind, payload, at))?;
    let Rewriting { edits, mut encoded, .. } = rewriting;
    if edits.iter().all(|edit| edit.length == edit.payload.len()) {
        edits.iter().for_each(|edit| edit.make(&mut bytes));
        encoded.bytes = bytes;
    } else {
        encoded.bytes = copied(&bytes, &edits)?;
        // It has become more than was scanned, and its receiver has the same bounds.
        scan(&encoded.bytes, &Bounds::default()).map_err(|error| EncodeError::Value(error.to_string()))?;
    }
    Ok(encoded)
}

/// What was encoded for one plugin as another has to get it: that one has taken the place of the first. References that the
/// first no longer holds, because it has ended, are an error.
pub(crate) fn readdress(
    encoded: Encoded,
    from: &Arc<ExportTable>,
    to: &Arc<ExportTable>,
) -> Result<Encoded, EncodeError> {
    if from.session() == to.session() || (encoded.exports.is_empty() && encoded.holds.is_empty()) {
        return Ok(encoded);
    }
    // What it holds and exports stays so until all is held and exported anew.
    let Encoded { mut bytes, holds, exports, streams, .. } = encoded;
    let mut placed = Encoded { streams, ..Encoded::default() };
    let mut edits = Vec::new();
    each_reference(&bytes, |kind, payload, at| {
        if kind == value::STREAM {
            // A stream that was not sent yet is nobody's.
            return Ok(());
        }
        let id = value::reference_id(kind, payload);
        let thing = match kind {
            value::HOME => {
                let home = holds.iter().find(|reference| Some(reference.id()) == id);
                home.map(|reference| Thing::Theirs(reference.clone()))
            }
            _ => id.and_then(|id| from.get(id)),
        };
        let gone = || EncodeError::Value("a function or object for a process that has ended".to_owned());
        let (kind, new) = placed.place(&thing.ok_or_else(gone)?, to)?;
        edits.push(Edit { at, length: payload.len(), kind, payload: new });
        Ok(())
    })?;
    drop((holds, exports));
    if edits.iter().all(|edit| edit.length == edit.payload.len()) {
        edits.iter().for_each(|edit| edit.make(&mut bytes));
    } else {
        bytes = copied(&bytes, &edits)?;
    }
    Ok(Encoded { bytes, ..placed })
}

/// What was thrown, with `undefined` for each reference in it: an error is kept, shown and thrown on, and nobody would
/// know when to release them.
pub(super) fn without_references(thrown: &[u8]) -> Cow<'_, [u8]> {
    let mut edits = Vec::new();
    let found = each_reference(thrown, |_, payload, at| {
        edits.push(Edit { at, length: payload.len(), kind: value::UNDEFINED, payload: vec![0] });
        Ok(())
    });
    let rewritten = match found {
        Ok(()) if edits.is_empty() => return Cow::Borrowed(thrown),
        found => found.and_then(|()| copied(thrown, &edits)),
    };
    // It was scanned: it can be walked.
    Cow::Owned(rewritten.unwrap_or_else(|_| vec![0xc0]))
}

fn copied(bytes: &[u8], edits: &[Edit]) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut copy = Copy { reader: Reader::new(bytes), edits: edits.iter().peekable() };
    copy.value(&mut out).map_err(|error| EncodeError::Value(error.to_string()))?;
    Ok(out)
}

/// Visits the references of a scanned value: kind, payload, and where that stands. The walk is flat: arrays and maps are
/// heads before their elements, and whatever holds a value is gone into.
fn each_reference(
    bytes: &[u8],
    mut visit: impl FnMut(i8, &[u8], usize) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let mut reader = Reader::new(bytes);
    while !reader.is_empty() {
        let token = reader.token().map_err(|error| EncodeError::Value(error.to_string()))?;
        let Token::Extension(kind, payload) = token else { continue };
        let at = reader.position() - payload.len();
        if value::is_reference(kind) {
            visit(kind, payload, at)?;
        } else if let Some(offset) = value::value_offset(kind) {
            reader.seek(at + offset);
        }
    }
    Ok(())
}

/// One reference that is written anew.
#[derive(Debug)]
struct Edit {
    /// Where its payload stands, and how long that is.
    at: usize,
    length: usize,
    kind: i8,
    payload: Vec<u8>,
}

impl Edit {
    /// The kind stands right before the payload in every form of an extension value.
    fn make(&self, bytes: &mut [u8]) {
        if let Some([kind, payload @ ..]) = bytes.get_mut(self.at - 1..self.at + self.length) {
            *kind = self.kind as u8;
            payload.copy_from_slice(&self.payload);
        }
    }
}

struct Rewriting<'a> {
    to: &'a Arc<ExportTable>,
    scope: &'a Scope,
    edits: Vec<Edit>,
    encoded: Encoded,
}

impl Rewriting<'_> {
    fn edit(&mut self, kind: i8, payload: &[u8], at: usize) -> Result<(), EncodeError> {
        if kind == value::STREAM {
            let stream = value::reference_id(kind, payload).and_then(|id| self.scope.stream(id));
            let stream = stream.ok_or_else(|| EncodeError::Value("a stream that is not there".to_owned()))?;
            let outgoing = relay::outgoing(stream);
            let payload = outgoing.id.to_le_bytes().to_vec();
            self.edits.push(Edit { at, length: payload.len(), kind, payload });
            self.encoded.streams.push(outgoing);
            return Ok(());
        }
        let thing = value::reference_id(kind, payload).and_then(|id| self.scope.thing(kind, id));
        let thing = thing.ok_or_else(|| EncodeError::Value("a reference to nothing".to_owned()))?;
        let (kind, new) = self.encoded.place(&thing, self.to)?;
        self.edits.push(Edit { at, length: payload.len(), kind, payload: new });
        Ok(())
    }
}

impl Encoded {
    /// How a thing is written for the plugin with this table, as kind and payload: home, if it is the plugin's own;
    /// exported otherwise.
    pub(crate) fn place(
        &mut self,
        thing: &Thing,
        to: &Arc<ExportTable>,
    ) -> Result<(i8, Vec<u8>), EncodeError> {
        if let Thing::Theirs(reference) = thing
            && reference.session_key() == to.session()
        {
            self.holds.push(reference.clone());
            return Ok((value::HOME, reference.id().to_le_bytes().to_vec()));
        }
        let description = thing.description().map_err(EncodeError::Value)?;
        // A plugin names an object in 9 bytes, as often as it likes; the next one is told each time what it is.
        self.described += description.as_ref().map_or(0, Vec::len);
        if limits::MESSAGE < self.described {
            let words = format!("more than {} bytes of what its objects tell of themselves", limits::MESSAGE);
            return Err(EncodeError::Value(words));
        }
        let exported: Exported = to.export(thing)?;
        let kind = if description.is_some() { value::OBJECT } else { value::FUNCTION };
        let mut payload = exported.id().to_le_bytes().to_vec();
        payload.extend(description.unwrap_or_default());
        self.exports.push(exported);
        Ok((kind, payload))
    }
}

/// Copies a value with references of other lengths: whatever they stand in gets a new length as well.
struct Copy<'a> {
    reader: Reader<'a>,
    edits: std::iter::Peekable<std::slice::Iter<'a, Edit>>,
}

impl Copy<'_> {
    /// Recursive, because the scan has bounded the depth.
    fn value(&mut self, out: &mut Vec<u8>) -> Result<(), PackError> {
        let start = self.reader.position();
        let token = self.reader.token()?;
        let elements = match token {
            Token::Array(length) => u64::from(length),
            Token::Map(length) => 2 * u64::from(length),
            Token::Extension(kind, payload) => return self.extension(start, kind, payload, out),
            _ => 0,
        };
        out.extend_from_slice(self.reader.between(start, self.reader.position()));
        (0..elements).try_for_each(|_| self.value(out))
    }

    fn extension(
        &mut self,
        start: usize,
        kind: i8,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), PackError> {
        let end = self.reader.position();
        let at = end - payload.len();
        if let Some(edit) = self.edits.next_if(|edit| edit.at == at) {
            Writer::new(out).extension(edit.kind, &edit.payload);
            return Ok(());
        }
        let Some(offset) = value::value_offset(kind) else {
            out.extend_from_slice(self.reader.between(start, end));
            return Ok(());
        };
        // Its length is filled in afterwards: a payload that is built apart would be copied once for each level around it.
        let head = out.len();
        out.extend([0xc9, 0, 0, 0, 0, kind as u8]);
        out.extend_from_slice(payload.get(..offset).unwrap_or_default());
        self.reader.seek(at + offset);
        self.value(out)?;
        let length = (out.len() - head - 6) as u32;
        if let Some(place) = out.get_mut(head + 1..head + 5) {
            place.copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{Function, Object};
    use crate::{Cx, Date, Thrown, Value};
    use std::collections::HashMap;

    async fn nothing(_: Cx<()>) -> Result<(), Thrown> {
        Ok(())
    }

    fn home(id: u64) -> impl Fn(&mut Writer) {
        move |out: &mut Writer| out.extension(value::HOME, &id.to_le_bytes())
    }

    /// Rewrites what `write` writes for a table where things have the IDs 1, 2, …, and gives the references in order.
    #[track_caller]
    fn check(things: &[(u64, Thing)], write: &dyn Fn(&mut Writer)) -> (Vec<u8>, Vec<(i8, usize)>) {
        let mut bytes = Vec::new();
        write(&mut Writer::new(&mut bytes));
        let scope = Scope::new(HashMap::new(), HashMap::from_iter(things.iter().cloned()));
        let table = ExportTable::new(1, 10);
        let encoded = rewrite(Incoming::new(&bytes, scope, Vec::new()), &table).unwrap();
        let found = scan(&encoded.bytes, &Bounds::default()).unwrap().references;
        let place = |id| encoded.exports.iter().position(|exported| exported.id() == id).unwrap();
        let found = found.iter().map(|reference| (reference.kind, place(reference.id))).collect();
        (encoded.bytes, found)
    }

    #[test]
    fn functions_are_rewritten_in_place() {
        let things = [7, 8].map(|id| (id, Thing::Function(Function::new((), nothing))));
        let write = |out: &mut Writer| {
            out.array(3);
            home(8)(out);
            out.map(1);
            out.text("f");
            let mut list = Vec::new();
            Writer::new(&mut list).array(1);
            home(7)(&mut Writer::new(&mut list));
            out.extension(value::SET, &list);
            home(8)(out);
        };
        let (bytes, found) = check(&things, &write);
        assert_eq!(found, [(value::FUNCTION, 0), (value::FUNCTION, 1), (value::FUNCTION, 0)]);
        let mut before = Vec::new();
        write(&mut Writer::new(&mut before));
        assert_eq!(bytes.len(), before.len());
    }

    #[test]
    fn an_object_makes_room_for_its_description() {
        let counter = Object::builder("Counter", ()).method("add", nothing).build();
        let things = [(3, Thing::Object(counter.clone())), (4, Thing::Function(Function::new((), nothing)))];
        let (bytes, found) = check(&things, &|out: &mut Writer| {
            out.array(2);
            let mut inner = Vec::new();
            let mut list = Writer::new(&mut inner);
            list.array(2);
            list.text("key");
            home(3)(&mut list);
            out.extension(value::MAP, &inner);
            home(4)(out);
        });
        assert_eq!(found, [(value::OBJECT, 0), (value::FUNCTION, 1)]);
        let description = counter.description().unwrap();
        assert!(bytes.windows(description.len()).any(|window| window == description));
    }

    #[test]
    fn what_has_become_too_much_is_refused() {
        let methods = (0..limits::OBJECT_MEMBERS).map(|number| format!("m{number}"));
        let object =
            methods.fold(Object::builder("C", ()), |object, name| object.method(name, nothing)).build();
        let scope = || Scope::new(HashMap::new(), HashMap::from([(3, Thing::Object(object.clone()))]));
        let rewritten = |times: usize| {
            let mut bytes = Vec::new();
            Writer::new(&mut bytes).array(times);
            (0..times).for_each(|_| home(3)(&mut Writer::new(&mut bytes)));
            let encoded = rewrite(Incoming::new(&bytes, scope(), Vec::new()), &ExportTable::new(1, 10));
            encoded.map(|_| ()).map_err(|error| error.to_string())
        };
        // Each stands for itself, its description, the name of its class and its two lists of names.
        let most = limits::NODES / (limits::OBJECT_MEMBERS + 5);
        assert_eq!(rewritten(most), Ok(()));
        assert_eq!(rewritten(most + 1), Err(format!("more than {} elements", limits::NODES)));
    }

    #[test]
    fn an_error_loses_its_references_and_nothing_else() {
        let error = |write: &dyn Fn(&mut Writer)| {
            let (mut bytes, mut payload) = (Vec::new(), Vec::new());
            let mut fields = Writer::new(&mut payload);
            fields.map(2);
            fields.text("retry");
            write(&mut fields);
            fields.text("at");
            fields.extension(value::TIMESTAMP, &value::timestamp(7));
            Writer::new(&mut bytes).extension(value::ERROR, &payload);
            bytes
        };
        let thrown = error(&home(7));
        let stripped = without_references(&thrown);
        assert_eq!(scan(&stripped, &Bounds::default()).unwrap().references, []);
        let expected = Thrown::default().with_field("retry", Value::Undefined).with_field("at", Date(7));
        assert_eq!(Thrown::from_value(&stripped), expected);
        assert_eq!(Thrown::from_value(&thrown), expected);
    }

    #[test]
    fn an_object_that_stands_often_in_a_value_does_not_multiply_it() {
        let method = |number| format!("{number:01024}");
        let builder = (0..256)
            .fold(Object::builder("Large", ()), |builder, number| builder.method(method(number), nothing));
        let things = HashMap::from([(3, Thing::Object(builder.build()))]);
        let mut bytes = Vec::new();
        Writer::new(&mut bytes).array(200);
        (0..200).for_each(|_| home(3)(&mut Writer::new(&mut bytes)));
        let incoming = Incoming::new(&bytes, Scope::new(HashMap::new(), things), Vec::new());
        let table = ExportTable::new(1, 10);
        let error = rewrite(incoming, &table).unwrap_err();
        let words = "more than 33554432 bytes of what its objects tell of themselves";
        assert_eq!((error.to_string().as_str(), table.len()), (words, 0));
    }

    #[test]
    fn what_cannot_be_passed_on_is_refused() {
        let mut bytes = Vec::new();
        Writer::new(&mut bytes).extension(value::STREAM, &[0; 8]);
        let scope = Scope::new(HashMap::new(), HashMap::new());
        let error = rewrite(Incoming::new(&bytes, scope, Vec::new()), &ExportTable::new(1, 10)).unwrap_err();
        assert_eq!(error.to_string(), "a stream that is not there");
    }
}
