//! Properties of the global object that make their value when they are first used.
//!
//! Making them is part of every runner's start, so getter and setter are one native function.
#![allow(unsafe_code, reason = "the engine calls C functions with raw arguments")]

use super::context;
use super::function::{answer, new_function};
use super::value::{Js, Thrown, Value};
use crate::session::session;
use rquickjs::qjs;
use std::ffi::{CString, c_int};

/// Defines the global `name`, whose reads and writes go to [`Kit::access`](crate::kit::Kit::access) with `number`; gives
/// the function that does it.
pub(crate) fn define_global(name: &str, number: usize) -> Js {
    let function = new_function(run_access, &CString::new(name).unwrap_or_default(), 0, number)?;
    let flags = qjs::JS_PROP_CONFIGURABLE as i32;
    // SAFETY: the text has a length, the atom is freed once, and the engine takes over both counts of the function.
    let status = unsafe {
        let global = Value::from_raw(qjs::JS_GetGlobalObject(context()));
        let atom = qjs::JS_NewAtomLen(context(), name.as_ptr().cast(), name.len() as qjs::size_t);
        let (getter, setter) = (function.clone().into_raw(), function.clone().into_raw());
        let status = qjs::JS_DefinePropertyGetSet(context(), global.raw(), atom, getter, setter, flags);
        qjs::JS_FreeAtom(context(), atom);
        status
    };
    if status < 0 { Err(Thrown::take()) } else { Ok(function) }
}

/// A getter is called without arguments, a setter with one.
unsafe extern "C" fn run_access(
    _context: *mut qjs::JSContext,
    this: qjs::JSValue,
    count: c_int,
    first: *mut qjs::JSValue,
    number: c_int,
) -> qjs::JSValue {
    // SAFETY: the engine passes its receiver and `count` values, which live during the call.
    let (this, arguments) = unsafe { (Value::borrowed(this), Value::borrowed_slice(first, count as usize)) };
    answer(session().map_or(Ok(Value::UNDEFINED), |session| {
        session.kit.access(number as usize, &this, arguments.first())
    }))
}
