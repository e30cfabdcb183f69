//! Properties, arrays, functions: what can be done with an object.
#![allow(unsafe_code, reason = "every operation is a call into the engine")]

use super::value::{Js, Thrown, Value};
use super::{Text, context, runtime};
use rquickjs::qjs;
use std::mem::MaybeUninit;
use std::{ptr, slice};

/// A property's name, counted.
pub(crate) struct Atom(qjs::JSAtom);

/// An own property, as it is described: no getter was run.
pub(crate) struct Property {
    /// What it is.
    pub(crate) slot: Slot,
    /// Whether loops see it.
    pub(crate) is_enumerable: bool,
}

/// What a property is.
pub(crate) enum Slot {
    /// A value.
    Data(Value),
    /// A function that gives the value; undefined if it can only be assigned to.
    Getter(Value),
}

/// The names of an object's own enumerable properties, in order.
pub(crate) struct Keys {
    table: *mut qjs::JSPropertyEnum,
    length: u32,
}

/// One of them.
pub(crate) struct Key<'k>(&'k qjs::JSPropertyEnum);

/// An ordinary property, as an assignment makes it.
const ORDINARY: i32 = (qjs::JS_PROP_CONFIGURABLE | qjs::JS_PROP_WRITABLE | qjs::JS_PROP_ENUMERABLE) as i32;

/// A property that loops do not see, such as an error's message.
const HIDDEN: i32 = (qjs::JS_PROP_CONFIGURABLE | qjs::JS_PROP_WRITABLE) as i32;

/// A property that nobody sees in loops or changes.
const FIXED: i32 = 0;

impl Atom {
    /// The name `text`.
    #[inline]
    pub(crate) fn new(text: &str) -> Js<Atom> {
        // SAFETY: the text is UTF-8 with a length.
        let atom = unsafe { qjs::JS_NewAtomLen(context(), text.as_ptr().cast(), text.len() as qjs::size_t) };
        if atom == 0 { Err(Thrown::take()) } else { Ok(Atom(atom)) }
    }

    /// The name that a string or symbol is.
    pub(crate) fn of(value: &Value) -> Js<Atom> {
        // SAFETY: `value` is alive.
        let atom = unsafe { qjs::JS_ValueToAtom(context(), value.raw()) };
        if atom == 0 { Err(Thrown::take()) } else { Ok(Atom(atom)) }
    }
}

impl Drop for Atom {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `self` owns one count.
        unsafe { qjs::JS_FreeAtom(context(), self.0) };
    }
}

impl Keys {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.length as usize
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = Key<'_>> {
        let entries = match self.table.is_null() {
            true => &[],
            // SAFETY: the table has `length` entries and lives as long as `self`.
            false => unsafe { slice::from_raw_parts(self.table, self.len()) },
        };
        entries.iter().map(Key)
    }
}

impl Key<'_> {
    /// As text.
    #[inline]
    pub(crate) fn text(&self) -> Js<Text> {
        let mut length = 0;
        // SAFETY: the atom is alive as long as the table.
        let pointer = unsafe { qjs::JS_AtomToCStringLen(context(), &raw mut length, self.0.atom) };
        // SAFETY: that is what the engine lent.
        unsafe { Text::from_lent(pointer, length as usize) }
    }

    /// As a string.
    pub(crate) fn value(&self) -> Js {
        // SAFETY: the atom is alive as long as the table.
        unsafe { Value::from_result(qjs::JS_AtomToString(context(), self.0.atom)) }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // SAFETY: the engine made the table, with this length, and it is given back once.
        unsafe { qjs::JS_FreePropertyEnum(context(), self.table, self.length) };
    }
}

impl Value {
    /// The property `name`, own or inherited. A getter is run.
    pub(crate) fn get(&self, name: &str) -> Js {
        let atom = Atom::new(name)?;
        // SAFETY: both are alive.
        unsafe { Value::from_result(qjs::JS_GetProperty(context(), self.raw(), atom.0)) }
    }

