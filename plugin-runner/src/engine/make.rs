//! New values.
#![allow(unsafe_code, reason = "every value is made by the engine")]

use super::context;
use super::value::{Js, Value};
use rquickjs::qjs;

/// The classes of error that the language has and that cross to the other side as themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorClass {
    /// `Error`
    Plain,
    /// `TypeError`
    Type,
    /// `RangeError`
    Range,
    /// `ReferenceError`
    Reference,
    /// `SyntaxError`
    Syntax,
    /// `InternalError`, of this engine only.
    Internal,
}

impl Value {
    /// A boolean.
    pub(crate) fn bool(value: bool) -> Value {
        // SAFETY: neither value is counted.
        unsafe { Value::from_raw(if value { qjs::JS_TRUE } else { qjs::JS_FALSE }) }
    }

    /// A number.
    #[inline]
    pub(crate) fn number(value: f64) -> Value {
        // SAFETY: numbers are not counted.
        unsafe { Value::from_raw(qjs::JS_NewFloat64(value)) }
    }

    /// A number, always kept as a float: `-0` stays what it is.
    #[inline]
    pub(crate) fn float(value: f64) -> Value {
        // SAFETY: numbers are not counted.
        unsafe { Value::from_raw(qjs::__JS_NewFloat64(value)) }
    }

    /// A string.
    #[inline]
    pub(crate) fn string(text: &str) -> Js {
        // SAFETY: the text is UTF-8 with a length.
        unsafe {
            Value::from_result(qjs::JS_NewStringLen(
                context(),
                text.as_ptr().cast(),
                text.len() as qjs::size_t,
            ))
        }
    }

    /// An empty object.
    #[inline]
    pub(crate) fn object() -> Js {
        // SAFETY: the engine is alive.
        unsafe { Value::from_result(qjs::JS_NewObject(context())) }
    }

    /// An array of these elements.
    pub(crate) fn array(elements: Vec<Value>) -> Js {
        let raw: Vec<qjs::JSValue> = elements.into_iter().map(Value::into_raw).collect();
        // SAFETY: the engine takes over the counts of all elements, also when it fails.
        unsafe { Value::from_result(qjs::JS_NewArrayFrom(context(), raw.len() as i32, raw.as_ptr())) }
    }

    /// A date, in milliseconds since 1970.
    pub(crate) fn date(milliseconds: f64) -> Js {
        // SAFETY: the engine is alive.
        unsafe { Value::from_result(qjs::JS_NewDate(context(), milliseconds)) }
    }

    /// A plain error without even an empty message, with the stack that is there now.
    pub(crate) fn bare_error() -> Js {
        // SAFETY: the engine is alive.
        unsafe { Value::from_result(qjs::JS_NewError(context())) }
    }

    /// An error without a message, with the stack that is there now.
    pub(crate) fn error(class: ErrorClass) -> Js {
        let empty = c"".as_ptr();
        // SAFETY: the format has no directives, so no arguments are read.
        let raw = unsafe {
            match class {
                ErrorClass::Plain => qjs::JS_NewPlainError(context(), empty),
                ErrorClass::Type => qjs::JS_NewTypeError(context(), empty),
                ErrorClass::Range => qjs::JS_NewRangeError(context(), empty),
                ErrorClass::Reference => qjs::JS_NewReferenceError(context(), empty),
                ErrorClass::Syntax => qjs::JS_NewSyntaxError(context(), empty),
                ErrorClass::Internal => qjs::JS_NewInternalError(context(), empty),
            }
        };
        // SAFETY: the result is owned by the caller.
        unsafe { Value::from_result(raw) }
    }
}
