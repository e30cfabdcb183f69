//! An owned JavaScript value.
#![allow(unsafe_code, reason = "reference counts of the engine")]

use super::context;
use plughold_protocol::limits;
use rquickjs::qjs;
use std::mem::ManuallyDrop;

/// A value of this thread's engine, counted: dropping it gives it back.
#[repr(transparent)]
pub(crate) struct Value(qjs::JSValue);

/// Something that JavaScript threw.
#[derive(Clone)]
pub(crate) struct Thrown(pub(crate) Value);

/// What running JavaScript gives.
pub(crate) type Js<T = Value> = Result<T, Thrown>;

/// What a value is, with the value of what is not counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// `undefined`, also what JavaScript never sees (uninitialised slots).
    Undefined,
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number that the engine keeps as an integer.
    Int(i32),
    /// Any other number.
    Float(f64),
    /// A string.
    String,
    /// A BigInt.
    BigInt,
    /// A symbol.
    Symbol,
    /// An object or function.
    Object,
}

impl Value {
    /// `undefined`
    pub(crate) const UNDEFINED: Value = Value(qjs::JS_UNDEFINED);

    /// `null`
    pub(crate) const NULL: Value = Value(qjs::JS_NULL);

    /// Takes over a value from the engine.
    ///
    /// # Safety
    /// `raw` is a value of this thread's engine, not the mark of an exception, and the caller owns one count of it.
    #[inline]
    pub(super) unsafe fn from_raw(raw: qjs::JSValue) -> Value {
        Value(raw)
    }

    /// Takes over what a function of the engine returned: a value, or the mark that it threw.
    ///
    /// # Safety
    /// As for [`Value::from_raw`], except that the mark of an exception is allowed.
    #[inline]
    pub(super) unsafe fn from_result(raw: qjs::JSValue) -> Js {
        // SAFETY: the tag can always be read.
        if unsafe { qjs::JS_IsException(raw) } {
            return Err(Thrown::take());
        }
        Ok(Value(raw))
    }

    /// Sees a value that somebody else owns.
    ///
    /// # Safety
    /// `raw` is a value of this thread's engine that stays alive as long as the result is used.
    #[inline]
    pub(super) unsafe fn borrowed(raw: qjs::JSValue) -> ManuallyDrop<Value> {
        ManuallyDrop::new(Value(raw))
    }

    /// Sees values that somebody else owns.
    ///
    /// # Safety
    /// `first` points to `count` values of this thread's engine that stay alive as long as the result is used.
    #[inline]
    pub(super) unsafe fn borrowed_slice<'a>(first: *const qjs::JSValue, count: usize) -> &'a [Value] {
        if count == 0 {
            return &[];
        }
        // SAFETY: `Value` is transparent over the engine's type, and the caller vouches for the rest.
        unsafe { std::slice::from_raw_parts(first.cast::<Value>(), count) }
    }

    /// The engine's own form, still owned by `self`.
    #[inline]
    pub(super) fn raw(&self) -> qjs::JSValue {
        self.0
    }

    /// The engine's own form, with its count.
    #[inline]
    pub(super) fn into_raw(self) -> qjs::JSValue {
        ManuallyDrop::new(self).0
    }

    /// What it is.
    #[inline]
    pub(crate) fn kind(&self) -> Kind {
        // SAFETY: each field of the union is read only when the tag says that it is the one in use.
        unsafe {
            match qjs::JS_VALUE_GET_TAG(self.0) {
                qjs::JS_TAG_NULL => Kind::Null,
                qjs::JS_TAG_BOOL => Kind::Bool(qjs::JS_VALUE_GET_BOOL(self.0)),
                qjs::JS_TAG_INT => Kind::Int(qjs::JS_VALUE_GET_INT(self.0)),
                qjs::JS_TAG_STRING | qjs::JS_TAG_STRING_ROPE => Kind::String,
                qjs::JS_TAG_BIG_INT | qjs::JS_TAG_SHORT_BIG_INT => Kind::BigInt,
                qjs::JS_TAG_SYMBOL => Kind::Symbol,
                qjs::JS_TAG_OBJECT => Kind::Object,
                tag if qjs::JS_TAG_IS_FLOAT64(tag) => Kind::Float(qjs::JS_VALUE_GET_FLOAT64(self.0)),
                _ => Kind::Undefined,
            }
        }
    }

    /// Whether it is `undefined`.
    pub(crate) fn is_undefined(&self) -> bool {
        self.kind() == Kind::Undefined
    }

    /// Whether it is an object or function.
    pub(crate) fn is_object(&self) -> bool {
        self.kind() == Kind::Object
    }

    /// The number, if it is one.
    pub(crate) fn as_number(&self) -> Option<f64> {
        match self.kind() {
            Kind::Int(number) => Some(f64::from(number)),
            Kind::Float(number) => Some(number),
            _ => None,
        }
    }

    /// Where an object lives: two objects are the same if this is. 0 for what is not an object.
    #[inline]
    pub(crate) fn address(&self) -> usize {
        // SAFETY: an object's pointer is read only if the value is one.
        if self.is_object() { unsafe { qjs::JS_VALUE_GET_PTR(self.0) as usize } } else { 0 }
    }
}

impl Clone for Value {
    fn clone(&self) -> Value {
        // SAFETY: `self` is alive, and the new count belongs to the result.
        Value(unsafe { qjs::JS_DupValue(context(), self.0) })
    }
}

impl Drop for Value {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `self` owns one count, and the engine of its thread lives until the process ends.
        unsafe {
            if qjs::JS_VALUE_HAS_REF_COUNT(self.0) {
                qjs::JS_FreeValue(context(), self.0);
            }
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}", self.kind())
    }
}

impl Thrown {
    /// What was thrown last; `undefined` if nothing was.
    pub(super) fn take() -> Thrown {
        // SAFETY: the engine is alive; it hands over its exception with its count.
        let raw = unsafe { qjs::JS_GetException(context()) };
        // SAFETY: an empty slot is an uninitialised value, which counts as undefined.
        Thrown(unsafe { Value::from_raw(raw) })
    }

    /// Throws it in the engine and gives the mark that a native function returns.
    pub(super) fn raise(self) -> qjs::JSValue {
        // SAFETY: the engine is alive and takes over the count.
        unsafe { qjs::JS_Throw(context(), self.0.into_raw()) }
    }

    /// Whether it looks like the engine's report that there is no memory: `null`, if there was none even for an error. A
    /// plugin can throw the same.
    pub(crate) fn is_out_of_memory(&self) -> bool {
        match self.0.kind() {
            Kind::Null => true,
            _ if !self.0.is_error() => false,
            _ => {
                let message = self.0.own("message").and_then(|message| message.as_string(limits::NAME));
                message.as_deref() == Some("out of memory")
            }
        }
    }

    /// Whether the host stopped the turn: no `catch` of the plugin has seen this.
    pub(crate) fn is_interrupt(&self) -> bool {
        // SAFETY: the value is alive.
        unsafe { qjs::JS_IsUncatchableError(self.0.raw()) }
    }
}
