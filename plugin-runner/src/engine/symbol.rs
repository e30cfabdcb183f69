//! Properties whose names are symbols.
#![allow(unsafe_code, reason = "every operation is a call into the engine")]

use super::context;
use super::value::{Js, Thrown, Value};
use rquickjs::qjs;
use std::ptr;

/// A symbol as the name of properties, counted.
pub(crate) struct Symbol(qjs::JSAtom);

impl Symbol {
    /// The name that this symbol is.
    pub(crate) fn of(symbol: &Value) -> Js<Symbol> {
        // SAFETY: the value is alive, and the count of the result belongs to us.
        let atom = unsafe { qjs::JS_ValueToAtom(context(), symbol.raw()) };
        if atom == 0 { Err(Thrown::take()) } else { Ok(Symbol(atom)) }
    }
}

impl Drop for Symbol {
    fn drop(&mut self) {
        // SAFETY: `self` owns one count.
        unsafe { qjs::JS_FreeAtom(context(), self.0) };
    }
}

impl Value {
    /// The property with this name, own or inherited. A getter is run.
    pub(crate) fn get_symbol(&self, name: &Symbol) -> Js {
        // SAFETY: both are alive.
        unsafe { Value::from_result(qjs::JS_GetProperty(context(), self.raw(), name.0)) }
    }

    /// Whether an object has an own property with this name. No code of a plugin runs, unless it is a proxy.
    #[inline]
    pub(crate) fn has_own_symbol(&self, name: &Symbol) -> Js<bool> {
        // SAFETY: both are alive; without a place for it the engine describes nothing.
        match unsafe { qjs::JS_GetOwnProperty(context(), ptr::null_mut(), self.raw(), name.0) } {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Thrown::take()),
        }
    }
}