    /// The own property `name`, if it is there; undefined if it has a getter. No code of a plugin runs, unless the object
    /// is a proxy.
    pub(crate) fn own(&self, name: &str) -> Option<Value> {
        match self.own_property(&Atom::new(name).ok()?).ok()??.slot {
            Slot::Data(value) => Some(value),
            Slot::Getter(_) => Some(Value::UNDEFINED),
        }
    }

    /// The own property with this name, if it is there. No code of a plugin runs, unless the object is a proxy.
    pub(crate) fn own_property(&self, name: &Atom) -> Js<Option<Property>> {
        let mut found = MaybeUninit::<qjs::JSPropertyDescriptor>::uninit();
        // SAFETY: both are alive; the engine fills in the descriptor if it returns 1, and its three counts are ours.
        unsafe {
            match qjs::JS_GetOwnProperty(context(), found.as_mut_ptr(), self.raw(), name.0) {
                1 => {
                    let found = found.assume_init();
                    let [value, getter, _setter] =
                        [found.value, found.getter, found.setter].map(|raw| Value::from_raw(raw));
                    let is = |flag: u32| found.flags & flag as i32 != 0;
                    let slot = if is(qjs::JS_PROP_GETSET) { Slot::Getter(getter) } else { Slot::Data(value) };
                    Ok(Some(Property { slot, is_enumerable: is(qjs::JS_PROP_ENUMERABLE) }))
                }
                0 => Ok(None),
                _ => Err(Thrown::take()),
            }
        }
    }

    /// The property with this name.
    #[inline]
    pub(crate) fn get_key(&self, key: &Key) -> Js {
        // SAFETY: both are alive.
        unsafe { Value::from_result(qjs::JS_GetProperty(context(), self.raw(), key.0.atom)) }
    }

    /// The element `index`.
    #[inline]
    pub(crate) fn get_index(&self, index: u32) -> Js {
        // SAFETY: `self` is alive.
        unsafe { Value::from_result(qjs::JS_GetPropertyUint32(context(), self.raw(), index)) }
    }

    /// The length of an array or of anything that has one.
    pub(crate) fn length(&self) -> Js<i64> {
        let mut length = 0;
        // SAFETY: `self` is alive, and the length is written to a local.
        match unsafe { qjs::JS_GetLength(context(), self.raw(), &raw mut length) } {
            0 => Ok(length),
            _ => Err(Thrown::take()),
        }
    }

    /// The names of its own enumerable properties; symbols are left out.
    pub(crate) fn keys(&self) -> Js<Keys> {
        self.keys_with(qjs::JS_GPN_STRING_MASK | qjs::JS_GPN_ENUM_ONLY)
    }

    /// The names of its own properties, also of those that loops do not see; symbols are left out.
    pub(crate) fn all_keys(&self) -> Js<Keys> {
        self.keys_with(qjs::JS_GPN_STRING_MASK)
    }

    fn keys_with(&self, flags: u32) -> Js<Keys> {
        let mut keys = Keys { table: ptr::null_mut(), length: 0 };
        // SAFETY: `self` is alive; on success the table belongs to `keys`, otherwise it stays null and empty.
        let status = unsafe {
            qjs::JS_GetOwnPropertyNames(
                context(),
                &raw mut keys.table,
                &raw mut keys.length,
                self.raw(),
                flags as i32,
            )
        };
        if status == 0 { Ok(keys) } else { Err(Thrown::take()) }
    }

    /// Defines an ordinary own property. The name `__proto__` is a name like any other.
    #[inline]
    pub(crate) fn define(&self, name: &str, value: Value) -> Js<()> {
        self.define_with(name, value, ORDINARY)
    }

    /// Defines an own property that loops do not see.
    pub(crate) fn define_hidden(&self, name: &str, value: Value) -> Js<()> {
        self.define_with(name, value, HIDDEN)
    }

    /// Defines an own property that nobody can change.
    pub(crate) fn define_fixed(&self, name: &str, value: Value) -> Js<()> {
        self.define_with(name, value, FIXED)
    }

    /// Nothing can be added to it any more.
    pub(crate) fn prevent_extensions(&self) -> Js<()> {
        // SAFETY: `self` is alive.
        match unsafe { qjs::JS_PreventExtensions(context(), self.raw()) } {
            status if status < 0 => Err(Thrown::take()),
            _ => Ok(()),
        }
    }

    /// Gives it another prototype.
    pub(crate) fn set_prototype(&self, prototype: &Value) -> Js<()> {
        // SAFETY: both are alive.
        match unsafe { qjs::JS_SetPrototype(context(), self.raw(), prototype.raw()) } {
            status if status < 0 => Err(Thrown::take()),
            _ => Ok(()),
        }
    }

    #[inline]
    fn define_with(&self, name: &str, value: Value, flags: i32) -> Js<()> {
        let atom = Atom::new(name)?;
        // SAFETY: all are alive; the engine takes over the count of `value`.
        let status =
            unsafe { qjs::JS_DefinePropertyValue(context(), self.raw(), atom.0, value.into_raw(), flags) };
        if status < 0 { Err(Thrown::take()) } else { Ok(()) }
    }

    /// Calls it.
    #[inline]
    pub(crate) fn call(&self, this: &Value, arguments: &[Value]) -> Js {
        let first = arguments.as_ptr().cast::<qjs::JSValue>().cast_mut();
        // SAFETY: all values are alive during the call; `Value` is transparent over the engine's type, and the engine
        // does not change what it is given as constant.
        let result =
            unsafe { qjs::JS_Call(context(), self.raw(), this.raw(), arguments.len() as i32, first) };
        // SAFETY: the result of a call is owned by the caller.
        unsafe { Value::from_result(result) }
    }

    /// Its prototype, or null.
    #[inline]
    pub(crate) fn prototype(&self) -> Js {
        // SAFETY: `self` is alive.
        unsafe { Value::from_result(qjs::JS_GetPrototype(context(), self.raw())) }
    }

    /// The engine's number for its kind of object; 0 for what is not an object.
    #[inline]
    pub(crate) fn class(&self) -> u32 {
        // SAFETY: `self` is alive.
        unsafe { qjs::JS_GetClassID(self.raw()) }
    }

    /// The engine's name of its kind of object, which no plugin can change; empty for what is not an object.
    pub(crate) fn class_name(&self) -> Js<String> {
        if self.is_proxy() {
            // The engine itself calls it an object.
            return Ok("Proxy".to_owned());
        }
        // SAFETY: the class is registered, since there is an object of it; the atom belongs to us.
        let atom = unsafe { qjs::JS_GetClassName(runtime(), self.class()) };
        if atom == 0 {
            return Ok(String::new());
        }
        let atom = Atom(atom);
        // SAFETY: the atom is alive, and the string belongs to us.
        let name = unsafe { Value::from_result(qjs::JS_AtomToString(context(), atom.0)) }?;
        Ok(name.text()?.to_str().into_owned())
    }

    /// Whether it is a proxy.
    pub(crate) fn is_proxy(&self) -> bool {
        // SAFETY: `self` is alive.
        unsafe { qjs::JS_IsProxy(self.raw()) }
    }

    /// Whether it can be called.
    #[inline]
    pub(crate) fn is_function(&self) -> bool {
        // SAFETY: `self` is alive.
        unsafe { qjs::JS_IsFunction(context(), self.raw()) }
    }

    /// Whether it is a real array (a proxy of one is not).
    #[inline]
    pub(crate) fn is_array(&self) -> bool {
        // SAFETY: `self` is alive.
        unsafe { qjs::JS_IsArray(self.raw()) }
    }

    /// Whether it is a real error, whatever its prototype says.
    pub(crate) fn is_error(&self) -> bool {
        // SAFETY: `self` is alive.
        unsafe { qjs::JS_IsError(self.raw()) }
    }

    /// Whether it is a date.
    pub(crate) fn is_date(&self) -> bool {
        // SAFETY: `self` is alive.
        unsafe { qjs::JS_IsDate(self.raw()) }
    }
}
